import type { Membership } from "../r4/terminology.ts";
import type { Coded } from "./terms.ts";

/** What is asked of value sets once: what would have decided it, and which sets are being asked, for they may lead back to each other. */
export class Asking {
  readonly unheld = new Set<string>();
  /** How much was looked at: sets, their parts, and what filters cost. Who asks about many codes in turn adds it up. */
  looked = 0;
  readonly #answers = new Map<object, Membership>();
  #depth = 0;

  /** Of a set that is under way nothing more comes than what it says by itself. Each set is asked once. */
  once(set: object, ask: () => Membership): Membership {
    const known = this.#answers.get(set);
    if (known !== undefined) return known;
    if (this.#depth >= DEEPEST) return "unknown";
    this.#answers.set(set, "stranger");
    this.#depth++;
    const answer = ask();
    this.#depth--;
    this.#answers.set(set, answer);
    return answer;
  }
}

/** Value sets that import each other in a longer row than this are not followed. */
const DEEPEST = 100;

/** Something that a code is of or not. */
export interface Decider {
  decide(coded: Coded, asking: Asking): Membership;
}

/** A member of any is one of them all; of none only where each says so. */
export function anyOf(deciders: readonly Decider[], coded: Coded, asking: Asking): Membership {
  let found: Membership = "stranger";
  for (const one of deciders) {
    asking.looked++;
    const answer = one.decide(coded, asking);
    if (answer === "member") return answer;
    if (answer === "unknown") found = answer;
  }
  return found;
}

/** A member of each. */
export function allOf(deciders: readonly Decider[], coded: Coded, asking: Asking): Membership {
  let found: Membership = "member";
  for (const one of deciders) {
    asking.looked++;
    const answer = one.decide(coded, asking);
    if (answer === "stranger") return answer;
    if (answer === "unknown") found = answer;
  }
  return found;
}
