import { JsonArray, JsonObject, type JsonValue } from "../tree/tree.ts";
import type { Definitions, PropertyDefinition, TypeDefinition } from "../r4/definitions.ts";
import { FhirPathError } from "./errors.ts";
import { EMPTY, TypeInfo, type Collection, type Item } from "./item.ts";
import type { FhirPathMode } from "./mode.ts";
import { FhirPathNode, nodeOfProperty } from "./node.ts";
import { fromItems, type Evaluation, type Operation } from "./operation.ts";
import { systemValue } from "./values.ts";

/** Where a name leads within one type: the property of that name, or those of a choice. */
type Step = ReadonlyMap<string, PropertyDefinition>;

const NO_STEP: Step = new Map([]);
/** `id` and `extension` stand in a primitive's companion. */
const COMPANION_TYPE = "Element";

/**
 * The children of one name (FHIRPath, path selection; R4: `value` finds `valueQuantity`).
 * @param source undefined at the start of a path: then `$this` is looked at without a collection being made of it
 */
export function memberOperation(source: Operation | undefined, name: string, mode: FhirPathMode, definitions: Definitions): Operation {
  const selector = new ChildSelector(name, mode, definitions);
  if (source === undefined) {
    return fromItems(
      ({ self }) => (self === undefined ? EMPTY : selector.of(self)),
      ({ self }) => self !== undefined && selector.isIn(self),
    );
  }
  return fromItems(
    (evaluation) => {
      const from = source.items(evaluation);
      if (from.length === 0) return EMPTY;
      if (from.length === 1) return selector.of(from[0] as Item);
      const found: Item[] = [];
      for (const item of from) selector.add(item, found);
      return found;
    },
    (evaluation) => {
      for (const item of source.items(evaluation)) if (selector.isIn(item)) return true;
      return false;
    },
  );
}

/** A type's name at the start of a path: the focus when it is of that type (FHIRPath, paths and polymorphic items). */
export function rootOperation(isOfType: (item: Item) => boolean, isStrict: boolean): Operation {
  const matches = ({ self }: Evaluation): boolean => {
    if (self !== undefined && isOfType(self)) return true;
    if (isStrict) throw new FhirPathError("The expression begins with another type than that of what it is evaluated on.");
    return false;
  };
  return fromItems((evaluation) => (matches(evaluation) ? [evaluation.self as Item] : EMPTY), matches);
}

/** Finds children by name. What it finds out about a type is kept: the same expression meets the same few types over and over. */
export class ChildSelector {
  readonly #name: string;
  readonly #mode: FhirPathMode;
  readonly #definitions: Definitions;
  readonly #steps = new Map<TypeDefinition, Step>();
  #lastType: TypeDefinition | undefined;
  #lastStep: Step = NO_STEP;
  /** The property, when the name leads to one only: then the object is asked for it by its name. */
  #lastOnly: PropertyDefinition | undefined;

  constructor(name: string, mode: FhirPathMode, definitions: Definitions) {
    this.#name = name;
    this.#mode = mode;
    this.#definitions = definitions;
  }

  of(item: Item): Collection {
    const found: Item[] = [];
    this.add(item, found);
    return found;
  }

  add(item: Item, found: Item[]): void {
    const object = this.#enter(item);
    if (object === undefined) {
      if (!(item instanceof FhirPathNode) || !(item.value instanceof JsonObject)) this.#addOfSimple(item, found);
      return;
    }
    if (this.#lastOnly) addChildren(object, this.#lastOnly, this.#definitions, found);
    else if (this.#lastStep.size > 0) this.#addChoice(object, found);
  }

  /** An object has few names, and a choice may have fifty. */
  #addChoice(object: JsonObject, found: Item[]): void {
    for (const name of object.names) {
      const isCompanion = name.startsWith("_");
      const property = this.#lastStep.get(isCompanion ? name.slice(1) : name);
      if (property && !(isCompanion && object.has(property.name))) addChildren(object, property, this.#definitions, found);
    }
  }

  isIn(item: Item): boolean {
    const object = this.#enter(item);
    const only = this.#lastOnly;
    if (object !== undefined && only !== undefined) {
      const value = object.get(only.name);
      if (typeof value === "string" || (value instanceof JsonObject && !only.isPrimitive)) return true;
      if (value === undefined && !(only.isPrimitive && object.has(`_${only.name}`))) return false;
    }
    const found: Item[] = [];
    this.add(item, found);
    return found.length > 0;
  }

  /** The object of a complex element, with the step for its type made ready; undefined for anything else. */
  #enter(item: Item): JsonObject | undefined {
    if (!(item instanceof FhirPathNode) || !(item.value instanceof JsonObject)) return undefined;
    const { definition } = item;
    if (definition === undefined) return undefined;
    if (definition !== this.#lastType) this.#turnTo(definition);
    return item.value;
  }

  #turnTo(definition: TypeDefinition): void {
    let step = this.#steps.get(definition);
    if (step === undefined) {
      step = this.#stepIn(definition);
      this.#steps.set(definition, step);
    }
    if (step.size === 0 && this.#isStrict()) throw new FhirPathError(`${definition.name} has no element '${this.#name}'.`);
    this.#lastType = step.size === 0 && this.#isStrict() ? undefined : definition;
    this.#lastStep = step;
    this.#lastOnly = step.size === 1 ? step.values().next().value : undefined;
  }

  /** FHIRPath has `value.ofType(Coding)` alone. Guides write `valueCoding`, too, as it stands in JSON, and HL7's validator takes it (lenient). */
  #stepIn({ properties }: TypeDefinition): Step {
    const step = new Map([...properties].filter(([, { element }]) => element.name === this.#name));
    const typed = step.size === 0 && this.#mode === "lenient" ? properties.get(this.#name) : undefined;
    return typed?.element.isChoice === true ? new Map([[this.#name, typed]]) : step;
  }

  #isStrict(): boolean {
    return this.#mode === "strict";
  }

  #addOfSimple(item: Item, found: Item[]): void {
    const name = this.#name;
    if (item instanceof FhirPathNode) {
      if (name === "value") {
        const value = systemValue(item);
        if (value !== undefined) found.push(value);
      } else if (item.companion && (name === "id" || name === "extension")) addCompanion(item.companion, name, this.#definitions, found);
      else if (this.#isStrict() && name !== "id" && name !== "extension") throw new FhirPathError(`${item.type} has no element '${name}'.`);
    } else if (item instanceof TypeInfo && (name === "name" || name === "namespace")) found.push(item[name]);
    else if (this.#isStrict()) throw new FhirPathError(`A value has no element '${name}'.`);
  }
}

function addCompanion(companion: JsonObject, name: string, definitions: Definitions, found: Item[]): void {
  const { definitionOf } = definitions;
  const property = definitionOf(COMPANION_TYPE)?.properties.get(name) ?? definitionOf("HumanName")?.properties.get(name);
  if (property) addChildren(companion, property, definitions, found);
}

/** All values of one property, repeated ones one by one, primitives with their companions. */
function addChildren(object: JsonObject, property: PropertyDefinition, definitions: Definitions, found: Item[]): void {
  const value = object.get(property.name);
  const companion = property.isPrimitive ? object.get(`_${property.name}`) : undefined;
  if (value instanceof JsonArray || companion instanceof JsonArray) {
    const values: readonly JsonValue[] = value instanceof JsonArray ? value.items : [];
    const companions: readonly JsonValue[] = companion instanceof JsonArray ? companion.items : [];
    const count = Math.max(values.length, companions.length);
    for (let at = 0; at < count; at++) addNode(property, values[at], companions[at], definitions, found);
  } else addNode(property, value, companion, definitions, found);
}

function addNode(
  property: PropertyDefinition,
  value: JsonValue | undefined,
  companion: JsonValue | undefined,
  definitions: Definitions,
  found: Item[],
): void {
  const node = nodeOfProperty(property, value, companion, definitions);
  if (node) found.push(node);
}

/** `children()`: everything within an element, in the order in which it stands there; of a primitive its id and extensions. */
export function addAllChildren(item: Item, definitions: Definitions, found: Item[]): void {
  if (!(item instanceof FhirPathNode)) return;
  if (!(item.value instanceof JsonObject)) {
    if (item.companion) for (const name of item.companion.names) addCompanion(item.companion, name, definitions, found);
    return;
  }
  const properties = item.definition?.properties;
  if (!properties) return;
  for (const name of item.value.names) {
    const isCompanion = name.startsWith("_");
    // A companion alone stands for its primitive; beside one, it was taken along.
    const property = isCompanion ? (item.value.has(name.slice(1)) ? undefined : properties.get(name.slice(1))) : properties.get(name);
    if (property) addChildren(item.value, property, definitions, found);
  }
}

/** `descendants()`: the children, their children and so on, level by level. */
export function descendantsOf(items: Collection, definitions: Definitions): Collection {
  const found: Item[] = [];
  for (const item of items) addAllChildren(item, definitions, found);
  for (let at = 0; at < found.length; at++) addAllChildren(found[at] as Item, definitions, found);
  return found;
}
