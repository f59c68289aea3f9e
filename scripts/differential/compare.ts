/** Verdicts and places of two validators over the same inputs, and what they differ in, by class. */
import { isError, type Issue } from "../../src/core/fhir/issue.ts";
import { exceptionOf } from "./exceptions.ts";
import { idOf, type Answer } from "./engine.ts";
import { isToldAt, placeOf } from "./places.ts";

/** One input as both judged it. */
export interface Judged {
  readonly family: string;
  readonly name: string;
  readonly ours: readonly Issue[];
  readonly theirs: Answer;
}

/** A class of disagreement: who refuses, and why. */
export interface Difference {
  readonly key: string;
  count: number;
  /** Why it may be so; undefined for one that is open. */
  readonly exception: string | undefined;
  readonly examples: string[];
}

export interface Tally {
  readonly family: string;
  inputs: number;
  same: number;
  /** Another verdict, for a reason that is written down. */
  excepted: number;
  /** HL7's validator could not judge it. */
  unjudged: number;
  /** Of inputs that both refuse: places where HL7's has an error, and those of them where we have one. */
  places: number;
  shared: number;
}

export interface Comparison {
  readonly tallies: readonly Tally[];
  readonly verdicts: readonly Difference[];
  readonly places: readonly Difference[];
}

export function compare(judged: readonly Judged[]): Comparison {
  const tallies = new Map<string, Tally>();
  const verdicts = new Map<string, Difference>();
  const places = new Map<string, Difference>();
  for (const one of judged) {
    const { family } = one;
    const tally = tallies.get(family) ?? { family, inputs: 0, same: 0, excepted: 0, unjudged: 0, places: 0, shared: 0 };
    tallies.set(family, tally);
    tally.inputs++;
    if (one.theirs.thrown !== undefined) {
      tally.unjudged++;
      continue;
    }
    const ours = one.ours.filter(isError);
    const theirs = one.theirs.issues.filter(({ severity }) => severity === "error" || severity === "fatal");
    if (ours.length > 0 === theirs.length > 0) {
      tally.same++;
      const wanted = new Map(theirs.map((said) => [placeOf(said), said]));
      tally.places += wanted.size;
      for (const [place, said] of wanted) {
        if (isToldAt(place, ours)) tally.shared++;
        else
          note(
            places,
            `${idOf(said)} at another place or not`,
            undefined,
            `${one.name}: ${place}: ${said.text.slice(0, 160)} | ours ${ours.map(({ rule, expression }) => `${rule} at ${expression ?? ""}`).join(", ")}`,
          );
      }
      continue;
    }
    const exception = exceptionOf(ours, theirs);
    if (exception !== undefined) tally.excepted++;
    const key = ours.length > 0 ? `we refuse: ${keys(ours.map(({ rule }) => rule))}` : `HL7's refuses: ${keys(theirs.map(idOf))}`;
    const told = ours.length > 0 ? ours[0]?.text : theirs[0]?.text;
    note(verdicts, key, exception, `${family}: ${one.name}: ${(told ?? "").slice(0, 200)}`);
  }
  const most = (differences: Map<string, Difference>): Difference[] => [...differences.values()].sort((left, right) => right.count - left.count);
  return { tallies: [...tallies.values()], verdicts: most(verdicts), places: most(places) };
}

function note(differences: Map<string, Difference>, key: string, exception: string | undefined, example: string): void {
  // What is excepted must not hide what is open.
  const kind = `${key} ${exception ?? ""}`;
  const known = differences.get(kind) ?? { key, count: 0, exception, examples: [] };
  differences.set(kind, known);
  known.count++;
  if (known.examples.length < EXAMPLES) known.examples.push(example);
}

const EXAMPLES = 4;

function keys(all: readonly string[]): string {
  return [...new Set(all)].sort().slice(0, 3).join(" + ");
}
