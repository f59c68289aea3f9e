import type { Origin } from "../../../core/fhir/conformance/conformance.ts";
import type { BindingStrength, ElementType, StructureDefinition } from "../../../core/fhir/conformance/structure-definition.ts";
import type { FhirPathExpression } from "../../../core/fhir/fhirpath/compile.ts";
import type { FhirPathNode } from "../../../core/fhir/fhirpath/node.ts";
import type { Definitions } from "../../../core/fhir/r4/definitions.ts";

/*
 * What a profile says beyond R4, ready to be asked: a tree of the elements that it constrains. Where it says nothing there is no node. Plans know nothing of a document: they are made once for a
 * set of packages, and asked by every walk.
 */

/** A profile as it is asked. */
export interface ProfilePlan {
  readonly definition: StructureDefinition;
  readonly origin: Origin;
  readonly root: NodePlan;
  /** Why it can't be asked, or not wholly: told once for each document. */
  readonly faults: readonly string[];
}

/** An element that a profile constrains. */
export interface NodePlan {
  /** As R4 names it, without `[x]`. */
  readonly name: string;
  /** As policies name it: `Observation.component.code`. */
  readonly path: string;
  /** What slice of it this is, if it is one. */
  readonly slice: string | undefined;
  /** 0 where the profile demands no more than R4. Of a slice: how often it stands there. */
  readonly min: number;
  /** Infinity where it limits no further. */
  readonly max: number;
  readonly types: readonly TypePlan[];
  /** The codes of the types that are left; undefined where R4's are. */
  readonly codes: ReadonlySet<string> | undefined;
  readonly values: readonly ValuePlan[];
  readonly ranges: readonly RangePlan[];
  readonly maxLength: number | undefined;
  readonly minLength: number | undefined;
  /** Whether a primitive has to have a value, and not extensions alone. */
  readonly mustHaveValue: boolean;
  /** Of these extensions a primitive without a value has one; empty where nothing is said. */
  readonly valueAlternatives: readonly string[];
  readonly narrativeLanguage: string | undefined;
  readonly bindings: readonly BindingPlan[];
  readonly constraints: readonly ConstraintPlan[];
  readonly slicing: SlicingPlan | undefined;
  /** Filled when the whole tree is there: a contentReference shares those of what it refers to. */
  readonly children: readonly NodePlan[];
}

/** A type with what a profile says of values of it. */
export interface TypePlan {
  readonly code: string;
  /** Values hold to one of these. Empty: to the type's own definition. */
  readonly profiles: readonly ProfileName[];
  /** What a Reference or canonical of it leads to; undefined where R4's own targets are. */
  readonly targets: readonly ProfileName[] | undefined;
  readonly aggregation: ElementType["aggregation"];
}

/** A profile as a definition names it. */
export interface ProfileName {
  readonly canonical: string;
  /** The package whose definition names it. */
  readonly from: Origin;
  /** The type of R4 whose own definition it names. */
  readonly coreType: string | undefined;
}

/** `fixed[x]` or `pattern[x]`. */
export interface ValuePlan {
  readonly kind: "fixed" | "pattern";
  readonly value: unknown;
}

/** `minValue[x]` or `maxValue[x]`. */
export interface RangePlan {
  readonly kind: "min" | "max";
  /** The type's name: `Date` of `minValueDate`. */
  readonly type: string;
  readonly value: unknown;
}

export interface BindingPlan {
  readonly strength: BindingStrength | "maximum";
  readonly valueSet: string;
  readonly from: Origin;
}

/** An invariant of the profile. */
export interface ConstraintPlan {
  readonly key: string;
  readonly severity: "error" | "warning";
  readonly human: string;
  readonly text: string;
  /** Compiled when it is first asked; undefined when it can't be. */
  readonly expression: () => FhirPathExpression | undefined;
}

/** How an element that repeats, or a choice, is parted. */
export interface SlicingPlan {
  readonly rules: "closed" | "open" | "openAtEnd";
  readonly isOrdered: boolean;
  readonly slices: readonly NodePlan[];
  /** By what an element is told to be of a slice: worked out when it is first asked, since other profiles may have to be read for it. */
  readonly tests: () => SliceTests;
}

/** What the discriminators of a slicing ask, and what each slice answers. */
export interface SliceTests {
  readonly groups: readonly DiscriminatorGroup[];
  /** By the place of the slice, then of the group, then of the tail. */
  readonly criteria: readonly (readonly (readonly (Criterion | undefined)[])[])[];
  /** Where the first tail of the first group is one string for each slice: the places of the slices by it. */
  readonly byKey: ReadonlyMap<string, readonly number[]> | undefined;
  /** Whether a discriminator asks for profiles, or for all that a slice says: something may hold to several. */
  readonly isByProfile: boolean;
  /** By the place of the slice, from which place of the list to which (exclusive), for discriminators of type position. */
  readonly positions: readonly (readonly [from: number, to: number])[] | undefined;
}

/** Discriminators that are asked of the same element below the sliced one: what they ask must be true of one and the same. */
export interface DiscriminatorGroup {
  readonly prefix: readonly Step[];
  readonly tails: readonly (readonly Step[])[];
}

/** A step of a discriminator's path. */
export type Step =
  | { readonly kind: "child"; readonly name: string }
  | { readonly kind: "extension"; readonly url: string }
  | { readonly kind: "type"; readonly type: string }
  | { readonly kind: "resolve" };

/** Three values: what nobody can tell never selects a slice. */
export type Answer = "yes" | "no" | "unknown";

/** What a slice asks of what stands at the end of a discriminator's path. */
export interface Criterion {
  /** The one string that it asks for. */
  readonly key?: string;
  /** It asks for all that the slice says of the element, since it says no one value. */
  readonly isWhole?: true;
  /** For people. */
  readonly wants: string;
  readonly test: (nodes: readonly FhirPathNode[], asking: Asking) => Answer;
  /** Whether something comes near: it is of the right type, only does not hold to the profile. Then `plan` is what it fails. */
  readonly near?: (nodes: readonly FhirPathNode[], asking: Asking) => string | undefined;
}

/** What a criterion may ask of the walk that asks it. */
export interface Asking {
  readonly definitions: Definitions;
  /** What a Reference or canonical leads to; `type` alone where it is not here and its address tells that. */
  readonly leadsTo: (reference: FhirPathNode) => { readonly node?: FhirPathNode; readonly type?: string };
  /** Whether an element has what a node of a plan asks. */
  readonly conforms: (node: FhirPathNode, plan: NodePlan) => Answer;
  /** Whether a resource or an element holds to a profile. */
  readonly holds: (node: FhirPathNode, profile: ProfileName) => Answer;
  /** The first thing by which it does not, on one line. */
  readonly difference: (node: FhirPathNode, profile: ProfileName) => string | undefined;
  readonly isOf: (coded: FhirPathNode, valueSet: string, from: Origin) => Answer;
}
