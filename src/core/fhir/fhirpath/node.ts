import { JsonArray, JsonObject, type JsonValue } from "../tree/tree.ts";
import type { Definitions, PropertyDefinition, TypeDefinition } from "../r4/definitions.ts";

/**
 * An element of a resource as FHIRPath sees it. Light on purpose: no copy is made of the tree, and a node lives no longer than the step of a path that looks at it.
 */
export class FhirPathNode {
  /** The code of its FHIR type: `Patient`, `HumanName`, `code`, `BackboneElement`. */
  readonly type: string;
  /** What may be in it; undefined for a primitive, and for a resource whose type is not defined. */
  readonly definition: TypeDefinition | undefined;
  /** A complex element's object; a primitive's value, undefined when it has only a companion. */
  readonly value: JsonValue | undefined;
  /** A primitive's `_name`: its id and extensions. */
  readonly companion: JsonObject | undefined;

  constructor(type: string, definition: TypeDefinition | undefined, value: JsonValue | undefined, companion: JsonObject | undefined) {
    this.type = type;
    this.definition = definition;
    this.value = value;
    this.companion = companion;
  }
}

/** A resource, contained or not, as the start of an evaluation. */
export function nodeOf(resource: JsonObject, { definitionOf }: Definitions): FhirPathNode {
  const type = resource.string("resourceType") ?? "Resource";
  return new FhirPathNode(type, definitionOf(type), resource, undefined);
}

/**
 * One value of a property: not the array of a repeated one, but an item of it, with the item of `_name` at the same place.
 * @returns undefined when neither holds anything (a null with no companion)
 */
export function nodeOfProperty(
  property: PropertyDefinition,
  value: JsonValue | undefined,
  companion: JsonValue | undefined,
  definitions: Definitions,
): FhirPathNode | undefined {
  if (property.isPrimitive) {
    const own = value === null || value instanceof JsonObject || value instanceof JsonArray ? undefined : value;
    const beside = companion instanceof JsonObject ? companion : undefined;
    return own === undefined && beside === undefined ? undefined : new FhirPathNode(property.type, undefined, own, beside);
  }
  if (!(value instanceof JsonObject)) return undefined;
  return property.isResource ? nodeOf(value, definitions) : new FhirPathNode(property.type, property.content, value, undefined);
}
