/** Where two resources say something else, for whoever is to look why a signature does not cover what they hold. */
import { JsonArray, JsonNumber, JsonObject, type JsonValue } from "./tree.ts";

/** What a path may hold of names that strangers chose: what is no element's name is not repeated. */
const NAME = /^_?[A-Za-z][A-Za-z0-9]{0,63}$/;
/** Deeper than this nothing is looked for. */
const DEEPEST = 40;

/**
 * The path of the first element, in the first resource's order, that the other lacks or has otherwise, or has besides (`entry[0].resource.id`); undefined when there is none. Numbers differ by their digits. A narrative counts only where
 * nothing else differs, since the same one may be written in many ways.
 */
export function firstDifference(one: JsonObject, other: JsonObject): string | undefined {
  let narrative: string | undefined;
  for (const path of differences(one, other, "", 0)) {
    if (!/(?:^|\.)div$/.test(path)) return path;
    narrative ??= path;
  }
  return narrative;
}

function* differences(one: JsonValue | undefined, other: JsonValue | undefined, path: string, depth: number): Generator<string> {
  if (depth > DEEPEST) return;
  if (one instanceof JsonObject && other instanceof JsonObject) {
    for (const name of new Set([...one.names, ...other.names])) {
      const at = !NAME.test(name) ? path : path === "" ? name : `${path}.${name}`;
      yield* differences(one.get(name), other.get(name), at, depth + 1);
    }
  } else if (one instanceof JsonArray && other instanceof JsonArray) {
    const length = Math.max(one.items.length, other.items.length);
    for (let at = 0; at < length; at++) yield* differences(one.items[at], other.items[at], `${path}[${at}]`, depth + 1);
  } else if (plain(one) !== plain(other) || plain(one) === undefined) yield path;
}

/** What two values are compared by; undefined for what has parts, or is not there. */
function plain(value: JsonValue | undefined): string | undefined {
  if (value instanceof JsonNumber) return `number ${value.text}`;
  return value === undefined || value instanceof JsonObject || value instanceof JsonArray ? undefined : JSON.stringify(value);
}
