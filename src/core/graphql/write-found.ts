import { JsonNumber } from "../fhir/tree/tree.ts";
import { WrittenText } from "./written-fields.ts";

/** An answer that no directive rearranges, as JSON: what is not there is left out (R4 graphql.html), but keeps its place in a list. */
export function writeFound(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (value instanceof JsonNumber) return value.text;
  if (Array.isArray(value)) {
    let text = "[";
    for (let at = 0; at < value.length; at++) text += (at > 0 ? "," : "") + writeFound(value[at]);
    return `${text}]`;
  }
  if (value instanceof WrittenText) return value.text;
  if (typeof value !== "object" || value === null) return JSON.stringify(value ?? null);
  const found = value as Readonly<Record<string, unknown>>;
  let text = "{";
  for (const name of Object.keys(found)) {
    const inner = found[name];
    // Names are GraphQL's, which need no escapes.
    if (inner !== null && inner !== undefined) text += `${text === "{" ? "" : ","}"${name}":${writeFound(inner)}`;
  }
  return `${text}}`;
}
