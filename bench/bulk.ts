/**
 * A bulk export of the real program: as many documents a second as it gives, beside what the store reads raw (each document's proof and content fetched, held against the log, decrypted and inflated, in this process,
 * one thing after the other), and how its memory grows meanwhile. BULK_COUNT: documents (100,000); BULK_BYTES: bytes of each (5,000). Times on a machine that does something else say little: processor time stands beside them.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { readFileSync } from "node:fs";
import { Agent } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { openKeyFolder } from "../src/adapters/keys/key-folder.ts";
import { openSqlite } from "../src/adapters/sqlite/open.ts";
import { EntriesInLog } from "../src/pipeline/log/entries-in-log.ts";
import { fetchOriginal } from "../src/pipeline/fetch.ts";
import { createDocumentKeys } from "../src/pipeline/store/document-keys.ts";
import { documentMaker } from "./documents.ts";
import { post, startService } from "./load.ts";
import { measure } from "./measure.ts";
import { processorTime } from "./processor-time.ts";
import { telling, type Report } from "./report.ts";

const COUNT = Number(process.env["BULK_COUNT"] ?? 100_000);
const BYTES = Number(process.env["BULK_BYTES"] ?? 5_000);
const CLIENTS = 8;
const LOOK = 100;
/** Exported before, so that threads are warm and memory is what a service has that works. */
const WARM_UP = "/fhir/$export?_type=Bundle&_until=2000-01-01T00:00:00Z";
const tell = telling("bulk");

interface Exported {
  readonly elapsed: number;
  readonly processor: number;
  /** Bytes beyond what it had at the beginning, at most. */
  readonly growth: number;
  readonly lines: number;
}

export async function run(): Promise<Report> {
  const folder = await mkdtemp(join(tmpdir(), "chartulary-bulk-"));
  try {
    const service = await startService(folder, { XML_SEALS: "0", RATE_LIMIT: "0" });
    tell(`${COUNT} documents of ${BYTES} bytes are deposited`);
    const make = documentMaker(BYTES);
    const agent = new Agent({ keepAlive: true });
    await measure(() => post(service.port, agent, make()), { count: COUNT, width: CLIENTS, longest: Infinity });
    agent.destroy();
    await exported(service, WARM_UP);
    tell("documents are exported");
    const bundles = await exported(service, "/fhir/$export?_type=Bundle");
    tell("documents and what is known of each are exported");
    const both = await exported(service, "/fhir/$export");
    await service.stop();
    tell("documents are read raw");
    const raw = await readRaw(folder);
    const rate = (elapsed: number): number => (COUNT * 1000) / elapsed;
    const row = (name: string, { elapsed, processor, growth }: Omit<Exported, "lines">): (string | number)[] => [name, rate(elapsed), elapsed / COUNT, processor / COUNT, growth / 1e6]; // prettier-ignore
    return {
      tables: [
        {
          title: `${COUNT} documents of ${BYTES} bytes exported`,
          columns: ["what", "per second", "ms each", "processor ms each", "memory more, MB"],
          rows: [row("read raw", { ...raw, growth: 0 }), row("Bundle", bundles), row("Bundle and DocumentReference", both)],
        },
      ],
      figures: {
        bulk_export_perSecond: rate(bundles.elapsed),
        bulk_export_both_perSecond: rate(both.elapsed),
        bulk_raw_perSecond: rate(raw.elapsed),
        bulk_export_shareOfRaw: raw.elapsed / bundles.elapsed,
        bulk_export_processorMs: bundles.processor / COUNT,
        bulk_raw_processorMs: raw.processor / COUNT,
        bulk_export_growthBytes: bundles.growth,
      },
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function exported({ port, pid }: { readonly port: number; readonly pid: number }, path: string): Promise<Exported> {
  const before = { memory: memoryOf(pid), processor: processorTime([pid]) ?? 0, at: performance.now() };
  const begun = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { Prefer: "respond-async" } });
  if (begun.status !== 202) throw new Error(`the export was answered with ${begun.status}: ${await begun.text()}`);
  const status = new URL(begun.headers.get("content-location") ?? "").pathname;
  for (let most = before.memory, asked = 0; ; asked++) {
    await sleep(LOOK);
    most = Math.max(most, memoryOf(pid));
    // Nobody asks more often than twice a second.
    if (asked % 10 !== 0) continue;
    const answer = await fetch(`http://127.0.0.1:${port}${status}`);
    if (answer.status === 202 || answer.status === 429) continue;
    const text = await answer.text();
    if (answer.status !== 200) throw new Error(`the export failed with ${answer.status}: ${text}`);
    const { output } = JSON.parse(text) as { readonly output: readonly { readonly count: number }[] };
    return {
      elapsed: performance.now() - before.at,
      processor: (processorTime([pid]) ?? 0) - before.processor,
      growth: most - before.memory,
      lines: output.reduce((sum, { count }) => sum + count, 0),
    };
  }
}

async function readRaw(folder: string): Promise<Pick<Exported, "elapsed" | "processor">> {
  const keys = await openKeyFolder(join(folder, "keys"));
  const { store, wrappedKeys } = await openSqlite(join(folder, "chartulary.db"));
  const documentKeys = createDocumentKeys(keys, wrappedKeys);
  const inLog = new EntriesInLog({ logs: keys, store });
  const before = { processor: processorTime([process.pid]) ?? 0, at: performance.now() };
  const size = (await store.checkpoint())?.size ?? 0;
  for (let from = 0; from < size;) {
    const entries = await store.entries(from, 500);
    for (const { id, kind } of entries) if (kind === "deposit") await fetchOriginal(id, { store, documentKeys, inLog });
    from += entries.length;
  }
  const measured = { elapsed: performance.now() - before.at, processor: (processorTime([process.pid]) ?? 0) - before.processor };
  await store.close();
  return measured;
}

/** Resident, in bytes (Linux). */
function memoryOf(pid: number): number {
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) * 1024;
}
