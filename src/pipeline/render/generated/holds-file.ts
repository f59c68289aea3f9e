import { JsonArray, JsonObject, type JsonValue } from "../../../core/fhir/tree/tree.ts";

/** Whether a file stands somewhere in a resource, which only the document itself can show. */
export function holdsFile(resource: JsonObject): boolean {
  const waiting: JsonValue[] = [resource];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (next instanceof JsonObject && next.string("data") !== undefined && next.has("contentType")) return true;
    for (const inner of next instanceof JsonObject ? next.values : next instanceof JsonArray ? next.items : []) waiting.push(inner);
  }
  return false;
}
