/**
 * A resource as it was sent, without loss: property order, number text, nulls and the place of everything. Whatever form a resource came
 * in, JSON or XML, it is this tree (in FHIR's JSON shape, R4 json.html) that the rest of the program reads. `JSON.parse` objects are never used for content
 * that is signed, stored or returned: they lose the digits of decimals, `__proto__`, and duplicate names.
 */
import { emptyShape, type Shape } from "./shape.ts";

export type JsonValue = string | boolean | null | JsonNumber | JsonObject | JsonArray;

/** A number, as its token was written: `2.00` stays `2.00`. */
export class JsonNumber {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** Anything that has no place in a source, such as a value that the program made itself. */
export const NOWHERE = -1;

/** An object with its properties in order. `offsets[i]` is where property i begins in the source text: its name in JSON, its start tag (or attribute) in XML. */
export class JsonObject {
  readonly values: JsonValue[];
  readonly offsets: number[];
  readonly offset: number;
  #shape: Shape;

  /** An empty object; a reader that has all of its properties gives them at once. */
  constructor(offset: number = NOWHERE, shape: Shape = emptyShape(), values: JsonValue[] = [], offsets: number[] = []) {
    this.offset = offset;
    this.#shape = shape;
    this.values = values;
    this.offsets = offsets;
  }

  /** The names of its properties, which it shares with other objects. */
  get shape(): Shape {
    return this.#shape;
  }

  get names(): readonly string[] {
    return this.#shape.names;
  }

  /**
   * Adds a property at the end.
   * @throws TypeError when it has one of that name: readers see to it that names are unique
   */
  add(name: string, value: JsonValue, offset: number = NOWHERE): this {
    this.#shape = extended(this.#shape, name);
    this.values.push(value);
    this.offsets.push(offset);
    return this;
  }

  /** Gives the property at a place another name, which no other has. */
  rename(at: number, name: string): void {
    this.#shape = shapeOf(this.names.with(at, name));
  }

  /** Takes the property at a place away. */
  remove(at: number): void {
    this.#shape = shapeOf(this.names.toSpliced(at, 1));
    this.values.splice(at, 1);
    this.offsets.splice(at, 1);
  }

  get(name: string): JsonValue | undefined {
    const at = this.#shape.indexOf(name);
    return at < 0 ? undefined : this.values[at];
  }

  has(name: string): boolean {
    return this.#shape.indexOf(name) >= 0;
  }

  /** The string at `name`; undefined when there is none or it is something else. */
  string(name: string): string | undefined {
    const value = this.get(name);
    return typeof value === "string" ? value : undefined;
  }

  /** The object at `name`; undefined when there is none or it is something else. */
  object(name: string): JsonObject | undefined {
    const value = this.get(name);
    return value instanceof JsonObject ? value : undefined;
  }

  /** Everything in the array at `name`, in order; empty when there is none. */
  items(name: string): readonly JsonValue[] {
    const value = this.get(name);
    return value instanceof JsonArray ? value.items : NO_OBJECTS;
  }

  /** The objects of the array at `name`, in order; empty when there is none. Anything in it that is not an object is passed over. */
  objects(name: string): readonly JsonObject[] {
    const items = this.items(name);
    return areObjects(items) ? items : items.filter((item) => item instanceof JsonObject);
  }

  /** Where property `name` begins in the source; `NOWHERE` when it is absent. */
  offsetOf(name: string): number {
    return this.offsets[this.#shape.indexOf(name)] ?? NOWHERE;
  }

  /** A shallow copy without the named properties. */
  without(...dropped: readonly string[]): JsonObject {
    const copy = new JsonObject(this.offset);
    this.names.forEach((name, at) => {
      if (!dropped.includes(name)) copy.add(name, this.values[at] as JsonValue, this.offsets[at]);
    });
    return copy;
  }
}

const NO_OBJECTS: readonly JsonObject[] = [];

function areObjects(items: readonly JsonValue[]): items is readonly JsonObject[] {
  for (const item of items) if (!(item instanceof JsonObject)) return false;
  return true;
}

function shapeOf(names: readonly string[]): Shape {
  return names.reduce(extended, emptyShape());
}

function extended(shape: Shape, name: string): Shape {
  const longer = shape.extend(name);
  if (longer === undefined) throw new TypeError("a property of that name is there already");
  return longer;
}

/** An array. `offsets[i]` is where item i begins in the source text. */
export class JsonArray {
  readonly items: JsonValue[];
  readonly offsets: number[];
  readonly offset: number;

  constructor(offset: number = NOWHERE, items: JsonValue[] = [], offsets: number[] = []) {
    this.offset = offset;
    this.items = items;
    this.offsets = offsets;
  }

  add(item: JsonValue, offset: number = NOWHERE): this {
    this.items.push(item);
    this.offsets.push(offset);
    return this;
  }
}

/** Plain JavaScript data that the program writes itself (an OperationOutcome, a CapabilityStatement) as a tree. Properties that are undefined are left out. */
export function treeOf(value: unknown): JsonValue {
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number") return new JsonNumber(String(value));
  if (value instanceof JsonNumber || value instanceof JsonObject || value instanceof JsonArray) return value;
  if (Array.isArray(value)) {
    const array = new JsonArray();
    for (const item of value) array.add(treeOf(item));
    return array;
  }
  if (typeof value === "object") {
    const object = new JsonObject();
    for (const [name, item] of Object.entries(value)) if (item !== undefined) object.add(name, treeOf(item));
    return object;
  }
  throw new TypeError(`not JSON: ${typeof value}`);
}
