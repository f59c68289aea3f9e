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
  /** The rule that refused the largest document, if one did, though no limit was met. */
  readonly refusedBy: string | undefined;
  /** What the document of full size cost that a limit refused, and the limit's rule. */
  readonly beyond: readonly { readonly stage: string; readonly place: "loop" | "worker"; readonly measurements: readonly Measurement[] }[];
  readonly beyondBy: string | undefined;
}

/** One measurement may take so long, in milliseconds; then its process is ended, and the next stages are measured in another. */
const LONGEST = 20_000;
/** Loading everything takes so long at most, on a machine that has other things to do. */
const START = 120_000;
/** Megabytes of heap, for all that is measured at once. */
const HEAP = 1_500;
const CHILD = fileURLToPath(new URL("./child.ts", import.meta.url));
/** Without what these make nothing comes after them. */
const FIRST_STAGES: ReadonlySet<string> = new Set(["start", "read", "validate"]);

/** What is known so far of the dimension at hand. */
class Looking {
  readonly dimension: Dimension;
  readonly stages = new Map<string, { place: "loop" | "worker"; measurements: Measurement[] }>();
  readonly ended: { stage: string; bytes: number; how: string }[] = [];
  refusedBy: string | undefined;
  readonly beyond: { stage: string; place: "loop" | "worker"; measurements: readonly Measurement[] }[] = [];
  beyondBy: string | undefined;
  at: { readonly stage: string; readonly bytes: number } = { stage: "start", bytes: 0 };

  constructor(dimension: Dimension) {
    this.dimension = dimension;
  }

  hear(line: Line): void {
    if (line.kind === "begin") this.at = line;
    else if (line.kind === "refused") this.refusedBy = line.by;
    else if (line.kind === "beyond") {
      // What was measured up to here was of a document that a limit refuses.
      for (const [stage, { place, measurements }] of this.stages) this.beyond.push({ stage, place, measurements });
      this.beyondBy = this.refusedBy;
      this.refusedBy = undefined;
      this.stages.clear();
    } else if (line.kind === "measured") {
      const known = this.stages.get(line.stage) ?? { place: line.place, measurements: [] };
      known.measurements.push(line.measurement);
      this.stages.set(line.stage, known);
    }
  }

  /** Its process was ended. True when no other can go further. */
  isOver(how: string): boolean {
    const { stage, bytes } = this.at;
    this.ended.push({ stage, bytes, how });
    this.at = { stage: "start", bytes: 0 };
    if (FIRST_STAGES.has(stage)) return true;
    this.stages.clear();
    this.beyond.length = 0;
    return false;
  }
}

/**
 * Measures dimensions one after the other in a process of their own, whatever they do to it: one that is ended is followed by another, which passes over the stage that it was in.
 * @param bytes of the largest document of each
 */
export async function observe(dimensions: readonly Dimension[], bytes: number, tell: (observation: Observation) => void): Promise<void> {
  const waiting = dimensions.map((dimension) => new Looking(dimension));
  while (waiting.length > 0) {
    const orders = waiting.map(({ dimension, ended }) => ({ name: dimension.name, skipped: ended.map(({ stage }) => stage) }));
    const how = await runChild(bytes, orders, (line) => {
      const [first] = waiting;
      if (line.kind !== "over") {
        first?.hear(line);
        return;
      }
      if (first) tell(first);
      waiting.shift();
    });
    const [first] = waiting;
    if (first?.isOver(how ?? "ended early") !== true) continue;
    tell(first);
    waiting.shift();
  }
}

/** Undefined when the process came to its end; else what became of it. */
function runChild(bytes: number, orders: readonly object[], onLine: (line: Line) => void): Promise<string | undefined> {
  return new Promise((resolve) => {
    const flags = ["--expose-gc", "--max-semi-space-size=16", `--max-old-space-size=${HEAP}`, "--no-warnings"];
    const child = spawn(process.execPath, [...flags, CHILD, String(bytes), JSON.stringify(orders)], { stdio: ["ignore", "pipe", "pipe"] });
    let how: string | undefined;
    let errors = "";
    const end = (): void => {
      how = `took more than ${LONGEST / 1000} s`;
      child.kill("SIGKILL");
    };
    let timer = setTimeout(end, START);
    createInterface(child.stdout).on("line", (text) => {
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
  return (
    errors
      .split("\n")
      .find((line) => /Error/.test(line))
      ?.slice(0, 120) ?? "no reason told"
  );
}
