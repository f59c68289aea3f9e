import type { DocumentBundle, BundleEntry } from "../../../core/fhir/document-bundle.ts";
import type { JsonObject } from "../../../core/fhir/tree/tree.ts";
import type { Findings } from "../findings.ts";
import { eachSection } from "./sections.ts";

/** The rules of the Composition itself (R4 composition.html): cmp-1, cmp-2, focus of sections, relatesTo. Required elements are the structure check's. */
export function checkComposition(document: DocumentBundle, findings: Findings): void {
  const { composition, bundle } = document;
  const resource = composition.resource;
  const base = `Bundle.entry[${composition.index}].resource`;
  eachSection(resource, base, (section, expression) => {
    checkSection(section, expression, findings);
    checkFocus(document, section, expression, findings);
  });
  resource.objects("attester").forEach((attester, at) => {
    if (!attester.has("party"))
      findings.add({
        rule: "attester-nobody",
        text: "This attester names nobody: add party, so that a reader knows who attested.",
        expression: `${base}.attester[${at}]`,
        offset: attester.offset,
      });
  });
  resource.objects("relatesTo").forEach((relatesTo, at) => {
    const target = relatesTo.object("targetIdentifier");
    const expression = `${base}.relatesTo[${at}]`;
    if (target && !target.string("value"))
      findings.add({
        rule: "relates-to-nothing",
        text: "The identifier has no value, so nobody can tell which document is meant: add it.",
        expression,
        offset: relatesTo.offset,
      });
    if (target && isSameIdentifier(target, bundle.object("identifier")))
      findings.add({
        rule: "relates-to-itself",
        text: "This names the document itself: name the earlier one.",
        expression,
        offset: relatesTo.offset,
      });
  });
}

function checkSection(section: JsonObject, expression: string, findings: Findings): void {
  if (!section.has("text") && !section.has("entry") && !section.has("section"))
    findings.add({
      rule: "cmp-1",
      text: "A section has text, entries or sections within: add one of them, or remove the section.",
      expression,
      offset: section.offset,
    });
  if (section.has("emptyReason") && section.has("entry"))
    findings.add({
      rule: "cmp-2",
      text: "A section with entries is not empty: remove emptyReason, or the entries.",
      expression,
      offset: section.offset,
    });
}

/** Composition.section.focus: "the resources … SHALL only include resources where the logical subject … matches the focus", or has none. HL7's validator does not look; a warning. */
function checkFocus(document: DocumentBundle, section: JsonObject, expression: string, findings: Findings): void {
  const focus = resolved(document, section.object("focus"), document.composition);
  if (!focus) return;
  section.objects("entry").forEach((reference, at) => {
    const entry = resolved(document, reference, document.composition);
    const subject = entry && (entry.resource.object("subject") ?? entry.resource.object("patient"));
    if (!entry || !subject?.has("reference") || resolved(document, subject, entry) === focus || entry === focus) return;
    findings.add({
      rule: "section-focus",
      text: `This section is about entry ${focus.index} (its focus), but what stands here is about another subject.`,
      expression: `${expression}.entry[${at}]`,
      offset: reference.offset,
    });
  });
}

function resolved(document: DocumentBundle, reference: JsonObject | undefined, from: BundleEntry): BundleEntry | undefined {
  const text = reference?.string("reference");
  return text === undefined ? undefined : document.resolve(text, from);
}

function isSameIdentifier(one: JsonObject, other: JsonObject | undefined): boolean {
  return (
    other !== undefined &&
    one.string("value") !== undefined &&
    one.string("value") === other.string("value") &&
    one.string("system") === other.string("system")
  );
}
