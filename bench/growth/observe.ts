import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Line } from "./child.ts";
import type { Dimension } from "./dimension.ts";
import type { Measurement } from "./measurement.ts";

/** What was seen of one dimension. */
export interface Observation {
  readonly dimension: Dimension;
  readonly stages: ReadonlyMap<string, { readonly place: "loop" | "worker"; readonly measurements: readonly Measurement[] }>;
  /** Stages whose measurement was ended, each with the size and what became of it. */
  readonly ended: readonly { readonly stage: string; readonly bytes: number; readonly how: string }[];
  /** The rule that refused the largest document, if one did. */
  readonly refusedBy: string | undefined;
}

/** One measurement may take so long, in milliseconds; then its process is ended, and the next stages are measured in another. */
const LONGEST = 15_000;
/** Megabytes of heap, for all that is measured at once. */
const HEAP = 1_500;
const CHILD = fileURLToPath(new URL("./child.ts", import.meta.url));

/** Measures a dimension, whatever it does to the process that it is measured in. @param bytes of the largest document */
export async function observe(dimension: Dimension, bytes: number): Promise<Observation> {
  const stages = new Map<string, { place: "loop" | "worker"; measurements: Measurement[] }>();
  const ended: { stage: string; bytes: number; how: string }[] = [];
  let refusedBy: string | undefined;
  for (let isOver = false; !isOver;) {
    const measured = new Map(stages);
    stages.clear();
    let at: { stage: string; bytes: number } | undefined;
    const how = await runChild([dimension.name, String(bytes), ...ended.map(({ stage }) => stage)], (line) => {
      at = line.kind === "begin" ? line : undefined;
      if (line.kind === "refused") refusedBy = line.by;
      if (line.kind !== "measured") return;
      const { stage, place, measurement } = line;
      const known = stages.get(stage) ?? { place, measurements: [] };
      known.measurements.push(measurement);
      stages.set(stage, known);
    });
    isOver = how === undefined || at === undefined || at.stage === "read" || at.stage === "validate";
    if (how !== undefined) ended.push({ stage: at?.stage ?? "start", bytes: at?.bytes ?? 0, how });
    // What an earlier process had measured to the end stays, where this one came less far.
    for (const [name, kept] of measured) if (!stages.has(name)) stages.set(name, kept);
  }
  for (const { stage } of ended) stages.delete(stage);
  return { dimension, stages, ended, refusedBy };
}

/** Undefined when the process came to its end; else what became of it. */
function runChild(args: readonly string[], onLine: (line: Line) => void): Promise<string | undefined> {
  return new Promise((resolve) => {
    const flags = ["--expose-gc", "--max-semi-space-size=16", `--max-old-space-size=${HEAP}`, "--no-warnings"];
    const child = spawn(process.execPath, [...flags, CHILD, ...args], { stdio: ["ignore", "pipe", "pipe"] });
    let how: string | undefined;
    let errors = "";
    const end = (): void => {
      how = `took more than ${LONGEST / 1000} s`;
      child.kill("SIGKILL");
    };
    let timer = setTimeout(end, LONGEST);
    const lines = createInterface(child.stdout);
    lines.on("line", (text) => {
      clearTimeout(timer);
      timer = setTimeout(end, LONGEST);
      onLine(JSON.parse(text) as Line);
    });
    child.stderr.on("data", (chunk: Buffer) => (errors = (errors + chunk.toString()).slice(-4_000)));
    child.on("close", (code) => {
      clearTimeout(timer);
      resolve(code === 0 ? undefined : (how ?? (/heap out of memory/.test(errors) ? `ran out of ${HEAP} MB` : `failed: ${lastLine(errors)}`)));
    });
  });
}

function lastLine(errors: string): string {
  return errors.split("\n").find((line) => /Error/.test(line))?.slice(0, 120) ?? "no reason told";
}
