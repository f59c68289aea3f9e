/** Mutations of a document as a tree: what comes out is well-formed, and reaches the rules behind the reader. */
import { JsonArray, JsonNumber, JsonObject, type JsonValue } from "../../src/core/fhir/tree/tree.ts";
import type { Random } from "../random.ts";
import { R4 } from "../r4.ts";
import { VALUES } from "./tokens.ts";

const { definitionOf, typeNames } = R4.definitions;

type Container = JsonObject | JsonArray;

const NUMBERS = ["0", "-0", "1.10", "1e9", "1e999", "-1", "2147483648", "9007199254740993", "0.1"].map((text) => new JsonNumber(text));

/** Changes `root` in one place, with something of `donor` now and then. Neither is shared with the result afterwards but by parts that are not changed again. */
export function mutateTree(root: JsonObject, donor: JsonObject, random: Random): void {
  const target = random.pick(containersOf(root));
  const length = target instanceof JsonObject ? target.names.length : target.items.length;
  const at = random.below(length);
  const values = target instanceof JsonObject ? target.values : target.items;
  if (length > 0) {
    switch (random.below(8)) {
      case 0:
        remove(target, at);
        return;
      case 1:
        values[at] = valueOf(values[at], random);
        return;
      case 2:
        values[at] = randomPart(donor, random);
        return;
      case 3:
        values[at] = randomPart(root, random);
        return;
      case 4:
        values[at] = new JsonArray().add(copyOf(values[at] as JsonValue)).add(copyOf(values[at] as JsonValue));
        return;
      case 5:
        if (target instanceof JsonObject) target.rename(at, freeName(target, nameOf(target.names[at] as string, random)));
        else target.add(copyOf(values[at] as JsonValue));
        return;
      case 6: {
        const to = random.below(length);
        [values[at], values[to]] = [values[to] as JsonValue, values[at] as JsonValue];
        return;
      }
      default:
    }
  }
  const added = random.once(2) ? randomPart(donor, random) : valueOf(undefined, random);
  if (target instanceof JsonArray) target.add(added);
  else target.add(freeName(target, nameOf("extension", random)), added);
}

/** A deep copy, because a part that stands in two places would change in both. */
export function copyOf<T extends JsonValue>(value: T): T;
export function copyOf(value: JsonValue): JsonValue {
  if (value instanceof JsonObject) {
    const copy = new JsonObject(value.offset);
    value.names.forEach((name, at) => copy.add(name, copyOf(value.values[at] as JsonValue), value.offsets[at]));
    return copy;
  }
  if (value instanceof JsonArray) {
    const copy = new JsonArray(value.offset);
    value.items.forEach((item, at) => copy.add(copyOf(item), value.offsets[at]));
    return copy;
  }
  return value;
}

/** All objects and arrays, outer before inner. */
export function containersOf(root: JsonValue): Container[] {
  if (!(root instanceof JsonObject || root instanceof JsonArray)) return [];
  const inner = root instanceof JsonObject ? root.values : root.items;
  return [root, ...inner.flatMap(containersOf)];
}

function randomPart(root: JsonObject, random: Random): JsonValue {
  const container = random.pick(containersOf(root));
  const values = container instanceof JsonObject ? container.values : container.items;
  const part = random.once(3) || values.length === 0 ? container : random.pick(values);
  return copyOf<JsonValue>(part);
}

function remove(target: Container, at: number): void {
  if (target instanceof JsonObject) target.remove(at);
  else {
    target.items.splice(at, 1);
    target.offsets.splice(at, 1);
  }
}

function valueOf(former: JsonValue | undefined, random: Random): JsonValue {
  switch (random.below(8)) {
    case 0:
      return random.pick(NUMBERS);
    case 1:
      return random.pick([null, true, false, "", " "]);
    case 2:
      return random.once(2) ? new JsonObject() : new JsonArray();
    case 3:
      return typeof former === "string" ? former + random.pick(VALUES) : random.pick(VALUES);
    case 4:
      return typeof former === "string" ? former.slice(random.below(former.length)) : random.pick(VALUES);
    case 5:
      return nested(1 + random.below(random.once(20) ? 150 : 5), random);
    default:
      return random.pick(VALUES);
  }
}

function nested(depth: number, random: Random): JsonValue {
  const name = random.pick(["extension", "contained", "section", "item", "a"]);
  let value: JsonValue = new JsonObject();
  for (let level = 0; level < depth; level++) value = new JsonObject().add(name, new JsonArray().add(value));
  return value;
}

function nameOf(former: string, random: Random): string {
  switch (random.below(5)) {
    case 0:
      return former.startsWith("_") ? former.slice(1) : `_${former}`;
    case 1:
      return former.slice(0, -1);
    case 2:
      return random.pick(["__proto__", "constructor", "resourceType", "contained", "extension", "id", "_id", "valueString", "reference", "div", ""]);
    case 3:
      return `value${random.pick(["Quantity", "Reference", "Attachment", "Identifier", "Meta", "Narrative", "Foo"])}`;
    default: {
      const properties = definitionOf(random.pick(typeNames()))?.properties;
      return properties === undefined || properties.size === 0 ? former : random.pick([...properties.keys()]);
    }
  }
}

/** A name that the object does not have: names in a tree are unique, readers see to it. */
function freeName(target: JsonObject, name: string): string {
  return target.has(name) ? `${name}x`.repeat(target.has(`${name}x`) ? target.names.length + 1 : 1) : name;
}
