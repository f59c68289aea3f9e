/** Why somebody may do something with a document, or may not: each rule of the policy with what of it holds. For operators; a caller is never told. */
import { permits, type PredicateFacts } from "../../search/predicate.ts";
import { RIGHTS, type AccessPolicy, type Right } from "./access-policy.ts";
import { clearanceOf, cleared, fitting, isMeant, mayDeposit, permittedBy, type Subject } from "./permitted.ts";

export interface ExplainedRule {
  readonly name: string;
  readonly effect: "permit" | "deny";
  readonly rights: readonly Right[];
  /** Whether it is about this caller, and about this document. */
  readonly isForCaller: boolean;
  readonly isForDocument: boolean;
}

export interface Explanation {
  /** Upon this document; of rights that are upon no document, in general. */
  readonly permitted: readonly Right[];
  readonly rules: readonly ExplainedRule[];
  /** What the document's labels ask for, what the caller is cleared for, and whether that is enough to read it. */
  readonly clearance: { readonly needed: readonly string[]; readonly has: readonly string[]; readonly isEnough: boolean };
}

/** What consents of a patient say of a document: why, those that say it, and of what could not be evaluated the element. */
export interface ExplainedConsent {
  readonly isPermitted: boolean;
  readonly reason: string;
  readonly consents: readonly { readonly id: string; readonly version: number }[];
}

export function explain(policy: AccessPolicy, subject: Subject, facts: PredicateFacts): Explanation {
  const isEnough = permits(cleared(policy, subject), facts);
  const isPermitted = (right: Right): boolean =>
    right === "deposit" ? mayDeposit(policy, subject, facts) : permits(permittedBy(policy, subject, right), facts) && (right !== "read" || isEnough);
  const permitted = RIGHTS.filter(isPermitted);
  return {
    permitted,
    rules: policy.rules.map(({ name, effect, rights, to, of }) => ({
      ...{ name, effect, rights },
      isForCaller: isMeant(to, subject),
      isForDocument: permits(fitting(of, subject), facts),
    })),
    clearance: { needed: facts.clearance, has: [...clearanceOf(policy, subject.caller)], isEnough },
  };
}
