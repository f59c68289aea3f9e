/**
 * Bulk import against deposits over HTTP: the same kind of documents by eight clients that wait for their answers, and as lines of one upload, in turns. How many a second, what one costs of processors, how far memory grows, and how
 * long somebody else's deposit waits while an import runs.
 */
import { Agent } from "node:http";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { documentMaker } from "./documents.ts";
import { post, startService } from "./load.ts";
import { measure, spread } from "./measure.ts";
import { processorTime } from "./processor-time.ts";
import { telling, type Report } from "./report.ts";

const DOCUMENTS = Number(process.env["BULK_DOCUMENTS"] ?? 2_000);
const BYTES = 5_000;
const WIDTH = 8;
const ROUNDS = 2;
const WARM_UP = 150;
const LONGEST = 3_600_000;
/** How often it is asked whether an import is done, in milliseconds: seldom enough that it costs nothing. */
const LOOK = 500;

interface Round {
  readonly perSecond: number;
  /** Milliseconds of processors for one document. */
  readonly processor: number;
}

export async function run(): Promise<Report> {
  const tell = telling("bulk-import");
  const folder = await mkdtemp(join(tmpdir(), "chartulary-bulk-"));
  const { port, pid, stop } = await startService(folder, { XML_SEALS: "0" });
  const agent = new Agent({ keepAlive: true });
  try {
    const make = documentMaker(BYTES);
    const timed = async (count: number, work: () => Promise<void>): Promise<Round> => {
      const [begun, used] = [performance.now(), processorTime([pid]) ?? 0];
      await work();
      const elapsed = performance.now() - begun;
      return { perSecond: (count / elapsed) * 1_000, processor: ((processorTime([pid]) ?? 0) - used) / count };
    };
    const deposits = (count: number): Promise<Round> => {
      const documents = Array.from({ length: count }, make);
      return timed(count, async () => {
        await measure((number) => post(port, agent, documents[number] ?? make()), { count, width: WIDTH, longest: LONGEST });
      });
    };
    const imported = (lines: Buffer, count: number): Promise<Round> => timed(count, async () => doneAt(await begin(port, lines)));
    await deposits(WARM_UP);
    await imported(linesOf(WARM_UP, make), WARM_UP);
    const rounds: { readonly deposits: Round; readonly imported: Round }[] = [];
    for (let number = 0; number < ROUNDS; number++) {
      tell(`round ${number + 1} of ${ROUNDS}: ${DOCUMENTS} deposits, and as many lines`);
      rounds.push({ deposits: await deposits(DOCUMENTS), imported: await imported(linesOf(DOCUMENTS, make), DOCUMENTS) });
    }
    tell("deposits of somebody else while an import runs");
    const alone = await waits(port, agent, make, 50);
    const status = await begin(port, linesOf(DOCUMENTS, make));
    const beside = await waits(port, agent, make, 50);
    await doneAt(status);
    tell("the same lines again");
    const lines = linesOf(DOCUMENTS, make);
    await imported(lines, DOCUMENTS);
    const resident = residentOf(pid);
    const again = await imported(lines, DOCUMENTS);
    const of = (which: "deposits" | "imported"): Round => ({
      perSecond: Math.max(...rounds.map((round) => round[which].perSecond)),
      processor: Math.min(...rounds.map((round) => round[which].processor)),
    });
    const [deposited, importing] = [of("deposits"), of("imported")];
    const figures = {
      documents: DOCUMENTS,
      deposit_perSecond: deposited.perSecond,
      import_perSecond: importing.perSecond,
      import_share: importing.perSecond / deposited.perSecond,
      deposit_processorMs: deposited.processor,
      import_processorMs: importing.processor,
      repeat_perSecond: again.perSecond,
      alone_p50_Ms: alone.median,
      beside_p50_Ms: beside.median,
      beside_slowest_Ms: beside.slowest,
      resident_MB: resident,
      residentAfterRepeats_MB: residentOf(pid),
    };
    return {
      tables: [{ title: `${DOCUMENTS} documents of 5 KB, by themselves and as lines`, columns: ["what", "value"], rows: Object.entries(figures) }],
      figures,
    };
  } finally {
    agent.destroy();
    await stop();
    await rm(folder, { recursive: true, force: true });
  }
}

function linesOf(count: number, make: () => Uint8Array): Buffer {
  const lines = Array.from({ length: count }, () => Buffer.from(make()).toString("utf8").replace(/\n\s*/g, ""));
  return Buffer.from(lines.join("\n"));
}

/** Begins an import; gives where it is told how it stands. */
async function begin(port: number, lines: Buffer): Promise<string> {
  const headers = { "Content-Type": "application/fhir+ndjson", Prefer: "respond-async" };
  const answer = await fetch(`http://127.0.0.1:${port}/fhir/$import`, { method: "POST", headers, body: lines as unknown as BodyInit });
  const status = answer.headers.get("content-location");
  if (answer.status !== 202 || status === null) throw new Error(`$import was answered with ${answer.status}`);
  return status;
}

async function doneAt(status: string): Promise<void> {
  for (;;) {
    const answer = await fetch(status);
    if (answer.status === 200) {
      const { error } = (await answer.json()) as { readonly error: readonly unknown[] };
      if (error.length > 0) throw new Error("a document of the benchmark was refused");
      return;
    }
    if (answer.status !== 202 && answer.status !== 429) throw new Error(`an import ended with ${answer.status}`);
    await sleep(LOOK);
  }
}

/** How long deposits wait, one after the other. */
async function waits(port: number, agent: Agent, make: () => Uint8Array, count: number): Promise<ReturnType<typeof spread>> {
  const times: number[] = [];
  for (let number = 0; number < count; number++) {
    const begun = performance.now();
    await post(port, agent, make());
    times.push(performance.now() - begun);
  }
  return spread(times);
}

/** Megabytes; 0 where the system does not tell (Linux does). */
function residentOf(pid: number): number {
  try {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1_024;
  } catch {
    return 0;
  }
}
