import type { Definitions, PropertyDefinition, TypeDefinition } from "../r4/definitions.ts";
import { JsonArray, JsonNumber, JsonObject, type JsonValue } from "../tree/tree.ts";

/** All occurrences of one element within another: one property of the JSON form, with its companion. */
export interface ChildProperty {
  readonly name: string;
  readonly property: PropertyDefinition | undefined;
  /** What each occurrence holds; undefined for a primitive without a value. */
  readonly values: (JsonValue | undefined)[];
  /** What primitives hold beside their value (id, extensions): the `_name` property. */
  readonly companions: (JsonObject | undefined)[];
  readonly offsets: number[];
}

/** What an element is read as. `holder`: an element of type Resource, which has the resource as its only child. `generic`: one that R4 does not define. */
export type ElementKind = "resource" | "complex" | "primitive" | "holder" | "div" | "generic";

const NUMBER = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/;
/** From how many children on a map finds them: an element that hostile input fills with other names must not cost their square. */
const FEW = 16;

/** An element whose end was not yet read. */
export class OpenElement {
  readonly kind: ElementKind;
  readonly name: string;
  readonly definition: TypeDefinition | undefined;
  readonly offset: number;
  /** How deep its object lies in the JSON form, arrays included. */
  readonly depth: number;
  /** Where in its parent it belongs; undefined for a resource. */
  readonly child: ChildProperty | undefined;
  readonly children: ChildProperty[] = [];
  /** The value of a primitive, or of an element that is read generically. */
  value: JsonValue | undefined;
  /** The order of the last child that stood in its place. */
  lastOrder = -1;
  lastName = "";
  #byName: Map<string, ChildProperty> | undefined;
  #lastChild: ChildProperty | undefined;

  constructor(kind: ElementKind, name: string, definition: TypeDefinition | undefined, offset: number, depth: number, child?: ChildProperty) {
    this.kind = kind;
    this.name = name;
    this.definition = definition;
    this.offset = offset;
    this.depth = depth;
    this.child = child;
  }

  /** The property that a child is of: the one that it shares with its twins. */
  childFor(name: string, property: PropertyDefinition | undefined): ChildProperty {
    if (this.#lastChild?.name === name) return this.#lastChild;
    let child = this.#byName === undefined ? this.children.find((other) => other.name === name) : this.#byName.get(name);
    if (child === undefined) {
      child = { name, property, values: [], companions: [], offsets: [] };
      this.children.push(child);
      if (this.children.length === FEW) this.#byName = new Map(this.children.map((other) => [other.name, other]));
      else this.#byName?.set(name, child);
    }
    this.#lastChild = child;
    return child;
  }

  addAttribute(name: string, property: PropertyDefinition | undefined, value: string, offset: number): void {
    addOccurrence(this.childFor(name, property), value, undefined, offset);
  }

  /** The object of the JSON form, from what was read. */
  toObject(resourceType?: string): JsonObject {
    const object = new JsonObject(this.offset);
    if (resourceType !== undefined) object.add("resourceType", resourceType, this.offset);
    for (const child of this.children) addChild(object, child);
    return object;
  }
}

export function addOccurrence(child: ChildProperty, value: JsonValue | undefined, companion: JsonObject | undefined, offset: number): void {
  child.values.push(value);
  child.companions.push(companion);
  child.offsets.push(offset);
}

/** Adds a property unless one has its name: what R4 does not define may have any name, and is told of whatever becomes of it. */
export function addFree(object: JsonObject, name: string, value: JsonValue, offset: number | undefined): void {
  if (!object.has(name)) object.add(name, value, offset);
}

function addChild(object: JsonObject, child: ChildProperty): void {
  const offset = child.offsets[0];
  const hasValue = child.values.some((value) => value !== undefined);
  const hasCompanion = child.companions.some((companion) => companion !== undefined);
  if ((child.property?.element.max ?? 1) <= 1 && child.values.length === 1) {
    const [value] = child.values;
    const [companion] = child.companions;
    if (value !== undefined) addFree(object, child.name, value, offset);
    if (companion !== undefined) addFree(object, `_${child.name}`, companion, offset);
  } else {
    if (hasValue) addFree(object, child.name, arrayOf(child.values, child.offsets), offset);
    if (hasCompanion) addFree(object, `_${child.name}`, arrayOf(child.companions, child.offsets), offset);
  }
}

/** Null stands for what one of two aligned arrays does not have (R4 json.html, "JSON representation of primitive elements"). */
function arrayOf(items: readonly (JsonValue | undefined)[], offsets: readonly number[]): JsonArray {
  // XML has no arrays: this one stands nowhere.
  const array = new JsonArray();
  items.forEach((item, at) => array.add(item ?? null, offsets[at]));
  return array;
}

/** A value as JSON has it for its type. Text that is no boolean or number stays a string, so that validation finds the wrong type and tells of it. */
export function primitiveValue(text: string, type: string): JsonValue {
  switch (type) {
    case "boolean":
      return text === "true" ? true : text === "false" ? false : text;
    case "decimal":
    case "integer":
    case "positiveInt":
    case "unsignedInt":
      return NUMBER.test(text) ? new JsonNumber(text) : text;
    default:
      return text;
  }
}

/** What a child is read as, by what R4 says of it. */
export function kindOf(property: PropertyDefinition | undefined): ElementKind {
  if (property === undefined) return "generic";
  if (property.isResource) return "holder";
  if (property.type === "xhtml") return "div";
  return property.isPrimitive ? "primitive" : "complex";
}

/** The definition of an element's children. A primitive has those of every element: id and extensions. */
export function contentOf(property: PropertyDefinition | undefined, { definitionOf }: Definitions): TypeDefinition | undefined {
  return property?.isPrimitive === true ? definitionOf("Element") : property?.content;
}
