/**
 * Regular expressions of strangers, matched in a time that is linear in the text (Thompson's construction: all ways are followed at once, none is tried again). What is understood: literals, `.`, classes, `\d \w \s` and
 * their opposites, groups, alternatives, `? * + {n,m}`, and anchors at the ends. All else is no pattern here, and whoever asks does not know.
 */
import { machineOf, type Machine, type State } from "./pattern-machine.ts";

/** States of one pattern; a pattern that needs more is not followed. */
const MOST_STATES = 200;
const MOST_STATES_OF_SEARCH = 4_000;
/** Characters of a text: codes and displays are short. */
const LONGEST_TEXT = 2_000;

/** Tests a whole text; undefined when it is too long to be looked at. `weight`: about how much more it costs for each character than a comparison. */
export interface BoundedPattern {
  readonly weight: number;
  test(text: string): boolean | undefined;
}

/** @returns undefined for what is no pattern, or one that is not understood here */
export function boundedPattern(source: string): BoundedPattern | undefined {
  if (source.length > 200) return undefined;
  // The whole text is matched in any case, so that anchors at the ends say nothing more.
  const made = machineOf(source.replace(START, "").replace(END, ""), MOST_STATES);
  if (made === undefined) return undefined;
  return { weight: Math.ceil(made.states.length / 8), test: (text) => (text.length > LONGEST_TEXT ? undefined : isFound(made, text, true, true)) };
}

/**
 * The same for a pattern that may stand anywhere in a text, as FHIRPath's `matches` has it: anchors at its ends count. However long a text is, it takes a time that is linear in it.
 * @returns undefined for what is no pattern, or one that is not understood here
 */
export function boundedSearch(source: string): ((text: string) => boolean) | undefined {
  // An anchor of one alternative is none of the others: each is looked for by itself.
  const searches = alternativesOf(source).map(searchOf);
  return searches.every((search) => search !== undefined) ? (text) => searches.some((search) => search(text)) : undefined;
}

function searchOf(source: string): ((text: string) => boolean) | undefined {
  const [isAtStart, isAtEnd] = [START.test(source), END.test(source)];
  const made = machineOf(source.replace(START, "").replace(END, ""), MOST_STATES_OF_SEARCH);
  return made && ((text) => isFound(made, text, isAtStart, isAtEnd));
}

const START = /^\^/;
const END = /(?<!\\)\$$/;

/** The alternatives that stand outside of all groups. */
function alternativesOf(source: string): readonly string[] {
  const found: string[] = [];
  let [depth, from] = [0, 0];
  for (const { 0: sign, index } of source.matchAll(/\\.|\[\^?(?:\\.|[^\]\\])*\]|[()|]/gs)) {
    if (sign === "(") depth++;
    else if (sign === ")") depth--;
    else if (sign === "|" && depth === 0) {
      found.push(source.slice(from, index));
      from = index + 1;
    }
  }
  return [...found, source.slice(from)];
}

function isFound({ states, start, end }: Machine, text: string, isAtStart: boolean, isAtEnd: boolean): boolean {
  // When a state was last among those that are open: nothing is cleared between characters.
  const seen = new Int32Array(states.length);
  let now: number[] = [];
  let next: number[] = [];
  let round = 1;
  open(start, states, seen, round, now);
  for (const character of text) {
    if (!isAtEnd && seen[end] === round) return true;
    if (isAtStart && now.length === 0) return false;
    round++;
    next.length = 0;
    for (const at of now) {
      const state = states[at];
      if (state?.test?.(character) === true) open(state.next, states, seen, round, next);
    }
    // What may begin anywhere begins behind each character, too.
    if (!isAtStart) open(start, states, seen, round, next);
    [now, next] = [next, now];
  }
  return seen[end] === round;
}

/** Adds a state and all that is reached from it over no character. */
function open(from: number, states: readonly State[], seen: Int32Array, round: number, found: number[]): void {
  const waiting = [from];
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    if (seen[at] === round) continue;
    seen[at] = round;
    found.push(at);
    for (const next of states[at]?.free ?? []) if (seen[next] !== round) waiting.push(next);
  }
}
