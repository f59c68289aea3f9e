/** What of an object has not been said yet. Whoever words a part of it takes that part out; what nobody took is listed with its labels, so that nothing is lost by being forgotten. */
import type { PropertyDefinition, TypeDefinition } from "../../../core/fhir/r4/definitions.ts";
import { JsonArray, JsonNumber, JsonObject, type JsonValue } from "../../../core/fhir/tree/tree.ts";

/** One property, taken out. */
export interface Held {
  /** As JSON has it: `valueQuantity`. */
  readonly name: string;
  /** Undefined for a companion (`_birthDate`) that stands alone. */
  readonly value: JsonValue | undefined;
  /** Id and extensions of a primitive. */
  readonly companion: JsonValue | undefined;
  /** Undefined for what the definitions do not have. */
  readonly property: PropertyDefinition | undefined;
}

export class Unsaid {
  readonly object: JsonObject;
  /** What the definitions say of it; undefined where they say nothing. */
  readonly type: TypeDefinition | undefined;
  readonly #said = new Set<string>();

  constructor(object: JsonObject, type: TypeDefinition | undefined) {
    this.object = object;
    this.type = type;
  }

  /** The path of an element of it, as the definitions write it: `Observation.component.value`. */
  pathOf(element: string): string {
    return `${this.type?.name ?? ""}.${element}`;
  }

  /** Whether the element is there and was not taken. Of a choice (`value[x]`) without its type: `value`. */
  has(element: string): boolean {
    return this.#nameOf(element) !== undefined;
  }

  /** Takes an element out; undefined when it is not there, or was taken. */
  take(element: string): Held | undefined {
    const name = this.#nameOf(element);
    return name === undefined ? undefined : this.#takeNamed(name);
  }

  /** Takes a string out, without what may stand beside it; undefined when there is none. */
  string(element: string): string | undefined {
    return this.#narrowed(element, (value) => (typeof value === "string" ? value : undefined));
  }

  /** Takes the text of a number out. */
  number(element: string): string | undefined {
    return this.#narrowed(element, (value) => (value instanceof JsonNumber ? value.text : undefined));
  }

  boolean(element: string): boolean | undefined {
    return this.#narrowed(element, (value) => (typeof value === "boolean" ? value : undefined));
  }

  only(element: string): JsonObject | undefined {
    return this.#narrowed(element, (value) => (value instanceof JsonObject ? value : undefined));
  }

  /** Takes an array of objects out; one that holds anything else is left, and listed as it is. */
  objects(element: string): readonly JsonObject[] {
    return this.#narrowed(element, (value) => (value instanceof JsonArray && value.items.every(isObject) ? (value.items as JsonObject[]) : undefined)) ?? [];
  }

  /** Takes an array of strings out. */
  strings(element: string): readonly string[] {
    return this.#narrowed(element, (value) => (value instanceof JsonArray && value.items.every(isString) ? (value.items as string[]) : undefined)) ?? [];
  }

  /** Says of an element that it is not to be said: see left-out.ts for each and why. */
  drop(name: string): void {
    this.#said.add(name);
  }

  /** Whether everything was taken. */
  get isEmpty(): boolean {
    return this.object.names.every((name) => this.#said.has(name));
  }

  /** Takes out all that is left, in the order in which it was sent. */
  *rest(): Generator<Held> {
    for (const name of this.object.names) {
      if (this.#said.has(name)) continue;
      const plain = name.startsWith("_") ? name.slice(1) : name;
      if (plain !== name && this.object.has(plain) && !this.#said.has(plain)) yield this.#takeNamed(plain);
      else yield this.#takeNamed(name);
    }
  }

  #narrowed<T>(element: string, narrow: (value: JsonValue) => T | undefined): T | undefined {
    const name = this.#nameOf(element);
    const value = name === undefined ? undefined : this.object.get(name);
    const narrowed = value === undefined ? undefined : narrow(value);
    if (name !== undefined && narrowed !== undefined) this.#said.add(name);
    return narrowed;
  }

  #takeNamed(name: string): Held {
    const isAlone = name.startsWith("_");
    const plain = isAlone ? name.slice(1) : name;
    const companionName = `_${plain}`;
    const property = this.type?.properties.get(plain);
    // What the definitions do not have may be named like a companion without being one.
    if (isAlone && property === undefined) {
      this.#said.add(name);
      return { name, value: this.object.get(name), companion: undefined, property };
    }
    const companion = this.#said.has(companionName) ? undefined : this.object.get(companionName);
    const value = isAlone ? undefined : this.object.get(plain);
    this.#said.add(name);
    if (property !== undefined) this.#said.add(companionName);
    return { name: plain, value, companion: property === undefined ? undefined : companion, property };
  }

  #nameOf(element: string): string | undefined {
    if (this.object.has(element)) return this.#said.has(element) ? undefined : element;
    const companion = `_${element}`;
    if (this.object.has(companion) && !this.#said.has(companion) && this.type?.properties.has(element) === true) return companion;
    const choice = this.type?.elements.find(({ name, isChoice }) => isChoice && name === element);
    if (choice === undefined) return undefined;
    return this.object.names.find((name) => !this.#said.has(name) && this.type?.properties.get(name.startsWith("_") ? name.slice(1) : name)?.element === choice);
  }
}

function isObject(value: JsonValue): boolean {
  return value instanceof JsonObject;
}

function isString(value: JsonValue): boolean {
  return typeof value === "string";
}
