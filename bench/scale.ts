/**
 * One repository as it grows: deposits of 5 KB over HTTP by eight clients, from seeded people, up to SCALE_DOCUMENTS (20,000; a million takes some hours). At a tenth and at the whole
 * of it: the rate of deposits, reads by id anywhere in it, searches by a name on the start page, how long a start takes, bytes for each document; at the end `audit`
 * and `backup` beside a plain copy of the same file.
 */
import { execFile } from "node:child_process";
import { copyFile, mkdtemp, rm, stat } from "node:fs/promises";
import { Agent } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { Random } from "../test/contracts/random.ts";
import { documentMaker } from "./documents.ts";
import { deposited, get, startService } from "./load.ts";
import { measure, type Measured } from "./measure.ts";
import { telling, type Report } from "./report.ts";
import { caughtUp } from "./search-steady.ts";

const DOCUMENTS = Number(process.env["SCALE_DOCUMENTS"] ?? 20_000);
const BYTES = 5_000;
const CLIENTS = 8;
/** The rate is that of the newest so many deposits. */
const RATED = 2_000;
const ASKED = 500;
const SEED = 20_260_314;
const LONGEST = 24 * 3_600_000;
const PROGRAM = join(import.meta.dirname, "../bin/chartulary.js");
const execute = promisify(execFile);
const tell = telling("scale");
const SYLLABLES = ["ka", "lo", "mer", "di", "san", "to", "vel", "ri", "nu", "ber", "ge", "hol", "mi", "tas", "ro", "win"];

/** What is asked of a repository of one size. */
interface Stage {
  readonly documents: number;
  readonly deposits: Measured;
  readonly reads: Measured;
  readonly searches: Measured;
  /** Milliseconds until the service answers its address. */
  readonly start: number;
  readonly recordBytes: number;
  readonly indexBytes: number;
}

export async function run(): Promise<Report> {
  const folder = await mkdtemp(join(tmpdir(), "chartulary-scale-"));
  try {
    const people = new Random(SEED);
    const ids: string[] = [];
    const small = await stageOf(folder, Math.ceil(DOCUMENTS / 10), people, ids);
    const whole = await stageOf(folder, DOCUMENTS, people, ids);
    const kept = await keptBy(folder);
    return reportOf([small, whole], kept);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function stageOf(folder: string, size: number, people: Random, ids: string[]): Promise<Stage> {
  const agent = new Agent({ keepAlive: true });
  tell(`deposits up to ${size} documents`);
  const filling = await startService(folder);
  const make = documentMaker(BYTES);
  const one = async (): Promise<void> => void ids.push(await deposit(filling.port, agent, personal(make(), people)));
  const before = Math.max(0, size - ids.length - RATED);
  await measure(one, { count: before, width: CLIENTS, longest: LONGEST });
  const deposits = await measure(one, { count: size - ids.length, width: CLIENTS, longest: LONGEST });
  tell("the index catches up");
  await caughtUp(filling.port);
  await filling.stop();
  tell("a start, reads and searches");

  const begun = performance.now();
  const { port, stop } = await startService(folder);
  const start = performance.now() - begun;
  const anyId = (): string => people.one(ids);
  const alone = { count: ASKED, width: 1, longest: LONGEST };
  const reads = await measure(() => get(port, agent, `/fhir/Binary/${anyId()}`).then(() => undefined), alone);
  const searches = await measure(() => get(port, agent, `/?q=${nameOf(people)}`).then(() => undefined), alone);
  agent.destroy();
  await stop();
  const [recordBytes, indexBytes] = await Promise.all(["chartulary.db", "index.db"].map(async (name) => (await stat(join(folder, name))).size));
  return { documents: ids.length, deposits, reads, searches, start, recordBytes: recordBytes ?? 0, indexBytes: indexBytes ?? 0 };
}

/** How long the operator's commands take upon it, in milliseconds. */
async function keptBy(folder: string): Promise<{ readonly audit: number; readonly backup: number; readonly copy: number; readonly bytes: number }> {
  const beside = `${folder}-beside`;
  const command = (...given: string[]): Promise<unknown> =>
    execute(process.execPath, [PROGRAM, ...given], {
      env: { ...process.env, MONGODB_URL: "", DATA_DIR: folder, LOG_LEVEL: "error" },
      maxBuffer: 1 << 26,
    });
  tell("audit, backup and a plain copy");
  const timed = async (work: () => Promise<unknown>): Promise<number> => {
    const begun = performance.now();
    await work();
    return performance.now() - begun;
  };
  try {
    const audit = await timed(() => command("audit", "--json"));
    const backup = await timed(() => command("backup", beside, "--json"));
    const database = join(folder, "chartulary.db");
    const copy = await timed(() => copyFile(database, join(beside, "copy.db")));
    return { audit, backup, copy, bytes: (await stat(database)).size };
  } finally {
    await rm(beside, { recursive: true, force: true });
  }
}

function reportOf(stages: readonly Stage[], { audit, backup, copy, bytes }: Awaited<ReturnType<typeof keptBy>>): Report {
  const whole = stages.at(-1);
  const documents = whole?.documents ?? 0;
  const ratio = (stages[1]?.deposits.perSecond ?? 0) / (stages[0]?.deposits.perSecond ?? 1);
  return {
    tables: [
      {
        title: `A repository as it grows: ${CLIENTS} clients deposit 5 KB, one asks`,
        columns: [
          "documents",
          "deposits a second",
          "read p50 ms",
          "p99",
          "start page search p50 ms",
          "p99",
          "start ms",
          "record B/document",
          "index B/document",
        ],
        rows: stages.map(({ documents: count, deposits, reads, searches, start, recordBytes, indexBytes }) => [
          count,
          deposits.perSecond,
          reads.median,
          reads.p99,
          searches.median,
          searches.p99,
          start,
          recordBytes / count,
          indexBytes / count,
        ]),
      },
      {
        title: "The operator's commands upon the whole of it, as processes of their own",
        columns: ["command", "seconds", "documents a second", "MB a second"],
        rows: [
          ["audit", audit / 1000, documents / (audit / 1000), bytes / 1000 / audit],
          ["backup", backup / 1000, documents / (backup / 1000), bytes / 1000 / backup],
          ["a plain copy of the file", copy / 1000, documents / (copy / 1000), bytes / 1000 / copy],
        ],
      },
    ],
    figures: {
      documents,
      deposits_perSecond: whole?.deposits.perSecond ?? 0,
      deposits_ratio: ratio,
      read_p99_Ms: whole?.reads.p99 ?? 0,
      search_p99_Ms: whole?.searches.p99 ?? 0,
      start_Ms: whole?.start ?? 0,
      record_Bytes: (whole?.recordBytes ?? 0) / documents,
      index_Bytes: (whole?.indexBytes ?? 0) / documents,
      audit_perSecond: documents / (audit / 1000),
      backup_Ms: backup,
      copy_Ms: copy,
    },
  };
}

/** Deposits one document and gives its id. */
async function deposit(port: number, agent: Agent, body: Uint8Array): Promise<string> {
  const location = await deposited(port, agent, body);
  const id = /\/Bundle\/([^/]+)/.exec(location)?.[1];
  if (id === undefined) throw new Error(`a deposit was answered without its id: ${location}`);
  return id;
}

/** The document of somebody else: four thousand family names, as many given ones. */
function personal(document: Uint8Array, people: Random): Uint8Array {
  const [family, given] = [nameOf(people), nameOf(people)];
  return Buffer.from(Buffer.from(document).toString("utf8").replaceAll("Brandt", family).replaceAll("Ada", given));
}

function nameOf(people: Random): string {
  const name = [1, 2, 3].map(() => people.one(SYLLABLES)).join("");
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}
