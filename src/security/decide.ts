/**
 * Whether a caller may do something with a document: one pure function, asked by the Reader on every way to content. What a document is to the decision are
 * its facts, which the index holds as columns, so that the same decision can narrow a query and be asked again of each hit.
 */
import type { Asked } from "../core/asked.ts";
import type { DecisionFacts } from "../search/predicate.ts";

/** What is done with a document. `find`: it is listed or counted. `relate`: another document's page names it. `read`: its content leaves. */
export type Action = "find" | "relate" | "read";

/** What a decision may depend on: the columns of the index, and which document it is. */
export interface DocumentFacts extends DecisionFacts {
  readonly id: string;
}

/** The decision, with the reason of a refusal for the audit log; a caller is never told it. */
export type Decision = { readonly isPermitted: true } | { readonly isPermitted: false; readonly reason: string };

export type Decide = (asked: Asked, action: Action, facts: DocumentFacts) => Decision;

const PERMITTED: Decision = { isPermitted: true };

/** While there is no access control: whoever reaches the service may do everything. */
export const permitEverything: Decide = () => PERMITTED;
