import { JsonArray, JsonNumber, JsonObject, type JsonValue } from "./json/tree.ts";

/**
 * Canonical JSON (R4 json.html, Canonical JSON; docs/formats.md): no white space, properties in the order of their names' UTF-16 units, strings with the escapes of
 * RFC 8785, number tokens as they were received.
 */
export function canonicalJson(value: JsonValue): string {
  if (value instanceof JsonNumber) return value.text;
  if (value instanceof JsonArray) return `[${value.items.map(canonicalJson).join(",")}]`;
  if (!(value instanceof JsonObject)) return JSON.stringify(value);
  const order = value.names.map((_, at) => at).sort((a, b) => ((value.names[a] as string) < (value.names[b] as string) ? -1 : 1));
  return `{${order.map((at) => `${JSON.stringify(value.names[at])}:${canonicalJson(value.values[at] as JsonValue)}`).join(",")}}`;
}

/** The canonical form of a document, `http://hl7.org/fhir/canonicalization/json#document`: the Bundle without its own id, meta and signature. */
export function canonicalDocument(bundle: JsonObject): string {
  return canonicalJson(bundle.without("id", "_id", "meta", "signature"));
}
