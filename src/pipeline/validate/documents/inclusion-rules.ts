import type { DocumentBundle } from "../../../core/fhir/document-bundle.ts";
import type { JsonObject } from "../../../core/fhir/tree/tree.ts";
import type { Findings } from "../findings.ts";
import { shown } from "../shown.ts";
import type { EntryOfOtherCase } from "./other-case.ts";
import { eachSection } from "./sections.ts";

/**
 * What the Composition names must be in the document (R4 documents.html, 3.3.1): subject, encounter, author, attester.party, custodian, event.detail, section.author, section.focus and
 * section.entry, at any depth.
 */
export function checkInclusion(document: DocumentBundle, ofOtherCase: EntryOfOtherCase, findings: Findings): void {
  const { composition } = document;
  const resource = composition.resource;
  const base = `Bundle.entry[${composition.index}].resource`;
  /** @param index its place in a list, behind the expression of it */
  const demand = (reference: JsonObject | undefined, path: string, index?: number): void => {
    const text = reference?.string("reference");
    if (reference === undefined || text === undefined) return;
    const resolution = document.lookUp(text, composition);
    if (resolution.kind === "found") return;
    const expression = index === undefined ? path : `${path}[${index}]`;
    // As R4's definitions call the element, sections within sections too.
    const about = `Composition${expression.slice(base.length)}`.replace(/\[\d+\]/g, "").replace(/(?:\.section)+/, ".section");
    const at = { expression, offset: reference.offset };
    // What is no reference at all is told of by its form (resources/reference-form.ts).
    if (resolution.kind === "ambiguous") {
      const what = `${shown(text)} matches ${resolution.entries.length} entries of the document: name one of them.`;
      findings.add({ rule: "reference-ambiguous", severity: "error", text: what, about, ...at });
    } else if (resolution.kind === "missing") {
      const [lookalike] = resolution.lookalikes;
      const twin = lookalike === undefined ? ofOtherCase(text) : undefined;
      const why =
        twin !== undefined
          ? `entry ${twin.index} differs from it in capital letters alone, and they count: write ${shown(twin.fullUrl ?? "")}.`
          : lookalike === undefined
            ? "what the Composition refers to here must be included (R4 documents, 3.3.1)."
            : `entry ${lookalike.index} has that type and id, but its fullUrl is ${shown(lookalike.fullUrl ?? "missing")}. Refer to it by its fullUrl.`;
      const what = `${shown(text)} is not in the document: ${why}`;
      findings.add({ rule: "composition-reference-unresolved", code: lookalike === undefined ? "not-found" : "invalid", text: what, about, ...at });
    }
  };
  demand(resource.object("subject"), `${base}.subject`);
  demand(resource.object("encounter"), `${base}.encounter`);
  resource.objects("author").forEach((author, at) => demand(author, `${base}.author`, at));
  resource.objects("attester").forEach((attester, at) => demand(attester.object("party"), `${base}.attester[${at}].party`));
  demand(resource.object("custodian"), `${base}.custodian`);
  resource
    .objects("event")
    .forEach((event, at) => event.objects("detail").forEach((detail, index) => demand(detail, `${base}.event[${at}].detail`, index)));
  eachSection(resource, base, (section, expression) => {
    section.objects("author").forEach((author, at) => demand(author, `${expression}.author`, at));
    demand(section.object("focus"), `${expression}.focus`);
    section.objects("entry").forEach((entry, at) => demand(entry, `${expression}.entry`, at));
  });
}
