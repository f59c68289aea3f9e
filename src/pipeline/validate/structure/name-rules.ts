import type { PlainRuleId } from "../findings.ts";
import type { ElementDefinition, PropertyDefinition, TypeDefinition } from "../../../core/fhir/r4/definitions.ts";
import { shown } from "../shown.ts";

/** What is wrong with the names of an object's properties, whatever their values. */
export interface NameFault {
  readonly rule: PlainRuleId;
  readonly text: string;
  /** Which name; undefined where one is missing. */
  readonly at: number | undefined;
  /** Where one is missing, the path of its element. */
  readonly about?: string;
}

/** The element that a property's name means in a type, and whether it is what stands beside a primitive (`_birthDate`); undefined when there is none (R4 json.html). */
export function propertyOf(
  definition: TypeDefinition,
  name: string,
): { readonly property: PropertyDefinition; readonly isCompanion: boolean } | undefined {
  const isCompanion = name.startsWith("_");
  const property = definition.properties.get(isCompanion ? name.slice(1) : name);
  return property === undefined || (isCompanion && !property.hasCompanion) ? undefined : { property, isCompanion };
}

/** Names against a type: elements that it does not have, several of one choice, required ones that are absent (R4 json.html, formats.html, ElementDefinition.min). */
export function nameFaults(definition: TypeDefinition, names: readonly string[]): NameFault[] {
  if (names.length === 0)
    return [
      { rule: "empty-object", text: "An object is never empty in FHIR: leave it out, or give it content.", at: undefined },
      ...missing(definition, names),
    ];
  const faults: NameFault[] = [];
  // What stands beside a primitive may have an id alone, if the primitive has a value.
  if (names.length === 1 && names[0] === "id" && definition.kind !== "resource" && definition.name !== "Element")
    faults.push({
      rule: "ele-1",
      text: "An element has a value or something within, not an id alone: leave it out, or give it content.",
      at: 0,
    });
  const chosen = new Map<ElementDefinition, string>();
  names.forEach((name, at) => {
    if (name === "resourceType" && definition.kind === "resource") return;
    const property = propertyOf(definition, name)?.property;
    if (property === undefined) {
      // The place is that of the object, as HL7's validator has it: a name that R4 lacks makes no FHIRPath.
      const text = `${definition.name} has no element "${shown(name, 64)}" in R4: remove it, or mend its name.`;
      faults.push({ rule: "unknown-element", text, at });
      return;
    }
    const { element } = property;
    const earlier = chosen.get(element);
    if (earlier !== undefined && earlier !== property.name) {
      const text = `${element.path}[x] has one value: ${earlier} and ${property.name} stand here both.`;
      faults.push({ rule: "choice-repeated", text, at });
    }
    if (element.isChoice) chosen.set(element, property.name);
  });
  return [...faults, ...missing(definition, names)];
}

function missing(definition: TypeDefinition, names: readonly string[]): NameFault[] {
  const present = new Set(names.map((name) => propertyOf(definition, name)?.property.element));
  return definition.elements
    .filter((element) => element.min > 0 && !present.has(element))
    .map(({ path, isChoice, min }) => ({
      rule: "element-missing",
      text: `${path}${isChoice ? "[x]" : ""} is required (at least ${min}): add it.`,
      about: `${path}${isChoice ? "[x]" : ""}`,
      at: undefined,
    }));
}
