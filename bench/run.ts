/** `npm run bench -- NAME`: runs one benchmark of this folder; prints its tables for people, then its figures as one line of JSON. */
import { existsSync } from "node:fs";
import { cpus } from "node:os";
import { setFlagsFromString } from "node:v8";
import { formatTable, rounded, type Report } from "./report.ts";

/** Each benchmark is a file that exports `run`. */
const BENCHMARKS = [
  "attacks",
  "bulk",
  "bulk-import",
  "costs",
  "deposit",
  "events",
  "graphql",
  "jobs",
  "profiles",
  "scale",
  "search",
  "signatures",
  "store",
  "trail",
  "validate",
  "view",
];

const [name] = process.argv.slice(2);
if (name === undefined || !BENCHMARKS.includes(name) || !existsSync(new URL(`./${name}.ts`, import.meta.url))) {
  process.stderr.write(`Usage: npm run bench -- NAME\nBenchmarks: ${BENCHMARKS.join(", ")}\n`);
  process.exitCode = 2;
} else {
  setFlagsFromString("--no-allocation-site-pretenuring"); // as bin/chartulary.js has it
  const { run } = (await import(`./${name}.ts`)) as { readonly run: () => Promise<Report> };
  const { tables, figures } = await run();
  for (const table of tables) process.stdout.write(`${formatTable(table)}\n`);
  const entries = Object.entries(figures).map(([figure, value]) => [figure, rounded(value)]);
  const machine = { node: process.version, cpus: cpus().length, cpu: cpus()[0]?.model.trim() ?? "unknown" };
  process.stdout.write(`${JSON.stringify({ bench: name, ...Object.fromEntries(entries), ...machine })}\n`);
}
