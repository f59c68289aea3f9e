import type { Asked, NotedDocument, NotedRefusal } from "../../core/asked.ts";
import type { Access, Grant } from "../access.ts";
import type { Decision, DocumentFacts } from "../decide.ts";

/**
 * The same decisions, each taken down for the audit trail: whatever reaches content asks the decision, so nothing that is disclosed can be missed here, and no interaction need remember to say so.
 */
export function notingAccess(access: Access): Access {
  const made = new WeakMap<Asked, Promise<Grant>>();
  return {
    grantOf: (asked) => {
      if (!asked.noted) return access.grantOf(asked);
      const known = made.get(asked) ?? access.grantOf(asked).then((grant) => noting(grant, asked));
      made.set(asked, known);
      return known;
    },
  };
}

function noting(grant: Grant, { noted }: Asked): Grant {
  return {
    ...grant,
    decide: (action, facts) => {
      const decision = grant.decide(action, facts);
      noted?.decided(action, documentOf(facts), refusalOf(decision), decision.isPermitted ? decision.glass : undefined);
      return decision;
    },
    mayDeposit: (facts) => {
      const decision = grant.mayDeposit(facts);
      noted?.decided("deposit", documentOf(facts), refusalOf(decision));
      return decision;
    },
  };
}

function documentOf({ id, patient, confidentiality, labels }: DocumentFacts): NotedDocument {
  return { id, patient, confidentiality, labels };
}

function refusalOf(decision: Decision): NotedRefusal | undefined {
  if (decision.isPermitted) return undefined;
  const { reason, consents } = decision;
  return { reason, ...(consents && { consents }) };
}
