/** What of an object has not been said yet. Whoever words a part of it takes that part out; what nobody took is listed with its labels, so that nothing is lost by being forgotten. */
import type { ElementDefinition, PropertyDefinition, TypeDefinition } from "../../../core/fhir/r4/definitions.ts";
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
  /** By the place of its name. */
  readonly #said: boolean[] = [];
  readonly #hasCompanions: boolean;

  constructor(object: JsonObject, type: TypeDefinition | undefined) {
    this.object = object;
    this.type = type;
    this.#hasCompanions = object.names.some(isCompanion);
  }

  /** Whether the element is there and was not taken. Of a choice (`value[x]`) without its type: `value`. */
  has(element: string): boolean {
    return this.#placeOf(element) >= 0;
  }

  /** Takes an element out; undefined when it is not there, or was taken. */
  take(element: string): Held | undefined {
    const context = this.#placeOf(element);
    return context < 0 ? undefined : this.#takeAt(context);
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

  /** Takes an element out that is one object. */
  only(element: string): JsonObject | undefined {
    return this.#narrowed(element, (value) => (value instanceof JsonObject ? value : undefined));
  }

  /** Takes an array of objects out; one that holds anything else is left, and listed as it is. */
  objects(element: string): readonly JsonObject[] {
    return (
      this.#narrowed(element, (value) =>
        value instanceof JsonArray && value.items.every((item) => item instanceof JsonObject) ? value.items : undefined,
      ) ?? []
    );
  }

  /** Takes an array of strings out. */
  strings(element: string): readonly string[] {
    return (
      this.#narrowed(element, (value) =>
        value instanceof JsonArray && value.items.every((item) => typeof item === "string") ? value.items : undefined,
      ) ?? []
    );
  }

  /** Says of a property that it is not to be said, or was said by other means. */
  drop(name: string): void {
    const context = this.object.shape.indexOf(name);
    if (context >= 0) this.#said[context] = true;
  }

  /** Takes out all that is left, in the order in which it was sent. @param isWanted by name: what is not is taken, and not given */
  rest(isWanted: (name: string) => boolean = everything): readonly Held[] {
    let left: Held[] | undefined;
    const { names, shape } = this.object;
    for (let context = 0; context < names.length; context += 1) {
      if (this.#said[context] === true) continue;
      const name = names[context] ?? "";
      if (!this.#hasCompanions && !isWanted(name)) {
        this.#said[context] = true;
        continue;
      }
      // A value stands where it or its companion comes first.
      const plain = this.#hasCompanions && isCompanion(name) ? shape.indexOf(name.slice(1)) : -1;
      const held = this.#takeAt(plain >= 0 && this.#said[plain] !== true ? plain : context);
      if (this.#hasCompanions && !isWanted(held.name)) continue;
      (left ??= []).push(held);
    }
    return left ?? NOTHING;
  }

  #narrowed<T>(element: string, narrow: (value: JsonValue) => T | undefined): T | undefined {
    const context = this.#placeOf(element);
    const value = context < 0 ? undefined : this.object.values[context];
    const narrowed = value === undefined ? undefined : narrow(value);
    if (narrowed !== undefined) this.#said[context] = true;
    return narrowed;
  }

  /** What stands at a place, with what stands beside it. */
  #takeAt(context: number): Held {
    const { names, shape, values } = this.object;
    const name = names[context] ?? "";
    this.#said[context] = true;
    const own = this.type?.properties.get(name);
    // What the definitions do not have may be named like a companion without being one.
    const plain = own === undefined && isCompanion(name) ? name.slice(1) : name;
    const property = own ?? this.type?.properties.get(plain);
    if (plain !== name) return property === undefined ? { name, value: values[context], companion: undefined, property } : { name: plain, value: undefined, companion: values[context], property }; // prettier-ignore
    const beside = this.#hasCompanions && property !== undefined ? shape.indexOf(`_${name}`) : -1;
    const isNew = beside >= 0 && this.#said[beside] !== true;
    if (isNew) this.#said[beside] = true;
    return { name, value: values[context], companion: isNew ? values[beside] : undefined, property };
  }

  /** Where an element is that was not taken: its value, or where that is missing its companion. */
  #placeOf(element: string): number {
    const { names, shape } = this.object;
    const context = shape.indexOf(element);
    if (context >= 0) return this.#said[context] === true ? -1 : context;
    if (this.type === undefined) return -1;
    if (this.type.properties.has(element)) {
      const beside = this.#hasCompanions ? shape.indexOf(`_${element}`) : -1;
      return beside >= 0 && this.#said[beside] !== true ? beside : -1;
    }
    const choice = choicesOf(this.type).get(element);
    if (choice === undefined) return -1;
    const named = (name: string): boolean => this.type?.properties.get(isCompanion(name) ? name.slice(1) : name)?.element === choice;
    const found = names.findIndex((name, at) => this.#said[at] !== true && !isCompanion(name) && named(name));
    return found >= 0 || !this.#hasCompanions ? found : names.findIndex((name, at) => this.#said[at] !== true && named(name));
  }
}

const NOTHING: readonly Held[] = [];
const everything = (): boolean => true;

/** The choices (`value[x]`) of each type by name, worked out once. */
const CHOICES = new WeakMap<TypeDefinition, ReadonlyMap<string, ElementDefinition>>();

function choicesOf(type: TypeDefinition): ReadonlyMap<string, ElementDefinition> {
  let choices = CHOICES.get(type);
  if (choices === undefined) {
    choices = new Map(type.elements.filter(({ isChoice }) => isChoice).map((element) => [element.name, element]));
    CHOICES.set(type, choices);
  }
  return choices;
}

function isCompanion(name: string): boolean {
  return name.charCodeAt(0) === UNDERSCORE;
}

const UNDERSCORE = 0x5f;
