/** What is shown of an entry that has no narrative: the columns of each type of resource, in the order in which clinicians read them. */
import { conceptText, conceptsText, numberText, quantityText, rangeText } from "../../../core/fhir/datatypes.ts";
import type { DocumentBundle, DocumentEntry } from "../../../core/fhir/document-bundle.ts";
import type { JsonObject } from "../../../core/fhir/tree/tree.ts";
import { dosagesText } from "./generated-dosage.ts";
import { choiceText } from "./generated-value.ts";
import type { Locale } from "../locale.ts";
import { referenceText } from "../../../core/fhir/party.ts";

export interface EntryContext {
  readonly document: DocumentBundle;
  readonly entry: DocumentEntry;
  readonly locale: Locale;
}

export interface Column {
  /** Key of the words of its head. */
  readonly head: string;
  /** Figures stand below each other; a date stays on its line. */
  readonly kind?: "number" | "date";
  readonly text: (resource: JsonObject, context: EntryContext) => string | undefined;
}

const DATE_FORMS = ["effective", "performed", "occurrence"] as const;

const medication: Column = { head: "column-medication", text: medicationText };
const dosage: Column = { head: "column-dosage", text: (resource, { locale }) => dosagesText(resource, locale) };
const reason: Column = {
  head: "column-reason",
  text: (resource, context) => conceptsText(resource, "reasonCode") ?? references(resource, "reasonReference", context),
};
const status: Column = { head: "column-status", text: (resource) => resource.string("status") };
const note: Column = { head: "column-note", text: notes };
const name: Column = { head: "column-name", text: (resource) => conceptText(resource.object("code")) };
const date = (...properties: string[]): Column => ({
  head: "column-date",
  kind: "date",
  text: (resource, { locale }) => when(resource, locale, properties),
});

export const COLUMNS: Readonly<Record<string, readonly Column[]>> = {
  MedicationRequest: [medication, dosage, dispensed("dispenseRequest"), reason, status, date("authoredOn"), note],
  MedicationStatement: [medication, dosage, reason, status, date("effective"), note],
  MedicationAdministration: [medication, dosage, reason, status, date("effective"), note],
  MedicationDispense: [medication, dosage, dispensed(undefined), status, date("whenHandedOver", "whenPrepared"), note],
  Medication: [
    name,
    { head: "column-dose", text: (resource, context) => components(resource, context) },
    { head: "column-lot", text: (resource) => resource.object("batch")?.string("lotNumber") },
  ],
  Observation: [
    name,
    { head: "column-value", kind: "number", text: observed },
    { head: "column-interpretation", text: (resource) => conceptsText(resource, "interpretation") },
    { head: "column-reference-range", kind: "number", text: referenceRange },
    date("effective", "issued"),
    status,
    note,
  ],
  DiagnosticReport: [name, { head: "column-conclusion", text: (resource) => resource.string("conclusion") }, date("effective", "issued"), status],
  Condition: [
    name,
    { head: "column-status", text: (resource) => stated(resource, "clinicalStatus", "verificationStatus") },
    { head: "column-severity", text: (resource) => conceptText(resource.object("severity")) },
    { head: "column-onset", text: (resource, { locale }) => choiceText(resource, "onset", locale) },
    { head: "column-end", text: (resource, { locale }) => choiceText(resource, "abatement", locale) },
    { head: "column-site", text: (resource) => conceptsText(resource, "bodySite") },
    note,
  ],
  AllergyIntolerance: [
    name,
    { head: "column-status", text: (resource) => stated(resource, "clinicalStatus", "verificationStatus") },
    { head: "column-criticality", text: (resource) => resource.string("criticality") },
    { head: "column-reaction", text: reactions },
    { head: "column-onset", text: (resource, { locale }) => choiceText(resource, "onset", locale) },
    note,
  ],
  Immunization: [
    { head: "column-vaccine", text: (resource) => conceptText(resource.object("vaccineCode")) },
    date("occurrence"),
    { head: "column-dose", text: (resource) => resource.objects("protocolApplied").map(doseNumber).filter(Boolean).join(", ") || undefined },
    { head: "column-lot", text: (resource) => resource.string("lotNumber") },
    status,
    note,
  ],
  Procedure: [
    name,
    date("performed"),
    { head: "column-site", text: (resource) => conceptsText(resource, "bodySite") },
    { head: "column-outcome", text: (resource) => conceptText(resource.object("outcome")) },
    status,
    note,
  ],
};

function medicationText(resource: JsonObject, context: EntryContext): string | undefined {
  const named =
    conceptText(resource.object("medicationCodeableConcept")) ??
    referenceText(context.document, resource.object("medicationReference"), context.entry);
  // To leave this out would turn the entry into its opposite.
  return resource.get("doNotPerform") === true ? `${context.locale.word("do-not-perform")}: ${named ?? "?"}` : named;
}

function dispensed(inside: string | undefined): Column {
  return {
    head: "column-quantity",
    kind: "number",
    text: (resource) => quantityText((inside === undefined ? resource : resource.object(inside))?.object("quantity")),
  };
}

function components(resource: JsonObject, context: EntryContext): string | undefined {
  const parts = resource.objects("ingredient").map((ingredient) => {
    const item =
      conceptText(ingredient.object("itemCodeableConcept")) ?? referenceText(context.document, ingredient.object("itemReference"), context.entry);
    const numerator = quantityText(ingredient.object("strength")?.object("numerator"));
    const denominator = quantityText(ingredient.object("strength")?.object("denominator"));
    return [item, numerator && denominator ? `${numerator} / ${denominator}` : numerator].filter(Boolean).join(" ");
  });
  return parts.filter((part) => part !== "").join("; ") || undefined;
}

function observed(resource: JsonObject, { locale }: EntryContext): string | undefined {
  const own = choiceText(resource, "value", locale) ?? conceptText(resource.object("dataAbsentReason"));
  const parts = resource.objects("component").map((component) => {
    const value = choiceText(component, "value", locale) ?? conceptText(component.object("dataAbsentReason"));
    return `${conceptText(component.object("code")) ?? "?"}: ${value ?? "–"}`;
  });
  return [own, ...parts].filter((part) => part !== undefined).join("; ") || undefined;
}

function referenceRange(resource: JsonObject): string | undefined {
  return (
    resource
      .objects("referenceRange")
      .map((range) => range.string("text") ?? rangeText(range))
      .filter(Boolean)
      .join("; ") || undefined
  );
}

function reactions(resource: JsonObject): string | undefined {
  const texts = resource.objects("reaction").map((reaction) => {
    const manifestation = conceptsText(reaction, "manifestation") ?? reaction.string("description");
    const severity = reaction.string("severity");
    return severity === undefined ? manifestation : `${manifestation ?? "?"} (${severity})`;
  });
  return texts.filter(Boolean).join("; ") || undefined;
}

function stated(resource: JsonObject, ...properties: string[]): string | undefined {
  return (
    properties
      .map((property) => conceptText(resource.object(property)))
      .filter(Boolean)
      .join(", ") || undefined
  );
}

function doseNumber(protocol: JsonObject): string {
  return numberText(protocol, "doseNumberPositiveInt") ?? protocol.string("doseNumberString") ?? "";
}

function when(resource: JsonObject, locale: Locale, properties: readonly string[]): string | undefined {
  for (const property of properties) {
    const own = resource.string(property);
    const text =
      own === undefined ? (DATE_FORMS.some((form) => form === property) ? choiceText(resource, property, locale) : undefined) : locale.date(own);
    if (text !== undefined) return text;
  }
  return undefined;
}

function references(resource: JsonObject, property: string, { document, entry }: EntryContext): string | undefined {
  return (
    resource
      .objects(property)
      .map((reference) => referenceText(document, reference, entry))
      .filter(Boolean)
      .join(", ") || undefined
  );
}

function notes(resource: JsonObject): string | undefined {
  return (
    resource
      .objects("note")
      .map((annotation) => annotation.string("text"))
      .filter(Boolean)
      .join(" · ") || undefined
  );
}
