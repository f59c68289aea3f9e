/**
 * What the audit trail costs: documents read as JSON and as pages a second, with it and without it, in turns on this machine, by eight clients and by thirty-two; and the processors' time for each. TRAIL_SECONDS: how long each is measured (5).
 */
import { mkdtemp, rm } from "node:fs/promises";
import { Agent } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { documentMaker } from "./documents.ts";
import { deposited, get, startService } from "./load.ts";
import { measure, spread } from "./measure.ts";
import { processorTime } from "./processor-time.ts";
import { telling, type Report } from "./report.ts";

const DOCUMENTS = 20;
const BYTES = 5_000;
const CLIENTS = [8, 32];
const ROUNDS = 3;
const LONGEST = Number(process.env["TRAIL_SECONDS"] ?? 5) * 1_000;
const WARM_UP = 3_000;
const WAYS = [
  { name: "JSON", path: "/fhir/Bundle/" },
  { name: "page", path: "/documents/" },
] as const;
const KINDS = [
  { name: "with", settings: {} },
  { name: "without", settings: { NODE_OPTIONS: `--import ${new URL("without-trail.mjs", import.meta.url).href}` } },
] as const;
const tell = telling("trail");

interface Rate {
  readonly perSecond: number;
  /** Milliseconds of processors for each answer. */
  readonly cost: number;
}

export async function run(): Promise<Report> {
  const folder = await mkdtemp(join(tmpdir(), "chartulary-trail-"));
  const rates = new Map<string, Rate[]>();
  try {
    for (let round = 0; round < ROUNDS; round++)
      for (const { name, settings } of KINDS) {
        tell(`round ${round + 1} of ${ROUNDS}, ${name} the trail`);
        for (const [what, rate] of await measureService(join(folder, name), settings))
          rates.set(`${what} ${name}`, [...(rates.get(`${what} ${name}`) ?? []), rate]);
      }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  const figures: Record<string, number> = {};
  const middle = (what: string, of: (rate: Rate) => number): number => spread((rates.get(what) ?? []).map(of)).median;
  const rows = CLIENTS.flatMap((clients) =>
    WAYS.map(({ name }) => {
      const [on, off] = [`${name} ${clients} with`, `${name} ${clients} without`];
      const [perSecond, without] = [middle(on, (rate) => rate.perSecond), middle(off, (rate) => rate.perSecond)];
      const lost = 100 * (1 - perSecond / without);
      figures[`${name}_${clients}_lost_Percent`] = lost;
      return [name, clients, without, perSecond, lost, middle(off, ({ cost }) => cost), middle(on, ({ cost }) => cost)];
    }),
  );
  const columns = ["answer", "clients", "a second without", "with", "lost, %", "processors without, ms", "with"];
  return {
    tables: [{ title: `The audit trail, medians of ${ROUNDS} rounds; at most 15 % of pages at 8 clients are asked`, columns, rows }],
    figures,
  };
}

/** All ways of one service, by name and number of clients. */
async function measureService(folder: string, settings: Readonly<Record<string, string>>): Promise<[string, Rate][]> {
  const { port, pid, stop } = await startService(folder, { RATE_LIMIT: "0", ...settings });
  const agent = new Agent({ keepAlive: true });
  const found: [string, Rate][] = [];
  try {
    const make = documentMaker(BYTES);
    const ids: string[] = [];
    while (ids.length < DOCUMENTS) ids.push(/Bundle\/([^/]+)/.exec(await deposited(port, agent, make()))?.[1] ?? "");
    for (const clients of CLIENTS)
      for (const { name, path } of WAYS) {
        const job = async (number: number): Promise<void> => void (await get(port, agent, `${path}${ids[number % ids.length] ?? ""}`));
        await measure(job, { count: Infinity, width: clients, longest: WARM_UP });
        const before = processorTime([pid]) ?? NaN;
        const { perSecond, count } = await measure(job, { count: Infinity, width: clients, longest: LONGEST });
        found.push([`${name} ${clients}`, { perSecond, cost: ((processorTime([pid]) ?? NaN) - before) / count }]);
      }
  } finally {
    agent.destroy();
    await stop();
  }
  return found;
}
