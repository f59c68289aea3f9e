import { JsonArray, JsonNumber, JsonObject, type JsonValue } from "../tree/tree.ts";

export interface WriteJsonOptions {
  /** Line breaks and an indent of two spaces. */
  readonly pretty?: boolean;
}

/**
 * A tree as JSON text (RFC 8259), without loss: numbers as they were written, properties in their order, no more escapes than JSON demands (a lone surrogate,
 * which no UTF-8 can carry, stays an escape). Reading the text gives the same tree.
 */
export function writeJson(value: JsonValue, options: WriteJsonOptions = {}): string {
  return options.pretty === true ? writePretty(value, "\n") : writeCompact(value);
}

function writeCompact(value: JsonValue): string {
  if (value instanceof JsonObject) {
    let text = "{";
    for (let at = 0; at < value.names.length; at++) {
      if (at > 0) text += ",";
      text += `${JSON.stringify(value.names[at])}:${writeCompact(value.values[at] as JsonValue)}`;
    }
    return `${text}}`;
  }
  if (value instanceof JsonArray) {
    let text = "[";
    for (let at = 0; at < value.items.length; at++) {
      if (at > 0) text += ",";
      text += writeCompact(value.items[at] as JsonValue);
    }
    return `${text}]`;
  }
  return writeScalar(value);
}

/** `lineBreak` is the line end with the indent of the value's own line. */
function writePretty(value: JsonValue, lineBreak: string): string {
  const inner = `${lineBreak}  `;
  if (value instanceof JsonObject) {
    if (value.names.length === 0) return "{}";
    let text = "{";
    for (let at = 0; at < value.names.length; at++) {
      text += `${at > 0 ? "," : ""}${inner}${JSON.stringify(value.names[at])}: ${writePretty(value.values[at] as JsonValue, inner)}`;
    }
    return `${text}${lineBreak}}`;
  }
  if (value instanceof JsonArray) {
    if (value.items.length === 0) return "[]";
    let text = "[";
    for (let at = 0; at < value.items.length; at++) text += `${at > 0 ? "," : ""}${inner}${writePretty(value.items[at] as JsonValue, inner)}`;
    return `${text}${lineBreak}]`;
  }
  return writeScalar(value);
}

function writeScalar(value: string | boolean | null | JsonNumber): string {
  return value instanceof JsonNumber ? value.text : JSON.stringify(value);
}
