import type { FhirPathExpression } from "../../../core/fhir/fhirpath/compile.ts";
import type { Held } from "../../../core/fhir/conformance/conformance.ts";
import type { StructureDefinition } from "../../../core/fhir/conformance/structure-definition.ts";
import type { TreeNode } from "./element-tree.ts";
import type { ProfileName, ProfilePlan } from "./plan.ts";

/** What is known of another profile while one is planned. */
export interface OtherProfile {
  readonly held: Held<StructureDefinition>;
  readonly tree: TreeNode;
  readonly plan: ProfilePlan;
  /** FHIRPaths by which it says where an extension may stand, each compiled when it is first asked; undefined for one that can't be. */
  readonly expressions: Map<string, FhirPathExpression | undefined>;
  /** Whether it is one element of the profile, and not the whole. */
  readonly isElement?: boolean;
}

/** Finds other profiles; undefined for one that is not held. */
export type FindProfile = (name: ProfileName) => OtherProfile | undefined;
