import type { ElementDefinition, StructureDefinition } from "../../src/core/fhir/conformance/structure-definition.ts";
import type { ValueSet } from "../../src/core/fhir/conformance/terminology-resources.ts";
import type { Fields } from "../../src/core/fhir/packages/fields.ts";
import { strippedStructureDefinition } from "../../src/core/fhir/packages/strip-structure-definition.ts";
import { strippedValueSet } from "../../src/core/fhir/packages/strip-terminology.ts";
import { VITAL_SIGNS_PROFILES } from "../../src/core/fhir/r4/held-profiles.ts";

/** A resource of R4's package. */
type Resource = Fields & { readonly resourceType: string; readonly id?: string; readonly url?: string };

/**
 * The artefact that src/core/fhir/r4/core-profiles.ts reads: R4's vital signs profiles, a line each, and the value sets that they bind units to. Of their snapshots that is left out which says no
 * more than R4's Observation does.
 * @param profiles those of the package
 * @param observation R4's own definition of the type
 */
export function compileVitalSigns(profiles: readonly Resource[], valueSets: readonly Resource[], observation: Resource): string {
  const base = strippedStructureDefinition(observation)?.snapshot?.element ?? [];
  const byPath = new Map(base.map((element) => [element.path, element]));
  const definitions = VITAL_SIGNS_PROFILES.map((id) => {
    const found = profiles.find((profile) => profile.id === id);
    const stripped = found && strippedStructureDefinition(found);
    if (!stripped?.snapshot) throw new Error(`R4 has no profile ${id}`);
    const { differential: _, snapshot, ...rest } = stripped;
    const element = snapshot.element.filter((one) => one.path === "Observation" || saysMore(one, byPath.get(one.path))).map(shortened);
    return { ...rest, snapshot: { element } } satisfies StructureDefinition;
  });
  const bound = new Set(definitions.flatMap(({ snapshot }) => snapshot.element.flatMap(({ binding }) => requiredOf(binding))));
  const sets = [...bound].sort().map((url): ValueSet => {
    const found = valueSets.find((one) => one.url === url);
    const stripped = found && strippedValueSet(found);
    if (!stripped) throw new Error(`R4 has no value set ${url}`);
    return stripped;
  });
  const lines = (some: readonly object[]): string => some.map((one) => JSON.stringify(one)).join(",\n");
  return `{"definitions":[\n${lines(definitions)}\n],"valueSets":[\n${lines(sets)}\n]}\n`;
}

function requiredOf(binding: ElementDefinition["binding"]): string[] {
  return binding?.strength === "required" && binding.valueSet !== undefined ? [binding.valueSet.split("|", 1)[0] ?? ""] : [];
}

function saysMore(element: ElementDefinition, base: ElementDefinition | undefined): boolean {
  const { sliceName, slicing, min = 0, max, path } = element;
  if (path.endsWith(".extension") && sliceName === undefined) return false;
  if (sliceName !== undefined || slicing !== undefined || Object.keys(element).some((name) => /^(?:fixed|pattern)[A-Z]/.test(name))) return true;
  if (base === undefined) return min > 0 || requiredOf(element.binding).length > 0;
  const isSame =
    JSON.stringify([min, max, element.type, requiredOf(element.binding)]) ===
    JSON.stringify([base.min ?? 0, base.max, base.type, requiredOf(base.binding)]);
  return !isSame || ownConstraints(element).length > 0;
}

function ownConstraints({ constraint = [] }: ElementDefinition): NonNullable<ElementDefinition["constraint"]> {
  return constraint.filter(({ key }) => key.startsWith("vs-"));
}

/** Without what is of no use here: texts, flags, the invariants of R4's own. */
function shortened(element: ElementDefinition): ElementDefinition {
  const { short: _, mustSupport: __, isSummary: ___, isModifier: ____, base: _____, condition: ______, constraint, ...rest } = element;
  const own = ownConstraints({ path: "", ...(constraint && { constraint }) });
  const { binding, path } = rest;
  // HL7's validator warns of other units of components, and must: profiles of guides upon these have some (the flow of oxygen in L/min).
  const isWider = path === "Observation.component.value[x]" && binding?.strength === "required";
  return { ...rest, ...(isWider && { binding: { ...binding, strength: "extensible" as const } }), ...(own.length > 0 && { constraint: own }) };
}
