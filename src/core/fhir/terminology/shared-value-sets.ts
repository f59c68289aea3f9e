import type { Conformance } from "../conformance/conformance.ts";
import { ValueSets } from "./value-sets.ts";

/** The value sets over a set of packages, and its code systems: of the same set the same. */
export type SharedValueSets = (conformance: Conformance) => ValueSets;

/** One for each process and thread: documents that are judged, pages and questions about codes share what was made of code systems and value sets, some of which take tens of megabytes. */
export function sharedValueSets(): SharedValueSets {
  const made = new WeakMap<Conformance, ValueSets>();
  return (conformance) => {
    const known = made.get(conformance) ?? new ValueSets(conformance);
    made.set(conformance, known);
    return known;
  };
}
