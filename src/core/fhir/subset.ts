import type { Definitions } from "./r4/definitions.ts";
import { JsonObject, treeOf, type JsonArray } from "./tree/tree.ts";

/** Which part of a resource is shown (R4 search.html, "Summary" and "Elements"). */
export type Shown = { readonly kind: "whole" | "summary" | "text" | "data" } | { readonly kind: "elements"; readonly names: readonly string[] };

const SUBSETTED = { system: "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", code: "SUBSETTED" };

/** What every part has: without them it is no resource, or not to be told from another. */
const ALWAYS: ReadonlySet<string> = new Set(["resourceType", "id", "meta"]);

/**
 * A part of a resource, tagged as one. A part of what is signed bears no signature. A summary is what R4 marks as one (isSummary), but for what is a document's content.
 *
 * @param summary the paths of a type's elements that are so marked: `name`, `rest.mode`, `value[x]`
 */
export function subset(resource: JsonObject, shown: Shown, definitions: Definitions, summary: (type: string) => ReadonlySet<string>): JsonObject {
  if (shown.kind === "whole") return resource;
  const elements = definitions.definitionOf(resource.string("resourceType") ?? "")?.elements ?? [];
  const mandatory = new Set(elements.filter(({ min }) => min > 0).map(({ name }) => name));
  const marked = shown.kind === "summary" ? summary(resource.string("resourceType") ?? "") : new Set<string>();
  const wantedNames = shown.kind === "elements" ? shown.names : [];
  const isKept = (name: string): boolean => {
    const plain = name.startsWith("_") ? name.slice(1) : name;
    if (ALWAYS.has(plain) || (mandatory.has(plain) && shown.kind !== "data")) return true;
    switch (shown.kind) {
      case "text":
        return plain === "text";
      case "data":
        return plain !== "text" && plain !== "signature";
      case "summary":
        return plain !== "signature" && plain !== "entry" && isMarked(plain, marked);
      default:
        return wantedNames.some((wanted) => plain === wanted || isChoiceOf(plain, wanted));
    }
  };
  const made = new JsonObject();
  resource.names.forEach((name, at) => {
    if (isKept(name)) made.add(name, name === "meta" ? tagged(resource.object("meta")) : (resource.values[at] ?? null));
  });
  return made.has("meta") ? made : made.add("meta", tagged(undefined));
}

function isMarked(name: string, marked: ReadonlySet<string>): boolean {
  return marked.has(name) || [...marked].some((path) => path.endsWith("[x]") && isChoiceOf(name, path.slice(0, -"[x]".length)));
}

/** `value` names `valueQuantity`. */
function isChoiceOf(name: string, wanted: string): boolean {
  return name.startsWith(wanted) && /^[A-Z]/.test(name.slice(wanted.length));
}

function tagged(meta: JsonObject | undefined): JsonObject {
  const made = meta?.without("tag") ?? new JsonObject();
  const tags = treeOf([SUBSETTED]) as JsonArray;
  for (const tag of meta?.items("tag") ?? []) tags.add(tag);
  return made.add("tag", tags);
}
