import type { DocumentBundle } from "../../../core/fhir/document-bundle.ts";
import type { JsonObject } from "../../../core/fhir/json/tree.ts";
import type { Findings } from "../findings.ts";
import { shown } from "../shown.ts";
import { eachSection } from "./sections.ts";

/**
 * What the Composition names must be in the document (R4 documents.html, 3.3.1): subject, encounter, author, attester.party, custodian, event.detail, section.author, section.focus and
 * section.entry, at any depth.
 */
export function checkInclusion(document: DocumentBundle, findings: Findings): void {
  const { composition } = document;
  const resource = composition.resource;
  const base = `Bundle.entry[${composition.index}].resource`;
  const demand = (reference: JsonObject | undefined, expression: string): void => {
    const text = reference?.string("reference");
    if (reference === undefined || text === undefined) return;
    const resolution = document.lookUp(text, composition);
    const report = (code: string, rule: string, why: string): void => {
      findings.add("error", code, rule, `${shown(text)} ${why}`, expression, reference.offset);
    };
    // What is no reference at all is told of by its form (resources/reference-form.ts).
    if (resolution.kind === "ambiguous")
      report("invalid", "reference-ambiguous", `matches ${resolution.entries.length} entries of the document: name one of them.`);
    else if (resolution.kind === "missing" && resolution.lookalikes.length === 0)
      report(
        "not-found",
        "composition-reference-unresolved",
        "is not in the document: what the Composition refers to here must be included (R4 documents, 3.3.1).",
      );
    else if (resolution.kind === "missing")
      report(
        "invalid",
        "composition-reference-unresolved",
        `is not in the document: entry ${resolution.lookalikes[0]?.index} has that type and id, but its fullUrl is ${shown(resolution.lookalikes[0]?.fullUrl ?? "missing")}. Refer to it by its fullUrl.`,
      );
  };
  demand(resource.object("subject"), `${base}.subject`);
  demand(resource.object("encounter"), `${base}.encounter`);
  resource.objects("author").forEach((author, at) => demand(author, `${base}.author[${at}]`));
  resource.objects("attester").forEach((attester, at) => demand(attester.object("party"), `${base}.attester[${at}].party`));
  demand(resource.object("custodian"), `${base}.custodian`);
  resource
    .objects("event")
    .forEach((event, at) => event.objects("detail").forEach((detail, index) => demand(detail, `${base}.event[${at}].detail[${index}]`)));
  eachSection(resource, base, (section, expression) => {
    section.objects("author").forEach((author, at) => demand(author, `${expression}.author[${at}]`));
    demand(section.object("focus"), `${expression}.focus`);
    section.objects("entry").forEach((entry, at) => demand(entry, `${expression}.entry[${at}]`));
  });
}
