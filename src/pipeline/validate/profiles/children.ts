import { FhirPathNode, nodeOfProperty } from "../../../core/fhir/fhirpath/node.ts";
import type { Definitions, PropertyDefinition } from "../../../core/fhir/r4/definitions.ts";
import { JsonArray, JsonObject, type JsonValue } from "../../../core/fhir/tree/tree.ts";

/** An element of a resource where the second walk meets it. */
export interface Spot {
  readonly node: FhirPathNode;
  /** Among those of its name; undefined where the element does not repeat. */
  readonly index: number | undefined;
  /** Where it begins in the source. */
  readonly offset: number;
}

const NONE: readonly Spot[] = [];

/**
 * The elements of a name in another one, in order: of a choice whatever its type is; of a primitive its id, extensions and value.
 * @param name as R4 names it, without `[x]`
 */
export function childrenOf({ node, offset }: Pick<Spot, "node" | "offset">, name: string, definitions: Definitions): readonly Spot[] {
  const { value, definition, companion } = node;
  if (value instanceof JsonObject) {
    if (definition === undefined) return NONE;
    const property = definition.properties.get(name);
    if (property !== undefined && !property.element.isChoice) return spotsOf(value, property, definitions);
    return choicesOf(value, name, definition.properties, definitions);
  }
  if (name === "value" && value !== undefined) return [{ node: new FhirPathNode("string", undefined, value, undefined), index: undefined, offset }];
  const property = companion && definitions.definitionOf("Element")?.properties.get(name);
  return companion && property ? spotsOf(companion, property, definitions) : NONE;
}

function choicesOf(object: JsonObject, name: string, properties: ReadonlyMap<string, PropertyDefinition>, definitions: Definitions): readonly Spot[] {
  const found = new Set<PropertyDefinition>();
  for (const own of object.names) {
    const plain = own.startsWith("_") ? own.slice(1) : own;
    if (!plain.startsWith(name)) continue;
    const property = properties.get(plain);
    if (property?.element.isChoice === true && property.element.name === name) found.add(property);
  }
  return found.size === 0 ? NONE : [...found].flatMap((property) => spotsOf(object, property, definitions));
}

function spotsOf(object: JsonObject, property: PropertyDefinition, definitions: Definitions): readonly Spot[] {
  const value = object.get(property.name);
  const companion = property.hasCompanion ? object.get(`_${property.name}`) : undefined;
  if (value === undefined && companion === undefined) return NONE;
  const offset = object.offsetOf(value === undefined ? `_${property.name}` : property.name);
  if (!(value instanceof JsonArray) && !(companion instanceof JsonArray)) {
    const node = nodeOfProperty(property, value, companion, definitions);
    return node === undefined ? NONE : [{ node, index: property.element.max > 1 ? 0 : undefined, offset }];
  }
  const [values, companions] = [arrayOf(value), arrayOf(companion)];
  const spots: Spot[] = [];
  for (let index = 0; index < Math.max(values.items.length, companions.items.length); index++) {
    const node = nodeOfProperty(property, values.items[index], companions.items[index], definitions);
    if (node) spots.push({ node, index, offset: values.offsets[index] ?? companions.offsets[index] ?? offset });
  }
  return spots;
}

const EMPTY = new JsonArray();

function arrayOf(value: JsonValue | undefined): JsonArray {
  return value instanceof JsonArray ? value : EMPTY;
}
