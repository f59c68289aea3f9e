/** Small profiles in memory, and what they make of a resource. */
import type { Conformance, Held, ProfileSet } from "../../../../src/core/fhir/conformance/conformance.ts";
import type { ElementDefinition, StructureDefinition } from "../../../../src/core/fhir/conformance/structure-definition.ts";
import type { ValueSet } from "../../../../src/core/fhir/conformance/terminology-resources.ts";
import { isError, type Issue } from "../../../../src/core/fhir/issue.ts";
import { createTerms } from "../../../../src/core/fhir/terminology/create-terms.ts";
import { JsonObject, treeOf } from "../../../../src/core/fhir/tree/tree.ts";
import { DEFAULT_POLICY, type Policy } from "../../../../src/pipeline/validate/policy.ts";
import { createProfiles } from "../../../../src/pipeline/validate/profiles/create-profiles.ts";
import { createValidator, type Judgement, type Validator } from "../../../../src/pipeline/validate/validate.ts";
import { R4 } from "../../../r4.ts";

export const URL = "http://example.org/StructureDefinition/";
const ORIGIN = { name: "example", version: "1.0.0" };

/** A profile whose snapshot has no more than what it says: the last part of its canonical, its type, its elements. */
export function aProfile(
  name: string,
  type: string,
  element: readonly ElementDefinition[],
  more: Partial<StructureDefinition> = {},
): StructureDefinition {
  const kind = R4.definitions.isResourceType(type) ? "resource" : "complex-type";
  const root = element[0]?.path === type ? [] : [{ path: type }];
  return { url: URL + name, version: "1.0.0", name, type, kind, derivation: "constraint", snapshot: { element: [...root, ...element] }, ...more };
}

/** Definitions by their canonicals; with R4's version, or the one that they have, behind it. */
export function conformanceWith(profiles: readonly StructureDefinition[], valueSets: readonly ValueSet[] = []): Conformance {
  const found = <One extends { readonly url: string; readonly version?: string }>(some: readonly One[], canonical: string): Held<One> | undefined => {
    const [url, version] = canonical.split("|");
    const resource = some.find((one) => one.url === url && (version === undefined || one.version === version));
    return resource && { resource, origin: ORIGIN };
  };
  const made = new Map<string, Held<StructureDefinition> | undefined>();
  return {
    digest: "",
    structureDefinition: (canonical) => {
      if (!made.has(canonical)) made.set(canonical, found(profiles, canonical));
      return made.get(canonical);
    },
    valueSet: (canonical) => found(valueSets, canonical),
    codeSystem: () => undefined,
    supplements: () => [],
  };
}

/** A validator that holds these profiles. */
export function validatorWith(
  profiles: readonly StructureDefinition[],
  valueSets: readonly ValueSet[] = [],
  more: Partial<ProfileSet> = {},
  policy: Policy = DEFAULT_POLICY,
): Validator {
  const set: ProfileSet = { name: "example", conformance: conformanceWith(profiles, valueSets), documents: [], ignoredSystems: new Set(), ...more };
  const { definitions, coreProfiles } = R4;
  return createValidator({
    ...R4,
    policy,
    profiles: createProfiles({ definitions, core: coreProfiles, sets: { on: () => set }, terms: (conformance) => createTerms({ conformance }) }),
  });
}

export function tree(resource: object): JsonObject {
  const made = treeOf(JSON.parse(JSON.stringify(resource)));
  if (!(made instanceof JsonObject)) throw new Error("no resource");
  return made;
}

/** What the first of the profiles says of a resource. */
export function held(
  resource: object,
  profiles: readonly StructureDefinition[],
  valueSets: readonly ValueSet[] = [],
): Pick<Judgement, "issues" | "verdicts"> {
  const found = validatorWith(profiles, valueSets).heldAgainst(profiles[0]?.url ?? "", tree(resource));
  if (!found) throw new Error("not held");
  return found;
}

/** The same, briefly: `profile-value Patient.gender`, errors alone. */
export function errorsOf(resource: object, profiles: readonly StructureDefinition[], valueSets: readonly ValueSet[] = []): string[] {
  return held(resource, profiles, valueSets).issues.filter(isError).map(brief);
}

export function brief({ rule, expression = "" }: Issue): string {
  return `${rule} ${expression}`;
}
