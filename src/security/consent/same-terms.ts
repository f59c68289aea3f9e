/** Consents of one person that say the same as those of others, and what they leave of a question: worked out once for all of them and for all questions with the same circumstances. */
import { PERMIT_ALL, PERMIT_NONE, ruleOf, sizeOf, type Predicate } from "../../search/predicate.ts";
import type { ConsentQuestion } from "./caller-conditions.ts";
import { callerAmong, circumstanceOf, circumstancesOf, type Circumstances } from "./circumstances.ts";
import { combined, type Combined, type Standing } from "./combined.ts";
import { regionsOf } from "./regions.ts";
import type { ConsentTerms } from "./terms.ts";

/** What is worked out of consents, at most; whose go beyond it, of theirs nothing is given (docs/limits.md). */
export const CONSENT_LIMITS = {
  /** Provisions of all consents of one patient. */
  provisions: 500,
  /** Conditions, and values in them, that are left of one patient's consents for one question. */
  conditions: 50_000,
  /** Those of all patients together: once of patients who said the same. */
  allConditions: 1_000_000,
} as const;

/** Terms of consents, the newest of the highest rank. */
export type DatedTerms = readonly { readonly terms: ConsentTerms; readonly rank: number }[];

/** What is left for a question, as rules (search/predicate.ts); undefined: of no document. */
export interface Left {
  readonly denied: string | undefined;
  readonly permitted: string | undefined;
  /** Conditions of each. */
  readonly sizes: { readonly denied: number; readonly permitted: number };
}

/** Of so many circumstances it is kept what is left. */
const MOST_KEPT = 16;

export class SameTerms {
  readonly circumstances: Circumstances;
  readonly #terms: DatedTerms;
  readonly #provisions: number;
  readonly #left = new Map<string, Left>();

  constructor(terms: DatedTerms) {
    this.#terms = terms;
    // One without provisions says something by its base rule.
    this.#provisions = terms.reduce((sum, { terms: { provisions } }) => sum + Math.max(1, provisions.length), 0);
    this.circumstances = circumstancesOf(terms.map((one) => one.terms));
  }

  left(question: ConsentQuestion): Left {
    const key = circumstanceOf(this.circumstances, question, callerAmong(this.circumstances, question.caller));
    const known = this.#left.get(key);
    if (known) return known;
    const { denied, permitted } = this.said(question);
    const left = { denied: ruleOf(denied), permitted: ruleOf(permitted), sizes: { denied: sizeOf(denied), permitted: sizeOf(permitted) } };
    if (this.#left.size >= MOST_KEPT) this.#left.clear();
    this.#left.set(key, left);
    return left;
  }

  /** What they say, with the reasons; a denial of all where that is more than can be worked out. */
  said(question: ConsentQuestion): Combined {
    const { provisions, conditions } = CONSENT_LIMITS;
    if (this.#provisions > provisions) return tooMuch(`more than ${provisions} provisions of this patient's consents`);
    const said = combined(this.#terms.map(({ terms, rank }) => ({ regions: regionsOf(terms, question), rank })));
    const sizes = new Map<Predicate, number>();
    const parts = [said.denied, said.permitted, ...[...said.denies, ...said.permits].map(({ documents }) => documents)];
    const size = parts.reduce((sum, part) => sum + sizeOf(part, sizes), 0);
    return size > conditions ? tooMuch(`more than ${conditions} conditions of this patient's consents`) : said;
  }
}

export function tooMuch(what: string): Combined {
  const all: Standing = { effect: "deny", documents: PERMIT_ALL, specificity: Infinity, place: "", unevaluated: [what], of: 0 };
  return { permits: [], denies: [all], permitted: PERMIT_NONE, denied: PERMIT_ALL };
}
