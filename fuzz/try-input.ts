import type { Input } from "./input.ts";
import { Fault, oracle } from "./oracle.ts";
import type { Tally } from "./tally.ts";

/** A fault that an input brought to light. Inputs that fail alike have the same `signature`. */
export interface FoundFault {
  readonly index: number;
  readonly sample: string;
  readonly signature: string;
  readonly detail: string;
}

/** Judges an input and counts it; the fault, if it shows one. */
export function tryInput(input: Input, index: number, tally: Tally): FoundFault | undefined {
  const counts = tally[input.family];
  const started = performance.now();
  const fault = faultOf(() => counts.verdicts[oracle(input.bytes, input.mediaType)]++);
  const took = performance.now() - started;
  counts.milliseconds += took;
  counts.slowest = Math.max(counts.slowest, took);
  if (fault === undefined) return undefined;
  counts.faults++;
  return { index, sample: input.sample, ...fault };
}

/** What was thrown, in a form that says nothing of the input: the kind of error and where in our code it arose. */
export function faultOf(act: () => unknown): Pick<FoundFault, "signature" | "detail"> | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    if (error instanceof Fault) return { signature: error.message, detail: error.message };
    if (!(error instanceof Error)) return { signature: "something thrown that is no error", detail: String(error) };
    const place = /\/((?:src|node_modules|fuzz)\/[^\s)]+?):\d+\)?$/m.exec(error.stack ?? "")?.[1] ?? "an unknown place";
    return { signature: `${error.name} in ${place}`, detail: error.stack ?? error.message };
  }
}
