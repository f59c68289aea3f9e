/**
 * The canonical form over which digests and signatures are made (R4 json.html, "Canonical JSON"). R4 says no more than "no white space" and "properties ordered
 * alphabetically"; docs/design.md, "Canonical form", says the rest: order of UTF-16 code units and escapes as in RFC 8785, but numbers as received, because
 * the digits of a decimal carry its precision.
 */
import { AppError } from "../errors.ts";
import type { Shape, WrittenName } from "./tree/shape.ts";
import { JsonArray, JsonNumber, JsonObject, type JsonValue } from "./tree/tree.ts";

/** The URI of what `canonicalDocument` gives. */
export const CANONICAL_DOCUMENT_URI = "http://hl7.org/fhir/canonicalization/json#document";

/** What may change while a document stays the same one: what the server assigns, and the proof that is put on it. `_id` goes with `id`. */
const OUTSIDE_OF_DOCUMENT = ["id", "_id", "meta", "signature"] as const;

/**
 * A tree as canonical JSON.
 * @param numberText how a number's token is written; as it was received when nothing else is asked for
 * @throws AppError `malformed` when a string has a lone surrogate: UTF-8 cannot carry it, so two strings would share one digest
 */
export function canonicalJson(value: JsonValue, numberText: (token: string) => string = asReceived): string {
  if (typeof value === "string") return canonicalString(value);
  if (value instanceof JsonObject) {
    const { values } = value;
    let text = "{";
    for (const { at, before } of writtenNames(value.shape)) text += before + canonicalJson(values[at] as JsonValue, numberText);
    return `${text}}`;
  }
  if (value instanceof JsonArray) {
    let text = "[";
    for (let at = 0; at < value.items.length; at++) text += `${at > 0 ? "," : ""}${canonicalJson(value.items[at] as JsonValue, numberText)}`;
    return `${text}]`;
  }
  return value instanceof JsonNumber ? numberText(value.text) : String(value);
}

function asReceived(token: string): string {
  return token;
}

/** A document Bundle in the form `http://hl7.org/fhir/canonicalization/json#document`: without the root's id, meta and signature, and nothing else left out. */
export function canonicalDocument(bundle: JsonObject): string {
  return canonicalJson(bundle.without(...OUTSIDE_OF_DOCUMENT));
}

/** The names of a shape as they are written, in their order. */
function writtenNames(shape: Shape): readonly WrittenName[] {
  if (shape.written !== undefined) return shape.written;
  const made = shape.names
    .map((name, at) => ({ name, at }))
    .sort((one, other) => (one.name < other.name ? -1 : 1))
    .map(({ name, at }, place) => ({ at, before: `${place === 0 ? "" : ","}${canonicalString(name)}:` }));
  if (shape.isShared) shape.written = made;
  return made;
}

/** Nothing in it is escaped: most strings of a document are so. */
const PLAIN = /^[ !#-[\]-~]*$/;
/** Of longer ones nothing is looked at twice. */
const LONGEST_PLAIN = 64;

/** JSON.stringify escapes exactly what RFC 8785 (3.2.2.2) demands, but for lone surrogates, which that section refuses. */
function canonicalString(value: string): string {
  if (value.length <= LONGEST_PLAIN && PLAIN.test(value)) return `"${value}"`;
  if (!value.isWellFormed()) throw new AppError("malformed", "A string holds half of a surrogate pair, which UTF-8 cannot carry.");
  return JSON.stringify(value);
}
