/** How many documents a second `chartulary audit` holds against the log, on SQLite: as it is run every day, and with every row of the index. */
import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { Agent } from "node:http";
import { join } from "node:path";
import { documentMaker } from "./documents.ts";
import { post, startService } from "./load.ts";
import { measure } from "./measure.ts";
import type { Table } from "./report.ts";
import { caughtUp } from "./search-steady.ts";

const PROGRAM = join(import.meta.dirname, "../bin/chartulary.js");
const CLIENTS = 8;
const LOADS = [
  { name: "5 KB", bytes: 5_000, count: 5_000, asked: 3_000 },
  { name: "120 KB", bytes: 120_000, count: 500, asked: undefined },
];
const KINDS = [
  { name: "audit", figure: "audit", args: [] },
  { name: "audit --index", figure: "audit_index", args: ["--index"] },
];

/** Adds its figures to `figures`. */
export async function measureAudits(
  folder: string,
  { longest, tell }: { readonly longest: number; tell(what: string): void },
  figures: Record<string, number>,
): Promise<Table> {
  const rows: (string | number)[][] = [];
  for (const { name, bytes, count, asked } of LOADS) {
    const data = join(folder, randomUUID());
    tell(`deposits of ${name} to be audited, up to ${longest / 1000} s, and their index`);
    await fill(data, { bytes, count, longest });
    for (const kind of KINDS) {
      tell(`${kind.name} of documents of ${name}`);
      const { documents, seconds } = told(data, "audit", ...kind.args) as { readonly documents: number; readonly seconds: number };
      rows.push([name, kind.name, documents, seconds, documents / seconds, asked ?? "-"]);
      figures[`${kind.figure}_${bytes / 1000}k_perSecond`] = documents / seconds;
    }
  }
  return { title: "Audit on SQLite", columns: ["document", "command", "documents", "s", "per second", "asked for"], rows };
}

/** Deposits so many documents, and waits until the index has all that stands in them. */
async function fill(
  data: string,
  { bytes, count, longest }: { readonly bytes: number; readonly count: number; readonly longest: number },
): Promise<void> {
  const { port, stop } = await startService(data);
  const agent = new Agent({ keepAlive: true });
  try {
    const make = documentMaker(bytes);
    await measure(() => post(port, agent, make()), { count, width: CLIENTS, longest });
    await caughtUp(port);
  } finally {
    agent.destroy();
    await stop();
  }
}

/** What a command prints as JSON. */
function told(data: string, ...args: readonly string[]): unknown {
  const environment = { ...process.env, MONGODB_URL: "", DATA_DIR: data };
  const output = execFileSync(process.execPath, [PROGRAM, ...args, "--json"], {
    env: environment,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  return JSON.parse(output);
}
