/** Where HL7's validator has an error, as the place that we would call it. */
import type { Issue } from "../../src/core/fhir/issue.ts";
import { idOf, type Said } from "./engine.ts";

/** Its messages about references and entries of documents and messages count entries, sections and authors from one; FHIRPath counts from nought, as everything else that it says. */
const COUNTED_FROM_ONE: ReadonlySet<string> = new Set([
  "BUNDLE_BUNDLE_ENTRY_FOUND_MULTIPLE",
  "Bundle_BUNDLE_Entry_Document",
  "Bundle_BUNDLE_Entry_NotFound",
  "BUNDLE_BUNDLE_ENTRY_NOTFOUND_APPARENT",
  "Bundle_BUNDLE_Entry_Orphan_DOCUMENT",
  "Validation_BUNDLE_Message",
]);

/** A FHIRPath without what HL7's validator adds to it: names of resources in comments, types of choices, addresses of extensions. */
function plain(place: string): string {
  return place
    .replace(/\/\*.*?\*\//g, "")
    .replace(/\.ofType\([A-Za-z0-9]+\)/g, "")
    .replace(/\[url='[^']*'\]/g, "")
    .replace(/\[x\](?=$|\.|\[)/g, "")
    .replace(/^\(document\)$/, "");
}

/** Its place of an error, entries counted from nought. */
export function placeOf(said: Said): string {
  const place = plain(said.at ?? "");
  return COUNTED_FROM_ONE.has(idOf(said)) ? place.replace(/\[(\d+)\]/g, (_, index: string) => `[${Number(index) - 1}]`) : place;
}

/** Whether one of our errors is at a place of its. Of elements that it cannot read in XML it tells an XPath, which begins at the resource and has no indexes: the same place is one that ends with its names. */
export function isToldAt(place: string, ours: readonly Issue[]): boolean {
  const [, ...names] = /\/[f?]:/.test(place) ? place.replace(/^\//, "").split("/") : [];
  if (names.length === 0) return ours.some(({ expression }) => plain(expression ?? "") === place);
  const tail = names.map((name) => `.${name.replace(/^[f?]:/, "")}`).join("");
  return ours.some(({ expression }) =>
    plain(expression ?? "")
      .replace(/\[\d+\]/g, "")
      .endsWith(tail),
  );
}
