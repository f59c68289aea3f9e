/** The service under deposits at full speed over HTTP, in a process of its own: how many it takes a second, and how long its `/healthz` waits meanwhile. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { WORK_LIMITS } from "../src/pipeline/work/limits.ts";
import { documentMaker, withPhotograph } from "./documents.ts";
import { measure, spread, type Measured } from "./measure.ts";
import type { Table } from "./report.ts";

const ROOT = join(import.meta.dirname, "..");
const LOADS = [
  { name: "5 KB", bytes: 5_000, width: 8, count: 3_000 },
  { name: "120 KB", bytes: 120_000, width: 8, count: 1_000 },
  { name: "250 KB", bytes: 250_000, width: 8, count: 400 },
  { name: "5 MB", bytes: 5_000_000, width: 4, count: 30 },
  { name: "48 MB", bytes: 48_000_000, width: 2, count: 4 },
];
/** Larger documents are large by what is attached to them. */
const DENSE = 5_000_000;
const LONGEST = 10_000;
/** Threads begin cold: `docs/design/work.md`. */
const WARM_UP = 150;
/** Documents that are sent again. */
const REPEATS = 10;
const PAUSE_WHEN_BUSY = 1_000;

/** Adds its figures to `figures`. */
export async function measureLoad(figures: Record<string, number>): Promise<Table> {
  const folder = await mkdtemp(join(tmpdir(), "chartulary-load-"));
  const { port, stop } = await startService(folder);
  const rows: (string | number)[][] = [];
  try {
    for (const { name, bytes, width, count } of LOADS) {
      const { deposits, repeats, health } = await loadWith(port, { bytes, width, count });
      const { perSecond, median } = deposits;
      rows.push([name, width, deposits.count, perSecond, median, repeats.median, health.median, health.p99, health.slowest]);
      const prefix = `load_${bytes / 1000}k`;
      Object.assign(figures, {
        [`${prefix}_perSecond`]: perSecond,
        [`${prefix}_repeat_p50_Ms`]: repeats.median,
        [`${prefix}_health_p99_Ms`]: health.p99,
        [`${prefix}_health_max_Ms`]: health.slowest,
      });
    }
  } finally {
    await stop();
    await rm(folder, { recursive: true, force: true });
  }
  return {
    title: `Deposits over HTTP, and /healthz meanwhile (in workers above ${WORK_LIMITS.inlineBytes} bytes)`,
    columns: ["document", "at a time", "deposits", "per second", "p50 ms", "a repeat, alone, p50 ms", "healthz p50 ms", "p99 ms", "slowest ms"],
    rows,
  };
}

async function loadWith(
  port: number,
  { bytes, width, count }: { readonly bytes: number; readonly width: number; readonly count: number },
): Promise<{ readonly deposits: Measured; readonly repeats: Measured; readonly health: ReturnType<typeof spread> }> {
  const dense = documentMaker(Math.min(bytes, DENSE));
  const make = bytes > DENSE ? withPhotograph(dense, bytes) : dense;
  const agent = new Agent({ keepAlive: true });
  await measure(() => post(port, agent, make()), { count: Math.min(WARM_UP, Math.ceil(count / 2)), width, longest: LONGEST });
  const documents = Array.from({ length: count }, make);
  const probe = new Worker(new URL("./health-probe.ts", import.meta.url), { workerData: { port } });
  await once(probe, "online");
  try {
    const deposits = await measure((number) => post(port, agent, documents[number] ?? make()), { count, width, longest: LONGEST });
    probe.postMessage("over");
    const [times] = (await once(probe, "message")) as [number[]];
    const repeats = await measure((number) => post(port, agent, documents[number] ?? make(), 200), {
      count: Math.min(deposits.count, REPEATS),
      width: 1,
      longest: LONGEST,
    });
    return { deposits, repeats, health: spread(times) };
  } finally {
    await probe.terminate();
    agent.destroy();
  }
}

/** Deposits one document, which is new (201) or not (200), and gives where it is; tries again when the service says that it is busy, as a sender does. */
export async function deposited(port: number, agent: Agent, body: Uint8Array, expected: 200 | 201 = 201): Promise<string> {
  const headers = { "Content-Type": "application/fhir+json", "Content-Length": body.length };
  for (;;) {
    const { statusCode, location = "" } = await new Promise<{ statusCode: number | undefined; location: string | undefined }>((resolve, reject) => {
      const asked = request({ port, method: "POST", path: "/fhir/Bundle", agent, headers }, (response) => {
        response.resume().once("end", () => resolve({ statusCode: response.statusCode, location: response.headers.location }));
      });
      asked.once("error", reject).end(body);
    });
    if (statusCode === expected) return location;
    if (statusCode !== 503) throw new Error(`a deposit was answered with ${statusCode ?? 0}`);
    await sleep(PAUSE_WHEN_BUSY);
  }
}

/** The same, where nobody wants to know where it is. */
export async function post(port: number, agent: Agent, body: Uint8Array, expected: 200 | 201 = 201): Promise<void> {
  await deposited(port, agent, body, expected);
}

/** A whole answer, which must be a good one. `language`: the one that is asked for. */
export function get(port: number, agent: Agent, path: string, language = "en"): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const asked = request({ port, path, agent, headers: { "Accept-Language": language, "Accept-Encoding": "gzip" } }, (response) => {
      const pieces: Buffer[] = [];
      response.on("data", (piece: Buffer) => pieces.push(piece));
      response.once("end", () =>
        response.statusCode === 200 ? resolve(Buffer.concat(pieces)) : reject(new Error(`${path} was answered with ${response.statusCode}`)),
      );
    });
    asked.once("error", reject).end();
  });
}

/** A service of its own, with its data in a folder: SQLite, unless the settings say otherwise. */
export async function startService(
  folder: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<{ readonly port: number; readonly pid: number; stop(): Promise<void> }> {
  const service = spawn(process.execPath, ["--max-semi-space-size=16", join(ROOT, "bin/chartulary.js"), "serve", "--no-samples"], {
    env: { ...process.env, MONGODB_URL: "", PORT: "0", DATA_DIR: folder, LOG_LEVEL: "error", ...settings },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = (await once(service.stdout, "data")) as [Buffer];
  const port = Number(/:(\d+)/.exec(line.toString("utf8"))?.[1]);
  return {
    port,
    pid: service.pid ?? 0,
    stop: async () => {
      const ended = once(service, "exit");
      service.kill("SIGTERM");
      await ended;
    },
  };
}
