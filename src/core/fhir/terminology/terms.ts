import type { Origin } from "../conformance/conformance.ts";
import type { Membership } from "../r4/terminology.ts";

/** A code as a document has it. */
export interface Coded {
  /** Undefined for an element of type code, which says none. */
  readonly system: string | undefined;
  readonly version?: string | undefined;
  readonly code: string;
}

/** Whether a code is of a value set, and where nobody could tell, why. */
export interface MembershipAnswer {
  readonly membership: Membership;
  /** What is not held and would have decided it: canonicals of code systems, or of the value set itself. Told once for each. */
  readonly unheld: readonly string[];
}

/** What is known of one code. */
export interface CodeAnswer {
  /** `stranger`: its system is held whole, and has no such code. */
  readonly membership: Membership;
  readonly display?: string;
  readonly inactive?: boolean;
  /** A grouper that is not chosen itself (property notSelectable). */
  readonly abstract?: boolean;
}

/** Terminology with three answers, over one set of packages. Nothing of it goes elsewhere: what is asked of a server is asked by whoever has its answers given in `Heard`. */
export interface Terms {
  /** @param valueSet a canonical, perhaps with a version; `from` the package that names it */
  readonly membership: (valueSet: string, coded: Coded, from?: Origin) => MembershipAnswer;
  readonly code: (coded: Coded, from?: Origin) => CodeAnswer;
  /** Whether a code is another, or below it; undefined when nobody can tell. */
  readonly subsumes: (ancestor: Coded, descendant: Coded, from?: Origin) => boolean | undefined;
}

/**
 * What a terminology server answered before (issue 19, 6). Asked only where nothing that is held can tell; what it does not know it remembers as a question, so that whoever waits may ask it
 * and judge again.
 */
export interface Heard {
  readonly membership: (valueSet: string, coded: Coded) => Membership | undefined;
  readonly code: (coded: Coded) => CodeAnswer | undefined;
}
