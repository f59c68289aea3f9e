import type { Origin } from "../../../core/fhir/conformance/conformance.ts";
import type { BundleEntry } from "../../../core/fhir/document-bundle.ts";
import type { FhirPathNode } from "../../../core/fhir/fhirpath/node.ts";
import type { Definitions } from "../../../core/fhir/r4/definitions.ts";
import type { MembershipAnswer } from "../../../core/fhir/terminology/terms.ts";
import type { Findings } from "../findings.ts";
import type { Place } from "../place.ts";
import type { OtherProfile } from "./other-profiles.ts";
import type { ChildrenByShape } from "./children.ts";
import type { Answer, NodePlan, ProfileName } from "./plan.ts";
import type { Difference, Need, Sink } from "./sink.ts";

/** A resource with where it stands: what its references count from. */
export interface Standing {
  readonly resource: FhirPathNode;
  /** The one that contains it, else itself. */
  readonly container: FhirPathNode;
  /** Names and indexes from the root. */
  readonly place: readonly (string | number)[];
  /** The entry of the Bundle that it stands in. */
  readonly entry: BundleEntry | undefined;
  /** What references from here lead to, once they were looked up. */
  readonly targets: Map<string, Target>;
}

/** What a reference leads to. */
export type Target =
  | { readonly kind: "found"; readonly standing: Standing; readonly isContained: boolean }
  /** Not here; its address tells its type. */
  | { readonly kind: "typed"; readonly type: string }
  /** Several, or none that could be told of. */
  | { readonly kind: "unknown" };

/** A resource held against a profile: asked once, whoever asks. */
export interface Pair {
  readonly standing: Standing;
  readonly profile: OtherProfile;
  state: "new" | "asked" | "running" | "settled";
  /** What its own content says, and what its references need. */
  isBroken: boolean;
  isOpen: boolean;
  needs: readonly Need<Pair>[];
  answer: Answer | undefined;
  first: Difference | undefined;
  isTold: boolean;
  /** Whether there is something to tell that is no error. */
  hasRemarks: boolean;
}

/** One of which nothing is known yet. */
export function newPair(standing: Standing, profile: OtherProfile): Pair {
  return {
    standing,
    profile,
    state: "new",
    isBroken: false,
    isOpen: false,
    needs: [],
    answer: undefined,
    first: undefined,
    isTold: false,
    hasRemarks: false,
  };
}

/** A code that was asked of a value set, as it stands in a resource. */
export interface CodeAsked {
  readonly system: string | undefined;
  readonly version: string | undefined;
  readonly code: string;
}

/** What a walk asks of the whole that it is part of: one document, under one set of packages. */
export interface Whole {
  readonly definitions: Definitions;
  readonly findings: Findings;
  readonly childrenOf: (plans: readonly NodePlan[]) => ChildrenByShape;
  readonly find: (name: ProfileName) => OtherProfile | undefined;
  /** @param met where the walk met it, and from which resource: for one that stands in no entry of the Bundle */
  readonly standingOf: (resource: FhirPathNode, met?: { readonly from: Standing; readonly place: Place }) => Standing;
  readonly leadsTo: (reference: string, from: Standing) => Target;
  readonly pair: (standing: Standing, profile: OtherProfile) => Pair;
  readonly answer: (pair: Pair) => Answer;
  readonly difference: (pair: Pair) => Difference | undefined;
  /** Holds a resource against a profile where another profile asks it of what stands there: what is found is told in its place. */
  readonly tellWithin: (pair: Pair, by: Sink<Pair>) => void;
  /** Extensions that were held against the definition that their url names where a profile asked it, and told of. */
  readonly toldExtensions: Set<unknown>;
  readonly isIgnored: (system: string | undefined) => boolean;
  readonly membership: (valueSet: string, coded: CodeAsked, from: Origin) => MembershipAnswer;
  /** Whether it is the first time that this is told of. */
  readonly isNews: (what: string) => boolean;
}
