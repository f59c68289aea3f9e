import { R4_CORE, writeCompiledSet, type SetDefinition } from "../../src/core/fhir/packages/compiled-set.ts";
import type { Fields } from "../../src/core/fhir/packages/fields.ts";
import { strippedStructureDefinition } from "../../src/core/fhir/packages/strip-structure-definition.ts";
import { strippedCodeSystem, strippedValueSet } from "../../src/core/fhir/packages/strip-terminology.ts";
import type { StructureDefinition } from "../../src/core/fhir/conformance/structure-definition.ts";
import type { CodeSystem, Concept, ValueSet } from "../../src/core/fhir/conformance/terminology-resources.ts";
import { withoutDrift } from "./drift.ts";

/**
 * R4's own definitions as the compiled set that packages stand upon (hl7.fhir.r4.core 4.0.1): structure definitions with the snapshots that HL7 published, value sets, code systems; of these without the
 * definitions of their codes, which nobody here shows.
 * @param resources as the definitions package has them; others are left out
 */
export function compileR4Set(resources: readonly Fields[]): Uint8Array<ArrayBuffer> {
  const definitions = resources.flatMap((resource): SetDefinition[] => {
    const made = definitionOf(resource);
    return made === undefined ? [] : [{ ...made, origin: R4_CORE } as SetDefinition];
  });
  return writeCompiledSet({ key: "R4", packages: [R4_CORE], definitions: definitions.sort(inOrder) });
}

function definitionOf(resource: Fields): Pick<SetDefinition, "kind" | "resource"> | undefined {
  switch (resource["resourceType"]) {
    case "StructureDefinition": {
      const { differential: _, ...definition } = strippedStructureDefinition(resource) ?? missing(resource);
      return { kind: "StructureDefinition", resource: published(definition) };
    }
    case "ValueSet":
      return { kind: "ValueSet", resource: withVersions(strippedValueSet(resource) ?? missing(resource)) };
    case "CodeSystem":
      return { kind: "CodeSystem", resource: withoutTexts(strippedCodeSystem(resource) ?? missing(resource)) };
    default:
      return undefined;
  }
}

/** As 4.0.1 has it: the definitions package departs from it in a few elements. */
function published(definition: StructureDefinition): StructureDefinition {
  return definition.snapshot === undefined ? definition : { ...definition, snapshot: { element: withoutDrift(definition.snapshot.element) } };
}

/** Six code systems of version 2 have a version in their addresses (`v2-0391|2.6`), where it has no place, and another as their version. */
function withoutTexts(system: CodeSystem): CodeSystem {
  const [url = "", version = system.version] = system.url.split("|");
  return { ...system, url, ...(version !== undefined && { version }), ...(system.concept && { concept: system.concept.map(withoutText) }) };
}

/** The value sets of those systems name them so. */
function withVersions(valueSet: ValueSet): ValueSet {
  const { compose } = valueSet;
  if (compose === undefined) return valueSet;
  const include = compose.include.map((one) => {
    const [system, version] = one.system?.split("|") ?? [];
    return system === undefined || version === undefined ? one : { ...one, system, version };
  });
  return { ...valueSet, compose: { ...compose, include } };
}

function withoutText({ definition: _, ...concept }: Concept): Concept {
  return concept.concept === undefined ? concept : { ...concept, concept: concept.concept.map(withoutText) };
}

function inOrder(one: SetDefinition, other: SetDefinition): number {
  const [a, b] = [`${one.kind} ${one.resource.url}`, `${other.kind} ${other.resource.url}`];
  return a < b ? -1 : a > b ? 1 : 0;
}

function missing(resource: Fields): never {
  throw new Error(`It lacks what makes a definition: ${JSON.stringify(resource["url"])}`);
}
