/** The files that stand within a document's data (Attachment, Binary), numbered, so that each has an address. */
import { JsonArray, JsonObject, type JsonValue } from "../../../core/fhir/tree/tree.ts";

/** One file, with what its sender says of it. */
export interface AttachedFile {
  readonly contentType: string;
  readonly title: string | undefined;
  /** Base64, as it was sent. */
  readonly data: string;
}

/** What holds a file, in the order in which the document has them: the first is number 1. */
export function fileHolders(bundle: JsonObject): JsonObject[] {
  const found: JsonObject[] = [];
  // A stack instead of recursion: no depth of nesting may exhaust it.
  const waiting: JsonValue[] = [bundle];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (next instanceof JsonObject && isFile(next)) found.push(next);
    const inner = next instanceof JsonObject ? next.values : next instanceof JsonArray ? next.items : [];
    for (let at = inner.length - 1; at >= 0; at--) waiting.push(inner[at] ?? null);
  }
  return found;
}

/** The file of that number; undefined when there is none. */
export function attachedFile(bundle: JsonObject, number: number): AttachedFile | undefined {
  const holder = fileHolders(bundle)[number - 1];
  const data = holder?.string("data");
  if (holder === undefined || data === undefined) return undefined;
  return { contentType: holder.string("contentType") ?? "", title: holder.string("title"), data };
}

function isFile(object: JsonObject): boolean {
  return object.string("data") !== undefined && object.string("contentType") !== undefined;
}
