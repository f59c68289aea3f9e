import { AppError } from "../../core/errors.ts";
import type { Definitions } from "../../core/fhir/r4/definitions.ts";
import { STORED_READ_LIMITS } from "../../core/fhir/reading/read-limits.ts";
import { SourceText } from "../../core/fhir/reading/source-text.ts";
import { JsonArray, JsonNumber, JsonObject, type JsonValue } from "../../core/fhir/tree/tree.ts";
import { readXml } from "../../core/fhir/xml/read-xml.ts";
import { writeXml } from "../../core/fhir/xml/write-xml.ts";
import { NARRATIVE_RULES } from "./catalogue/narrative.ts";
import { STRUCTURE_RULES } from "./catalogue/structure.ts";
import type { Relaxed } from "./findings.ts";

/** Rules of structure and narrative without which a tree still has R4's form. */
const OF_CONTENT: ReadonlySet<string> = new Set(["element-missing", "format-instant", "format-id", "format-uri", "narrative-link-unresolved"]);

/** Whether something was let pass by which XML may not be able to carry the document. */
export function mayNotBeGivenBack(relaxed: readonly Relaxed[]): boolean {
  return relaxed.some(({ rule }) => (rule in STRUCTURE_RULES || rule in NARRATIVE_RULES) && !OF_CONTENT.has(rule));
}

/** Whether XML carries a resource whole: what was written is read again, and compared. */
export function isGivenBack(resource: JsonObject, definitions: Definitions): boolean {
  try {
    const { resource: back } = readXml(new SourceText(writeXml(resource, definitions)), STORED_READ_LIMITS, definitions);
    return back !== undefined && isSame(resource, back);
  } catch (error) {
    if (error instanceof AppError) return false;
    throw error;
  }
}

/** Names in any order: those of XML are the definitions'. A narrative comes back as XHTML has it, with other entities than it was sent with; what it says is rules' of the narrative. */
function isSame(one: JsonValue, other: JsonValue): boolean {
  if (one instanceof JsonObject)
    return (
      other instanceof JsonObject &&
      one.names.length === other.names.length &&
      one.names.every((name, at) => {
        const back = other.get(name);
        return back !== undefined && (name === "div" ? typeof back === typeof one.values[at] : isSame(one.values[at] ?? null, back));
      })
    );
  if (one instanceof JsonArray)
    return (
      other instanceof JsonArray && one.items.length === other.items.length && one.items.every((item, at) => isSame(item, other.items[at] ?? null))
    );
  if (one instanceof JsonNumber) return other instanceof JsonNumber && one.text === other.text;
  return one === other;
}
