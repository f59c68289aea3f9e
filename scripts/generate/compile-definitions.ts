import { withoutDrift } from "./drift.ts";
import type { ElementDefinition, ElementType, StructureDefinition } from "./structure-definition.ts";

const FHIR_TYPE = "http://hl7.org/fhir/StructureDefinition/structuredefinition-fhir-type";
const REGEX = "http://hl7.org/fhir/StructureDefinition/regex";
const SYSTEM_TYPE = "http://hl7.org/fhirpath/System.";
const CORE = "http://hl7.org/fhir/StructureDefinition/";

/**
 * One element in the artefact: name (with [x] for a choice), min, max (-1: unbounded), types, and what else there is to say. Types stand in one text, parted by `|`;
 * a reference's or canonical's targets behind it in angle brackets: `Reference<Patient,Group>|string`.
 */
type Entry = [name: string, min: number, max: number, types: string, more?: { content?: Entry[]; same?: string; attribute?: true }];

/** R4 structure definitions as the compact artefact that src/core/fhir/r4/definitions.ts reads: one type a line, in order of name. */
export function compileDefinitions(definitions: readonly StructureDefinition[]): string {
  const types = definitions
    .filter((definition) => definition.derivation !== "constraint" && definition.kind !== "logical")
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((definition) => `${JSON.stringify(definition.name)}:${JSON.stringify(compileType(definition))}`);
  return `{"fhirVersion":"4.0.1","types":{\n${types.join(",\n")}\n}}\n`;
}

function compileType(definition: StructureDefinition): object {
  const elements = withoutDrift(definition.snapshot.element);
  const kind = definition.kind.replace("-type", "");
  const regex =
    kind === "primitive"
      ? elements.find((element) => element.path === `${definition.name}.value`)?.type?.[0]?.extension?.find((extension) => extension.url === REGEX)
      : undefined;
  return {
    kind,
    ...(definition.baseDefinition && { base: definition.baseDefinition.replace(CORE, "") }),
    ...(definition.abstract && { abstract: true }),
    ...(regex && { regex: regex.valueString }),
    ...(kind !== "primitive" && { elements: childrenOf(definition.name, elements, kind === "resource") }),
  };
}

function childrenOf(path: string, elements: readonly ElementDefinition[], isResource: boolean): Entry[] {
  const children = elements.filter((element) => element.path.startsWith(`${path}.`) && !element.path.slice(path.length + 1).includes("."));
  return children.map((element) => {
    const name = element.path.slice(path.length + 1);
    const content = childrenOf(element.path, elements, false);
    const isAttribute = element.representation?.includes("xmlAttr") === true && !isResource;
    const more = {
      ...(content.length > 0 && { content }),
      ...(element.contentReference && { same: element.contentReference.replace(/^.*#/, "") }),
      ...(isAttribute && { attribute: true as const }),
    };
    const types = isResource && name === "id" ? "id" : (element.type ?? []).map(typeText).join("|");
    const max = element.max === "*" ? -1 : Number(element.max);
    return Object.keys(more).length > 0 ? [name, element.min, max, types, more] : [name, element.min, max, types];
  });
}

function typeText(type: ElementType): string {
  const targets = (type.targetProfile ?? []).map((profile) => profile.replace(CORE, ""));
  return targets.length > 0 ? `${codeOf(type)}<${targets.join(",")}>` : codeOf(type);
}

/** The FHIR type: FHIRPath's system types stand for ids, urls of extensions and values. */
function codeOf(type: ElementType): string {
  if (!type.code.startsWith(SYSTEM_TYPE)) return type.code;
  return type.extension?.find((extension) => extension.url === FHIR_TYPE)?.valueUrl ?? "string";
}
