/**
 * What a stranger can do to a running service: its memory and the latency of /healthz during each attack, and after. `npm run bench -- attacks [WORDS]` runs those whose names
 * hold the words. Memory is read from /proc, so it is Linux that tells.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ATTACKS } from "./attack/attacks.ts";
import type { Tally } from "./attack/strangers.ts";
import { startTarget, watchWhile } from "./attack/target.ts";
import { documentMaker } from "./documents.ts";
import type { Report } from "./report.ts";

const LARGE = 19_000_000;
/** How long after an attack memory is looked at again, in milliseconds. */
const AFTER = 3_000;
const ADMIN_PORT = 18_399;

export async function run(): Promise<Report> {
  const words = process.argv.slice(3).join(" ");
  const folder = await mkdtemp(join(tmpdir(), "chartulary-attacks-"));
  const target = await startTarget(folder, ADMIN_PORT);
  const rows: (string | number)[][] = [];
  const figures: Record<string, number> = {};
  try {
    const large = await depositLarge(target.port);
    for (const [at, attack] of ATTACKS.entries()) {
      if (!attack.name.includes(words)) continue;
      const before = await target.memory();
      const begun = performance.now();
      let tally: Tally = new Map();
      const seen = await watchWhile(target, async () => {
        tally = await attack.run(target, { large });
      });
      const seconds = (performance.now() - begun) / 1000;
      await sleep(AFTER);
      const after = await target.memory();
      const statuses = [...tally].map(([status, times]) => `${times} x ${status}`).join(", ");
      rows.push([attack.name, statuses, seconds, before, seen.peak, after, median(seen.health), Math.max(...seen.health), Math.max(...seen.admin)]);
      Object.assign(figures, {
        [`${at}_peak_MB`]: seen.peak,
        [`${at}_health_Ms`]: Math.max(...seen.health),
        [`${at}_admin_Ms`]: Math.max(...seen.admin),
      });
      process.stderr.write(`${attack.name}: ${statuses}, ${Math.round(seen.peak)} MB\n`);
    }
    const stopped = await target.stop();
    Object.assign(figures, { stop_Ms: stopped.milliseconds, stop_code: stopped.code ?? -1 });
  } finally {
    target.process.kill("SIGKILL");
    await rm(folder, { recursive: true, force: true });
  }
  const columns = ["attack", "answers", "s", "MB before", "MB peak", "MB after", "/healthz p50 ms", "/healthz max ms", "ADMIN_PORT max ms"];
  return { tables: [{ title: "A service under attack", columns, rows }], figures };
}

async function depositLarge(port: number): Promise<string> {
  const body = documentMaker(LARGE)();
  const headers = { "Content-Type": "application/fhir+json" };
  const answer = await fetch(`http://127.0.0.1:${port}/fhir/Bundle`, { method: "POST", headers, body: Buffer.from(body) });
  const id = /Bundle\/([^/]+)/.exec(answer.headers.get("location") ?? "")?.[1];
  if (id === undefined) throw new Error(`the large document was answered with ${answer.status}: ${(await answer.text()).slice(0, 500)}`);
  return id;
}

function median(times: readonly number[]): number {
  return times.toSorted((one, other) => one - other)[Math.floor(times.length / 2)] ?? 0;
}
