import { JsonArray, JsonNumber, JsonObject, type JsonValue } from "./tree.ts";

export interface WriteOptions {
  /** Two spaces for each level; without it no white space at all. */
  readonly pretty?: boolean;
}

/** JSON text of a tree, without loss: number tokens as received, properties in their order, strings with the escapes of RFC 8785. */
export function writeJson(value: JsonValue, { pretty = false }: WriteOptions = {}): string {
  return pretty ? indented(value, "\n") : compact(value);
}

function compact(value: JsonValue): string {
  if (value instanceof JsonObject) return `{${value.names.map((name, at) => `${JSON.stringify(name)}:${compact(value.values[at] as JsonValue)}`).join(",")}}`;
  if (value instanceof JsonArray) return `[${value.items.map(compact).join(",")}]`;
  return scalar(value);
}

function indented(value: JsonValue, lineStart: string): string {
  const inner = `${lineStart}  `;
  if (value instanceof JsonObject) {
    if (value.names.length === 0) return "{}";
    return `{${value.names.map((name, at) => `${inner}${JSON.stringify(name)}: ${indented(value.values[at] as JsonValue, inner)}`).join(",")}${lineStart}}`;
  }
  if (value instanceof JsonArray) return value.items.length === 0 ? "[]" : `[${value.items.map((item) => `${inner}${indented(item, inner)}`).join(",")}${lineStart}]`;
  return scalar(value);
}

function scalar(value: string | boolean | null | JsonNumber): string {
  return value instanceof JsonNumber ? value.text : JSON.stringify(value);
}
