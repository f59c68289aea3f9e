/**
 * Measures one dimension in a process of its own, which its parent ends when a measurement takes too long. Speaks lines of JSON: `begin` before each measurement, `measured` after it,
 * `refused` when the document goes no further. `node --expose-gc child.ts DIMENSION BYTES [SKIPPED STAGE...]`
 */
import { GCProfiler } from "node:v8";
import { DIMENSIONS } from "./dimensions.ts";
import type { Dimension } from "./dimension.ts";
import type { Measurement } from "./measurement.ts";
import { openWorkshop, stagesIn, type Passage, type Stage } from "./stages.ts";

export type Line =
  | { readonly kind: "begin"; readonly stage: string; readonly bytes: number }
  | { readonly kind: "measured"; readonly stage: string; readonly place: Stage["place"]; readonly measurement: Measurement }
  | { readonly kind: "refused"; readonly by: string; readonly count: number; readonly bytes: number };

/** Rounds with a small document before any is measured, so that the compiler has seen the code. */
const WARM_UPS = 3;
const WARM_UP_SIZE = 30_000;

const [name = "", target = "0", ...skipped] = process.argv.slice(2);
const dimension = DIMENSIONS.find((one) => one.name === name);
if (!dimension || !globalThis.gc) throw new Error(`${name} is no dimension, or --expose-gc is missing`);
await measureDimension(dimension, Number(target), new Set(skipped));

async function measureDimension(dimension: Dimension, bytes: number, skipped: ReadonlySet<string>): Promise<void> {
  const workshop = await openWorkshop();
  const stages = stagesIn(workshop).filter((stage) => !skipped.has(stage.name));
  for (let round = 0; round < WARM_UPS; round++) await pass(dimension, warmUpCount(dimension), stages, () => undefined);
  for (const count of countsOf(dimension, bytes)) await pass(dimension, count, stages, say);
  await workshop.close();
}

async function pass(dimension: Dimension, count: number, stages: readonly Stage[], tell: (line: Line) => void): Promise<void> {
  const passage: Passage = { bytes: Buffer.from(dimension.make(count)), mediaType: dimension.mediaType ?? "application/fhir+json" };
  const bytes = passage.bytes.length;
  for (const stage of stages) {
    if (!stage.applies(passage)) continue;
    tell({ kind: "begin", stage: stage.name, bytes });
    const { time, memory } = await measure(stage, passage);
    tell({ kind: "measured", stage: stage.name, place: stage.place, measurement: { count, bytes, time, memory } });
  }
  if (passage.refusedBy !== undefined) tell({ kind: "refused", by: passage.refusedBy, count, bytes });
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

/** So many that the document has about a quarter, half and all of the bytes, or of what is accepted. */
function countsOf(dimension: Dimension, bytes: number): readonly number[] {
  if (dimension.counts) return dimension.counts;
  const least = dimension.make(1).length;
  const each = (dimension.make(201).length - least) / 200;
  const most = Math.min(Math.floor((bytes - least) / each), dimension.most ?? Infinity);
  return [Math.ceil(most / 4), Math.ceil(most / 2), most];
}

function warmUpCount(dimension: Dimension): number {
  return dimension.counts ? Math.min(4, dimension.counts[0]) : Math.max(1, Math.min(countsOf(dimension, WARM_UP_SIZE)[2] ?? 1, dimension.most ?? Infinity));
}

function say(line: Line): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
