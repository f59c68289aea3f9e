/**
 * The canonical form over which digests and signatures are made (R4 json.html, "Canonical JSON"). R4 says no more than "no white space" and "properties ordered
 * alphabetically"; docs/design.md, "Canonical form", says the rest: order of UTF-16 code units and escapes as in RFC 8785, but numbers as received, because
 * the digits of a decimal carry its precision.
 */
import { AppError } from "../errors.ts";
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
    const { names, values } = value;
    const order = names.map((_, at) => at).sort((a, b) => ((names[a] as string) < (names[b] as string) ? -1 : 1));
    let text = "{";
    for (const at of order)
      text += `${text === "{" ? "" : ","}${canonicalString(names[at] as string)}:${canonicalJson(values[at] as JsonValue, numberText)}`;
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

/** JSON.stringify escapes exactly what RFC 8785 (3.2.2.2) demands, but for lone surrogates, which that section refuses. */
function canonicalString(value: string): string {
  if (!value.isWellFormed()) throw new AppError("malformed", "A string holds half of a surrogate pair, which UTF-8 cannot carry.");
  return JSON.stringify(value);
}
