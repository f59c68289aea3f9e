import { hasComposition } from "../../../core/fhir/document-bundle.ts";
import { JsonObject } from "../../../core/fhir/tree/tree.ts";
import type { Findings, PlainRuleId } from "../findings.ts";

/** The invariants of Bundle as they bear on a document (R4 bundle.html): bdl-1 to bdl-4 and bdl-9 to bdl-11. */
export function checkBundle(bundle: JsonObject, findings: Findings): void {
  const error = (rule: PlainRuleId, text: string, expression = "Bundle", offset = bundle.offset): void => {
    findings.add({ rule, text, expression, offset });
  };
  if (bundle.has("total"))
    error("bdl-1", "total counts the matches of a search: a document has none. Remove it.", "Bundle", bundle.offsetOf("total"));
  const identifier = bundle.object("identifier");
  if (!identifier?.string("system") || !identifier.string("value"))
    error(
      "bdl-9",
      "A document has an identifier with a system and a value, which names it for ever: add Bundle.identifier.",
      "Bundle",
      identifier?.offset,
    );
  if (!bundle.string("timestamp")) error("bdl-10", "A document has a date: add Bundle.timestamp, the instant at which it was assembled.");
  const items = bundle.items("entry");
  if (!hasComposition(bundle))
    error(
      "bdl-11",
      "A document's first entry is its Composition: put it there.",
      "Bundle",
      items[0] instanceof JsonObject ? items[0].offset : undefined,
    );
  items.forEach((entry, index) => {
    if (!(entry instanceof JsonObject)) return;
    for (const [name, rule, use] of NOT_IN_DOCUMENTS) {
      if (entry.has(name)) error(rule, `entry.${name} is for ${use}, not for documents: remove it.`, "Bundle", entry.offsetOf(name));
    }
    if (!entry.has("resource") && !entry.has("request") && !entry.has("response"))
      error("bdl-5", "Each entry of a document holds a resource: add it, or remove the entry.", `Bundle.entry[${index}]`, entry.offset);
    else if (!entry.has("resource"))
      findings.add({
        rule: "document-entry-resource",
        text: "Each entry of a document holds a resource.",
        expression: `Bundle.entry[${index}]`,
        offset: entry.offset,
      });
  });
}

const NOT_IN_DOCUMENTS = [
  ["search", "bdl-2", "search results"],
  ["request", "bdl-3", "transactions and histories"],
  ["response", "bdl-4", "the answers to transactions"],
] as const;
