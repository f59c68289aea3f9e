/** Decisions of a test's in the place of a policy's. */
import type { Asked } from "../src/core/asked.ts";
import { PERMIT_ALL } from "../src/search/predicate.ts";
import { OPEN_ACCESS, type Access } from "../src/security/access.ts";
import { PERMITTED, type Action, type Decision, type DocumentFacts } from "../src/security/decide.ts";

export type Decide = (asked: Asked, action: Action, facts: DocumentFacts) => Decision;

/** The index is not narrowed: what it gives is decided about, each by itself. */
export function accessBy(decide: Decide): Access {
  return {
    grantOf: async (asked) => ({
      ...(await OPEN_ACCESS.grantOf(asked)),
      permitted: PERMIT_ALL,
      decide: (action, facts) => decide(asked, action, facts),
    }),
  };
}

export const permitEverything: Decide = () => PERMITTED;
