/**
 * `npm run growth [-- --only NAME] [-- --bytes N]`: what each stage costs as each dimension of an input grows, n, 2n, 4n. Linear and under a budget, or the run ends with 1. Each dimension is measured in a
 * process of its own with a time limit, so that what runs away is a row that says so.
 */
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { formatTable } from "../report.ts";
import { DIMENSIONS } from "./dimensions.ts";
import { judgeGrowth, MEGABYTE } from "./measurement.ts";
import { observe, type Observation } from "./observe.ts";

/** Of the largest document. */
const BYTES = MEGABYTE;
const WIDTH = Math.max(1, Math.min(4, cpus().length));

const { values } = parseArgs({ options: { only: { type: "string" }, bytes: { type: "string" } } });
const chosen = DIMENSIONS.filter(({ name }) => values.only === undefined || name.includes(values.only));
const rows: (string | number)[][] = [];
let breaches = 0;
// Dealt out in turn, so that the costly ones of a table do not all come to one process.
const hands = Array.from({ length: WIDTH }, (_, hand) => chosen.filter((_, at) => at % WIDTH === hand));
await Promise.all(hands.map((hand) => observe(hand, Number(values.bytes ?? BYTES), tell)));
const order = new Map(chosen.map(({ name }, at) => [name, at]));
rows.sort((one, other) => (order.get(String(one[0])) ?? 0) - (order.get(String(other[0])) ?? 0));
const columns = ["dimension", "stage", "n", "MB", "ms/MB", "memory x size", "growth", "verdict"];
process.stdout.write(`${formatTable({ title: "What each stage costs as an input grows", columns, rows })}\n`);
process.stdout.write(`${chosen.length} dimensions, ${rows.length} rows, ${breaches} breaches\n`);
process.exitCode = breaches > 0 ? 1 : 0;

function tell({ dimension, stages, ended, refusedBy, beyond, beyondBy }: Observation): void {
  const verdictOf = (stage: string, reasons: readonly string[]): string => {
    const known = dimension.known?.[stage];
    if (reasons.length === 0) return "good";
    if (known === undefined) breaches++;
    return known === undefined ? `BREACH: ${reasons.join("; ")}` : `known (${known}): ${reasons.join("; ")}`;
  };
  for (const { stage, place, measurements } of beyond) {
    const { perMegabyte, memoryTimes, growth, reasons } = judgeGrowth(measurements, place);
    const last = measurements.at(-1);
    const verdict = `${verdictOf(stage, reasons)} (refused: ${beyondBy ?? "?"})`;
    rows.push([dimension.name, `${stage}, beyond`, last?.count ?? 0, (last?.bytes ?? 0) / MEGABYTE, perMegabyte, memoryTimes, growth, verdict]);
  }
  for (const [stage, { place, measurements }] of stages) {
    const { perMegabyte, memoryTimes, growth, reasons } = judgeGrowth(measurements, place);
    const last = measurements.at(-1);
    const isLastRefused = stage === "read" || stage === "validate" ? refusedBy : undefined;
    const verdict = `${verdictOf(stage, reasons)}${isLastRefused === undefined ? "" : ` (refused: ${isLastRefused})`}`;
    rows.push([dimension.name, stage, last?.count ?? 0, (last?.bytes ?? 0) / MEGABYTE, perMegabyte, memoryTimes, growth, verdict]);
  }
  for (const { stage, bytes, how } of ended) rows.push([dimension.name, stage, 0, bytes / MEGABYTE, 0, 0, 0, verdictOf(stage, [how])]);
}
