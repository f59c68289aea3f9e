import { FhirPathNode } from "../fhir/fhirpath/node.ts";
import type { Definitions, PropertyDefinition, TypeDefinition } from "../fhir/r4/definitions.ts";
import { JsonArray, JsonNumber, JsonObject, type JsonValue } from "../fhir/tree/tree.ts";
import { wholeOf } from "./scalars.ts";
import type { Held } from "./source.ts";

/** An element that has elements of its own, as a query stands at it. */
export interface GraphNode {
  readonly value: JsonObject;
  readonly definition: TypeDefinition;
  /** The resource that it is of. */
  readonly held: Held;
}

/** A resource as the place where a query goes on; undefined for a type that is not defined. */
export function nodeOfResource(held: Held, { definitionOf }: Pick<Definitions, "definitionOf">): GraphNode | undefined {
  const definition = definitionOf(held.type);
  return definition && { value: held.resource, definition, held };
}

/** The values of a property, in order: of a repeated one all of them. */
export function valuesOf(value: JsonValue | undefined): readonly JsonValue[] {
  if (value instanceof JsonArray) return value.items;
  return value === undefined ? [] : [value];
}

/** Elements of a property; what is none is passed over. */
export function childrenOf(parent: GraphNode, property: PropertyDefinition, definitions: Definitions): GraphNode[] {
  const children: GraphNode[] = [];
  for (const value of valuesOf(parent.value.get(property.name))) {
    if (!(value instanceof JsonObject)) continue;
    const child = property.isResource
      ? inner(parent, property, value, definitions)
      : property.content && { value, definition: property.content, held: parent.held };
    if (child) children.push(child);
  }
  return children;
}

/** A resource within another: a contained one, or that of an entry of a Bundle. */
function inner(parent: GraphNode, property: PropertyDefinition, resource: JsonObject, definitions: Definitions): GraphNode | undefined {
  const { held: holder } = parent;
  const isEntry = property.element.path === "Bundle.entry.resource";
  const entry = isEntry ? holder.resource.items("entry").indexOf(parent.value) : undefined;
  return nodeOfResource({ resource, type: resource.string("resourceType") ?? "", within: { holder, entry } }, definitions);
}

/** A primitive value as JSON has it; undefined for what is of another kind. */
export function primitiveOf(value: JsonValue | undefined, type: string): string | boolean | JsonNumber | undefined {
  if (typeof value === "string") return NUMBERS.has(type) || type === "boolean" ? undefined : value;
  if (typeof value === "boolean") return type === "boolean" ? value : undefined;
  return value instanceof JsonNumber && NUMBERS.has(type) ? value : undefined;
}

/** As GraphQL takes it: its own `Int` is a number. */
export function shownPrimitive(value: JsonValue, type: string): string | boolean | number | JsonNumber | undefined {
  const primitive = primitiveOf(value, type);
  return type === "integer" && primitive instanceof JsonNumber ? wholeOf(primitive) : primitive;
}

/** Primitives that are numbers in JSON (R4 json.html). */
export const NUMBERS: ReadonlySet<string> = new Set(["decimal", "integer", "positiveInt", "unsignedInt"]);

/** The same place for FHIRPath. */
export function pathNodeOf({ value, definition }: GraphNode): FhirPathNode {
  return new FhirPathNode(definition.name, definition, value, undefined);
}
