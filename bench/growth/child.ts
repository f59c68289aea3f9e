/**
 * Measures dimensions in a process of its own, which its parent ends when a measurement takes too long. Speaks lines of JSON: `begin` before each measurement, `measured` after it,
 * `refused` when the document goes no further, `over` behind each dimension. `node --expose-gc child.ts BYTES ORDERS`
 */
import { GCProfiler } from "node:v8";
import { DIMENSIONS } from "./dimensions.ts";
import type { Dimension } from "./dimension.ts";
import type { Measurement } from "./measurement.ts";
import { openWorkshop, stagesIn, type Passage, type Stage } from "./stages.ts";

export type Line =
  | { readonly kind: "begin"; readonly stage: string; readonly bytes: number }
  | { readonly kind: "measured"; readonly stage: string; readonly place: Stage["place"]; readonly measurement: Measurement }
  /** A document goes no further: by which rule, and whether that is a limit. */
  | { readonly kind: "refused"; readonly by: string; readonly count: number; readonly bytes: number }
  /** What was measured so far was of a document beyond a limit. */
  | { readonly kind: "beyond" }
  | { readonly kind: "ready" }
  | { readonly kind: "over" };

/** Rounds with a small document before any is measured, so that the compiler has seen the code; the first dimension has more of them. */
const WARM_UPS = 3;
const WARM_UP_SIZE = 30_000;

interface Order {
  readonly name: string;
  /** Stages that an earlier process did not come to the end of. */
  readonly skipped: readonly string[];
}

const [bytes = "0", orders = "[]"] = process.argv.slice(2);
if (!globalThis.gc) throw new Error("--expose-gc is missing");
const workshop = openWorkshop();
say({ kind: "ready" });
let warmUps = WARM_UPS;
for (const { name, skipped } of JSON.parse(orders) as readonly Order[]) {
  const dimension = DIMENSIONS.find((one) => one.name === name);
  if (!dimension) throw new Error(`${name} is no dimension`);
  const stages = stagesIn(workshop).filter((stage) => !skipped.includes(stage.name));
  for (let round = 0; round < warmUps; round++) await pass(dimension, warmUpCount(dimension), stages, (line) => line.kind === "begin" && say(line));
  warmUps = 1;
  const most = countsOf(dimension, Number(bytes))[2];
  const accepted = await mostAccepted(dimension, most, stages);
  if (accepted < most && dimension.counts === undefined) {
    await pass(dimension, most, stages.slice(0, 2), say);
    say({ kind: "beyond" });
  }
  for (const count of dimension.counts ?? [Math.ceil(accepted / 4), Math.ceil(accepted / 2), accepted]) await pass(dimension, count, stages, say);
  say({ kind: "over" });
}
await workshop.close();

async function pass(dimension: Dimension, count: number, stages: readonly Stage[], tell: (line: Line) => void): Promise<void> {
  const passage: Passage = { bytes: Buffer.from(dimension.make(count)), mediaType: dimension.mediaType ?? "application/fhir+json" };
  for (const stage of stages) {
    if (!stage.applies(passage)) continue;
    const bytes = stage.size?.(passage) ?? passage.bytes.length;
    tell({ kind: "begin", stage: stage.name, bytes });
    const { time, memory } = await measure(stage, passage);
    tell({ kind: "measured", stage: stage.name, place: stage.place, measurement: { count, bytes, time, memory } });
  }
  if (passage.refusedBy !== undefined) tell({ kind: "refused", by: passage.refusedBy, count, bytes: passage.bytes.length });
}

/** Memory is what was alive after each of the engine's collections, and at the end: what is waiting to be collected costs nobody anything. */
async function measure(stage: Stage, passage: Passage): Promise<{ time: number; memory: number }> {
  globalThis.gc?.();
  const before = used();
  const profiler = new GCProfiler();
  profiler.start();
  const [thread, whole] = [process.threadCpuUsage(), process.cpuUsage()];
  await stage.run(passage);
  const { user, system } = stage.place === "loop" ? process.threadCpuUsage(thread) : process.cpuUsage(whole);
  const collected = profiler.stop().statistics.map(({ afterGC }) => afterGC.heapStatistics.usedHeapSize + afterGC.heapStatistics.externalMemory);
  globalThis.gc?.();
  return { time: (user + system) / 1000, memory: Math.max(0, Math.max(used(), ...collected) - before) };
}

function used(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** The largest count, near enough, that no limit refuses: what is beyond is measured for itself, up to where it is refused. */
async function mostAccepted(dimension: Dimension, most: number, stages: readonly Stage[]): Promise<number> {
  let [low, high] = [1, most];
  for (let at = most; low < high * 0.95;) {
    const passage: Passage = { bytes: Buffer.from(dimension.make(at)), mediaType: dimension.mediaType ?? "application/fhir+json" };
    for (const stage of stages.slice(0, 2)) {
      say({ kind: "begin", stage: stage.name, bytes: passage.bytes.length });
      if (stage.applies(passage)) await stage.run(passage);
    }
    if (passage.issues?.some(({ code, rule }) => code === "too-costly" && rule !== "too-many-issues") === true) high = at;
    else low = at;
    at = Math.floor((low + high) / 2);
  }
  return low;
}

/** So many that the document has about a quarter, half and all of the bytes, or of what is accepted. */
function countsOf(dimension: Dimension, bytes: number): readonly [number, number, number] {
  if (dimension.counts) return dimension.counts;
  const least = dimension.make(1).length;
  const each = (dimension.make(201).length - least) / 200;
  const most = Math.min(Math.floor((bytes - least) / each), dimension.most ?? Infinity);
  return [Math.ceil(most / 4), Math.ceil(most / 2), most];
}

function warmUpCount(dimension: Dimension): number {
  return dimension.counts
    ? Math.min(4, dimension.counts[0])
    : Math.max(1, Math.min(countsOf(dimension, WARM_UP_SIZE)[2], dimension.most ?? Infinity));
}

function say(line: Line): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
