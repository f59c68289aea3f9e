import { FhirPathNode, nodeOfProperty } from "../../../core/fhir/fhirpath/node.ts";
import type { Definitions, PropertyDefinition, TypeDefinition } from "../../../core/fhir/r4/definitions.ts";
import type { Shape } from "../../../core/fhir/tree/shape.ts";
import { JsonArray, JsonObject, type JsonValue } from "../../../core/fhir/tree/tree.ts";
import type { NodePlan } from "./plan.ts";

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

/** An element that a plan asks about in objects of a shape, and where it stands. */
export interface Met {
  readonly plan: NodePlan;
  /** Undefined where it is absent: then something is missing. */
  readonly properties: readonly PropertyDefinition[];
}

/** What the children of a plan are in objects of one shape: worked out once for a shape, since most objects share one with others. */
export class ChildrenByShape {
  readonly #plans: readonly NodePlan[];
  readonly #known = new WeakMap<Shape, { readonly definition: TypeDefinition; readonly met: readonly Met[] }>();

  constructor(plans: readonly NodePlan[]) {
    this.#plans = plans;
  }

  of(shape: Shape, definition: TypeDefinition): readonly Met[] {
    if (!shape.isShared) return this.#make(shape, definition);
    const known = this.#known.get(shape);
    if (known?.definition === definition) return known.met;
    const met = this.#make(shape, definition);
    this.#known.set(shape, { definition, met });
    return met;
  }

  #make({ names }: Shape, { properties }: TypeDefinition): readonly Met[] {
    const present = new Set(names.map((name) => properties.get(name.startsWith("_") ? name.slice(1) : name)).filter((one) => one !== undefined));
    return this.#plans
      .map((plan) => ({ plan, properties: [...present].filter(({ element, name }) => (element.isChoice ? element.name : name) === plan.name) }))
      .filter(({ plan, properties: found }) => found.length > 0 || plan.min > 0 || plan.slicing?.slices.some(({ min }) => min > 0) === true);
  }
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

export function spotsOf(object: JsonObject, property: PropertyDefinition, definitions: Definitions): readonly Spot[] {
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
