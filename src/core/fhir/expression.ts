import type { Definitions, PropertyDefinition, TypeDefinition } from "./r4/definitions.ts";

/** A step from an object to one of its properties, or from an array to one of its items. */
export type PathStep = string | number;

/**
 * The FHIRPath of a place in a tree that is still being read, with indexes: `Bundle.entry[3].resource.name[0]`. An element of many types has its element's
 * name (`Observation.value`, never `valueQuantity`), and what `_birthDate` holds belongs to `birthDate`.
 * It ends before a name that makes no FHIRPath: the place is then that of the object which has it.
 * @param types the resourceType of each object from the root inwards, as far as it was read; undefined for objects and arrays without one
 * @param steps what in each of them leads on; the path ends where one is undefined
 * @param definitions without them, of JSON that is not FHIR, each name is its own
 * @returns undefined for the root of a resource whose type is not known yet; below such a root the path begins with its first property
 */
export function fhirPathOf(
  types: readonly (string | undefined)[],
  steps: readonly (PathStep | undefined)[],
  definitions?: Definitions,
): string | undefined {
  let path = typeNameOf(types[0]) ?? "";
  let type: TypeDefinition | undefined;
  let property: PropertyDefinition | undefined;
  for (const [level, step] of steps.entries()) {
    if (step === undefined || step === "resourceType") break;
    if (typeof step === "number") {
      path += `[${step}]`;
      continue;
    }
    const isResource = level === 0 || property?.isResource === true;
    const typeName = isResource ? typeNameOf(types[level]) : property?.isPrimitive === true ? "Element" : undefined;
    type = typeName === undefined ? property?.content : definitions?.definitionOf(typeName);
    const name = step.startsWith("_") ? step.slice(1) : step;
    if (!isIdentifier(name)) break;
    property = type?.properties.get(name);
    path += `${path === "" ? "" : "."}${property?.element.name ?? name}`;
  }
  return path === "" ? undefined : path;
}

function typeNameOf(name: string | undefined): string | undefined {
  return name !== undefined && isIdentifier(name) ? name : undefined;
}

/** Whether a name can stand in a FHIRPath as it is (FHIRPath, IDENTIFIER): no name in R4 has an underscore, or more than 64 characters. */
export function isIdentifier(name: string): boolean {
  return /^[A-Za-z][A-Za-z0-9]{0,63}$/.test(name);
}
