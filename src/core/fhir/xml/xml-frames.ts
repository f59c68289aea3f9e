import type { Definitions, PropertyDefinition, TypeDefinition } from "../r4/definitions.ts";
import { JsonArray, JsonNumber, JsonObject, type JsonValue } from "../tree/tree.ts";

/** All occurrences of one element within another: one property of the JSON form, with its companion. */
export interface Slot {
  readonly name: string;
  readonly property: PropertyDefinition | undefined;
  /** What each occurrence holds; undefined for a primitive without a value. */
  readonly values: (JsonValue | undefined)[];
  /** What primitives hold beside their value (id, extensions): the `_name` property. */
  readonly companions: (JsonObject | undefined)[];
  readonly offsets: number[];
}

/** What an element is read as. `holder`: an element of type Resource, which has the resource as its only child. `generic`: one that R4 does not define. */
export type FrameKind = "resource" | "complex" | "primitive" | "holder" | "div" | "generic";

const NUMBER = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/;
/** From how many children on a map finds them: an element that hostile input fills with other names must not cost their square. */
const FEW = 16;

/** An element whose end was not yet read. */
export class Frame {
  readonly kind: FrameKind;
  readonly name: string;
  readonly definition: TypeDefinition | undefined;
  readonly offset: number;
  /** How deep its object lies in the JSON form, arrays included. */
  readonly depth: number;
  /** Where in its parent it belongs; undefined for a resource. */
  readonly slot: Slot | undefined;
  readonly slots: Slot[] = [];
  /** The value of a primitive, or of an element that is read generically. */
  value: JsonValue | undefined;
  /** The order of the last child that stood in its place. */
  lastOrder = -1;
  lastName = "";
  #byName: Map<string, Slot> | undefined;
  #lastSlot: Slot | undefined;

  constructor(kind: FrameKind, name: string, definition: TypeDefinition | undefined, offset: number, depth: number, slot?: Slot) {
    this.kind = kind;
    this.name = name;
    this.definition = definition;
    this.offset = offset;
    this.depth = depth;
    this.slot = slot;
  }

  /** The slot for a child: the one that it shares with its twins. */
  slotFor(name: string, property: PropertyDefinition | undefined): Slot {
    if (this.#lastSlot?.name === name) return this.#lastSlot;
    let slot = this.#byName === undefined ? this.slots.find((other) => other.name === name) : this.#byName.get(name);
    if (slot === undefined) {
      slot = { name, property, values: [], companions: [], offsets: [] };
      this.slots.push(slot);
      if (this.slots.length === FEW) this.#byName = new Map(this.slots.map((other) => [other.name, other]));
      else this.#byName?.set(name, slot);
    }
    this.#lastSlot = slot;
    return slot;
  }

  addAttribute(name: string, property: PropertyDefinition | undefined, value: string, offset: number): void {
    addOccurrence(this.slotFor(name, property), value, undefined, offset);
  }

  /** The object of the JSON form, from what was read. */
  toObject(resourceType?: string): JsonObject {
    const object = new JsonObject(this.offset);
    if (resourceType !== undefined) object.add("resourceType", resourceType, this.offset);
    for (const slot of this.slots) addSlot(object, slot);
    return object;
  }
}

export function addOccurrence(slot: Slot, value: JsonValue | undefined, companion: JsonObject | undefined, offset: number): void {
  slot.values.push(value);
  slot.companions.push(companion);
  slot.offsets.push(offset);
}

/** Adds a property unless one has its name: what R4 does not define may have any name, and is told of whatever becomes of it. */
export function addFree(object: JsonObject, name: string, value: JsonValue, offset: number | undefined): void {
  if (!object.has(name)) object.add(name, value, offset);
}

function addSlot(object: JsonObject, slot: Slot): void {
  const offset = slot.offsets[0];
  const hasValue = slot.values.some((value) => value !== undefined);
  const hasCompanion = slot.companions.some((companion) => companion !== undefined);
  if ((slot.property?.element.max ?? 1) <= 1 && slot.values.length === 1) {
    const [value] = slot.values;
    const [companion] = slot.companions;
    if (value !== undefined) addFree(object, slot.name, value, offset);
    if (companion !== undefined) addFree(object, `_${slot.name}`, companion, offset);
  } else {
    if (hasValue) addFree(object, slot.name, arrayOf(slot.values, slot.offsets), offset);
    if (hasCompanion) addFree(object, `_${slot.name}`, arrayOf(slot.companions, slot.offsets), offset);
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
export function kindOf(property: PropertyDefinition | undefined): FrameKind {
  if (property === undefined) return "generic";
  if (property.isResource) return "holder";
  if (property.type === "xhtml") return "div";
  return property.isPrimitive ? "primitive" : "complex";
}

/** The definition of an element's children. A primitive has those of every element: id and extensions. */
export function contentOf(property: PropertyDefinition | undefined, { definitionOf }: Definitions): TypeDefinition | undefined {
  return property?.isPrimitive === true ? definitionOf("Element") : property?.content;
}
