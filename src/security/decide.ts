/**
 * Whether a caller may do something with a document: one pure function, asked by the Reader on every way to content. What a document is to the decision are
 * its facts, which the index holds as columns, so that the same decision narrows a query (`Grant.permitted`) and is asked again of each hit.
 */
import type { PredicateFacts } from "../search/predicate.ts";

/** What is done with a document. `find`: it is listed or counted. `relate`: another document's page names it. `read`: its content leaves. */
export type Action = "find" | "relate" | "read";

/** What a decision may depend on: the columns of the index, and which document it is. */
export type DocumentFacts = PredicateFacts;

/** The decision, with the reason of a refusal for the audit log; a caller is never told it. */
export type Decision = (
  | { readonly isPermitted: true; /** The broken glass but for which it would be refused. */ readonly glass?: string }
  | { readonly isPermitted: false; readonly reason: string }
) & {
  /** The consents that it follows from, for the audit log. */
  readonly consents?: readonly { readonly id: string; readonly version: number }[];
};

export const PERMITTED: Decision = { isPermitted: true };

export function refused(reason: string): Decision {
  return { isPermitted: false, reason };
}
