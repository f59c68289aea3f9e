import type { JsonObject } from "../../../core/fhir/tree/tree.ts";
import { readXhtml, type ElementBudget, type XhtmlElement } from "../../../core/fhir/xml/xhtml.ts";
import { misplaced } from "../../../core/fhir/xml/xhtml-content-model.ts";
import { breaches, hasContent } from "../../../core/fhir/xml/xhtml-allow-list.ts";
import type { Findings, PlainRuleId } from "../findings.ts";
import type { Place } from "../place.ts";
import { shown } from "../shown.ts";

/**
 * The div of a Narrative: well-formed XHTML (R4 narrative.html), txt-1 and txt-2.
 * @param place that of the Narrative
 * @param room how many more elements the narratives of the document may have
 * @returns the div, read; undefined when it could not be
 */
export function checkNarrative(narrative: JsonObject, place: Place, findings: Findings, budget: ElementBudget): XhtmlElement | undefined {
  const div = narrative.string("div");
  if (div === undefined || div === "") return undefined; // the structure check tells of it
  const offset = narrative.offsetOf("div");
  place.enter("div");
  const report = (rule: PlainRuleId, text: string): void => {
    // Names and namespaces of the sender's stand in the text.
    findings.add({ rule, text: shown(text, 400), expression: place.expression(), offset });
  };
  const { root, issues } = readXhtml(div, budget);
  for (const issue of issues) {
    if (issue.kind === "limit") report("narrative-too-large", issue.text);
    else if (issue.kind === "entity") report("xhtml-entity", issue.text);
    else report(issue.kind === "syntax" ? "xhtml-syntax" : "xhtml-outside", `${issue.text} (character ${issue.offset + 1} of the div)`);
  }
  if (root) {
    const found = breaches(root);
    const first = found[0];
    const more = found.length - 1;
    if (first) report("txt-1", `${first.text}${more > 0 ? ` (and ${more} more of the kind)` : ""} Narrative holds basic XHTML formatting only.`);
    const block = misplaced(root)[0];
    if (block) report("xhtml-misplaced", `${block.text} (character ${block.offset + 1} of the div)`);
    if (!hasContent(root)) report("txt-2", "The narrative has no content: give it text or an image, or leave it out.");
  }
  place.leave();
  return root;
}
