import type { Definitions, PropertyDefinition, TypeDefinition } from "../r4/definitions.ts";
import { emptyShape } from "../tree/shape.ts";
import { JsonArray, JsonNumber, JsonObject, NOWHERE, type JsonValue } from "../tree/tree.ts";

interface Occurrence {
  /** What it holds; undefined for a primitive without a value. */
  readonly value: JsonValue | undefined;
  /** What a primitive holds beside its value (id, extensions): the `_name` property. */
  readonly companion: JsonObject | undefined;
  readonly offset: number;
}

/** All occurrences of one element within another: one property of the JSON form, with its companion. */
export class ChildProperty {
  readonly name: string;
  readonly property: PropertyDefinition | undefined;
  /** How many occurrences there are. */
  count = 0;
  // Most have one: lists for it would be most of what reading takes.
  #value: JsonValue | undefined;
  #companion: JsonObject | undefined;
  #offset = 0;
  #others: Occurrence[] | undefined;

  constructor(name: string, property: PropertyDefinition | undefined) {
    this.name = name;
    this.property = property;
  }

  add(value: JsonValue | undefined, companion: JsonObject | undefined, offset: number): void {
    if (this.count++ > 0) (this.#others ??= []).push({ value, companion, offset });
    else {
      this.#value = value;
      this.#companion = companion;
      this.#offset = offset;
    }
  }

  addTo(object: ObjectParts): void {
    const [value, companion, offset] = [this.#value, this.#companion, this.#offset];
    if ((this.property?.element.max ?? 1) <= 1 && this.count === 1) {
      if (value !== undefined) object.add(this.name, value, offset);
      if (companion !== undefined) object.add(`_${this.name}`, companion, offset);
      return;
    }
    const others = this.#others ?? NO_OTHERS;
    if (value !== undefined || others.some((other) => other.value !== undefined))
      object.add(this.name, arrayOf([value ?? null], [offset], others, "value"), offset);
    if (companion !== undefined || others.some((other) => other.companion !== undefined))
      object.add(`_${this.name}`, arrayOf([companion ?? null], [offset], others, "companion"), offset);
  }
}

const NO_OTHERS: readonly Occurrence[] = [];

/** Null stands for what one of two aligned arrays does not have (R4 json.html, "JSON representation of primitive elements"). XML has no arrays: this one stands nowhere. */
function arrayOf(items: JsonValue[], offsets: number[], others: readonly Occurrence[], part: "value" | "companion"): JsonArray {
  if (others.length === 0) return new JsonArray(NOWHERE, items, offsets);
  return new JsonArray(NOWHERE, items.concat(others.map((other) => other[part] ?? null)), offsets.concat(others.map(({ offset }) => offset)));
}

/** The parts of one object after the other, so that each gets lists of its own size. */
export class ObjectParts {
  #shape = emptyShape();
  #length = 0;
  readonly #values: JsonValue[] = [];
  readonly #offsets: number[] = [];

  /** Adds a property unless one has its name: what R4 does not define may have any name, and is told of whatever becomes of it. */
  add(name: string, value: JsonValue, offset: number): void {
    const longer = this.#shape.extend(name);
    if (longer === undefined) return;
    this.#shape = longer;
    this.#values[this.#length] = value;
    this.#offsets[this.#length++] = offset;
  }

  /** The object of what was added. */
  take(offset: number): JsonObject {
    const object = new JsonObject(offset, this.#shape, this.#values.slice(0, this.#length), this.#offsets.slice(0, this.#length));
    this.#shape = emptyShape();
    this.#length = 0;
    return object;
  }
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
    let child = this.#byName === undefined ? this.#childAmongFew(name) : this.#byName.get(name);
    if (child === undefined) {
      child = new ChildProperty(name, property);
      this.children.push(child);
      if (this.children.length === FEW) this.#byName = new Map(this.children.map((other) => [other.name, other]));
      else this.#byName?.set(name, child);
    }
    this.#lastChild = child;
    return child;
  }

  addAttribute(name: string, property: PropertyDefinition | undefined, value: string, offset: number): void {
    this.childFor(name, property).add(value, undefined, offset);
  }

  /** The object of the JSON form, from what was read. */
  toObject(parts: ObjectParts, resourceType?: string): JsonObject {
    if (resourceType !== undefined) parts.add("resourceType", resourceType, this.offset);
    for (const child of this.children) child.addTo(parts);
    return parts.take(this.offset);
  }

  #childAmongFew(name: string): ChildProperty | undefined {
    for (const child of this.children) if (child.name === name) return child;
    return undefined;
  }
}

/** Adds a property unless one has its name. */
export function addFree(object: JsonObject, name: string, value: JsonValue, offset: number | undefined): void {
  if (!object.has(name)) object.add(name, value, offset);
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
