/** What broken glass opens: to whom it may be opened, of one patient alone, and never past its time. */
import type { Asked } from "../../core/asked.ts";
import { everyOf, notOf, PERMIT_NONE, permits, someOf, type Predicate, type PredicateFacts } from "../../search/predicate.ts";
import { documentsOf } from "../consent/consent-book.ts";
import type { AccessPolicy } from "../policy/access-policy.ts";
import { cleared, deniedBy, permittedBy, type Subject } from "../policy/permitted.ts";
import { BREAK_GLASS } from "./broken-glass.ts";

export interface ThroughGlass {
  /** What lies behind glass for this caller, whoever the patient is. */
  behind(): Predicate;
  /** Of it, what is open: of the patients for whom they broke it. */
  readonly opened: Predicate;
  /** The broken glass by which a document is open at a moment; undefined when it is not. */
  openingOf(facts: PredicateFacts, now: Date): string | undefined;
}

/**
 * Broken glass takes the place of a rule that permits reading; it widens nothing else. A rule that denies reading denies it still, labels ask for clearance still (but for what the policy gives to whoever breaks
 * the glass), and consents are asked with the purpose BTG. It is a person's own, on the pages that say so: to an app, whose token has scopes, it opens nothing.
 */
export function throughGlass(
  { glass = [] }: Pick<Asked, "glass">,
  subject: Subject,
  { policy, byConsent }: { readonly policy: AccessPolicy; byConsent(broken: Subject): Predicate },
): ThroughGlass {
  const broken: Subject = { ...subject, purpose: BREAK_GLASS };
  const behind = (): Predicate =>
    mayBreakGlass(subject.caller)
      ? everyOf(
          permittedBy(policy, broken, "break-glass"),
          notOf(deniedBy(policy, broken, "read")),
          cleared(policy, broken, policy.breakGlass?.clearance),
          byConsent(broken),
        )
      : PERMIT_NONE;
  if (glass.length === 0) return { behind, opened: PERMIT_NONE, openingOf: () => undefined };
  const all = behind();
  const each = glass.map(({ id, until, patient }) => ({ id, until: Date.parse(until), opened: everyOf(documentsOf(patient), all) }));
  return {
    behind: () => all,
    opened: someOf(each.map(({ opened }) => opened)),
    openingOf: (facts, now) => each.find(({ until, opened }) => now.getTime() < until && permits(opened, facts))?.id,
  };
}

/** People by their own session alone: nothing narrows that, and every page that they get tells of it. */
export function mayBreakGlass({ kind, scopes }: Pick<Subject["caller"], "kind" | "scopes">): boolean {
  return kind === "person" && scopes === undefined;
}
