/** `npm run bench -- jobs`: many requests that are answered later, and how long whoever asks whether the service lives waits meanwhile. A service of its own, over HTTP. */
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { Agent } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { documentMaker } from "./documents.ts";
import { post, startService } from "./load.ts";
import { measure, spread } from "./measure.ts";
import type { Report } from "./report.ts";

/** Searches that are answered later: of one owner ten may be under way, so that whoever is refused tries again. */
const JOBS = Number(process.env["JOBS"] ?? 200);
const DOCUMENTS = 500;
const BYTES = 5_000;
const WIDTH = 8;
const LONGEST = 600_000;
/** Milliseconds until a client asks again. */
const PAUSE = 500;
const SEARCH = "/fhir/Observation?_count=100";

export async function run(): Promise<Report> {
  const folder = await mkdtemp(join(tmpdir(), "chartulary-jobs-"));
  const { port, stop } = await startService(folder, { RATE_LIMIT: "0" });
  const agent = new Agent({ keepAlive: true });
  try {
    const make = documentMaker(BYTES);
    await measure(() => post(port, agent, make()), { count: DOCUMENTS, width: WIDTH, longest: LONGEST });
    const probe = new Worker(new URL("./health-probe.ts", import.meta.url), { workerData: { port } });
    await once(probe, "online");
    const begun = performance.now();
    const base = `http://127.0.0.1:${port}`;
    await Promise.all(Array.from({ length: JOBS }, () => answeredLater(base)));
    const seconds = (performance.now() - begun) / 1_000;
    probe.postMessage("over");
    const [times] = (await once(probe, "message")) as [number[]];
    await probe.terminate();
    const { median, p99, slowest } = spread(times);
    const perSecond = JOBS / seconds;
    return {
      tables: [
        {
          title: `${JOBS} searches at once that are answered later, and /healthz meanwhile`,
          columns: ["jobs", "per second", "healthz p50 ms", "p99 ms", "slowest ms"],
          rows: [[JOBS, perSecond, median, p99, slowest]],
        },
      ],
      figures: { jobs_perSecond: perSecond, jobs_health_p50_Ms: median, jobs_health_p99_Ms: p99, jobs_health_max_Ms: slowest },
    };
  } finally {
    agent.destroy();
    await stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function answeredLater(base: string): Promise<void> {
  for (;;) {
    const begun = await fetch(`${base}${SEARCH}`, { headers: { Accept: "application/fhir+json", Prefer: "respond-async" } });
    await begun.arrayBuffer();
    if (begun.status === 202) return untilDone(`${base}${new URL(begun.headers.get("Content-Location") ?? "").pathname}`);
    if (begun.status !== 429) throw new Error(`a job was answered with ${begun.status}`);
    await sleep(PAUSE);
  }
}

async function untilDone(address: string): Promise<void> {
  for (;;) {
    const answer = await fetch(address);
    await answer.arrayBuffer();
    if (answer.status === 200) return;
    if (![202, 429].includes(answer.status)) throw new Error(`a job is answered with ${answer.status}`);
    await sleep(PAUSE);
  }
}
