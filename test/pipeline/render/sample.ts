import { openDocument } from "../../../src/core/fhir/document-bundle.ts";
import { treeOf, type JsonObject } from "../../../src/core/fhir/tree/tree.ts";
import { createNarrativePresenter, type NarrativeEvent, type NarrativePresenter } from "../../../src/pipeline/render/narrative/narrative.ts";
import type { PresentedDocument } from "../../../src/pipeline/render/pages/presented.ts";
import type { DocumentSummary } from "../../../src/pipeline/document-forms.ts";

export const NOW = new Date("2026-03-20T12:00:00Z");

/** A narrative as JSON has it. */
export function div(content: string, attributes = ""): { status: string; div: string } {
  return { status: "generated", div: `<div xmlns="http://www.w3.org/1999/xhtml"${attributes}>${content}</div>` };
}

export const PATIENT = {
  resourceType: "Patient",
  id: "patient",
  text: div("<p>Anna Maria Meyer</p>"),
  identifier: [{ system: "https://fhir.nhs.uk/Id/nhs-number", value: "943 476 5919" }, { value: "A-17" }],
  name: [{ use: "official", family: "Meyer", given: ["Anna", "Maria"], prefix: ["Dr"] }],
  gender: "female",
  birthDate: "1961-03-14",
};

export const PRACTITIONER = { resourceType: "Practitioner", id: "doctor", name: [{ family: "Lind", given: ["Tobias"], prefix: ["Dr"] }] };

/** A Composition with the narrative of the document itself and three sections, one of them nested. */
export function composition(overrides: object = {}): object {
  return {
    resourceType: "Composition",
    id: "composition",
    language: "en",
    status: "final",
    type: { text: "Discharge summary" },
    subject: { reference: "urn:uuid:patient" },
    date: "2026-03-14T09:31:00+01:00",
    author: [{ reference: "urn:uuid:doctor" }],
    title: "Discharge summary",
    attester: [{ mode: "legal", time: "2026-03-14T10:00:00+01:00", party: { reference: "urn:uuid:doctor" } }],
    custodian: { display: "Harbour Hospital" },
    text: div("<p>In short: recovered.</p>"),
    section: [
      { title: "Diagnoses", text: div("<ol><li>Pneumonia</li></ol>") },
      { title: "Results", text: div("<p>See below.</p>"), section: [{ title: "Laboratory", text: div("<p>CRP 12.0 mg/L</p>") }] },
    ],
    ...overrides,
  };
}

/** A document Bundle of the composition, the patient, the practitioner and whatever else; each under `urn:uuid:{its id}`. */
export function bundle(overrides: object = {}, others: readonly object[] = []): JsonObject {
  const resources = [composition(overrides), ...(others.some(isPatient) ? [] : [PATIENT]), PRACTITIONER, ...others];
  return treeOf({
    resourceType: "Bundle",
    type: "document",
    identifier: { system: "urn:ietf:rfc:3986", value: "urn:uuid:5b2c7a52-0000-4000-8000-000000000001" },
    timestamp: "2026-03-14T10:01:00+01:00",
    entry: resources.map((resource) => ({ fullUrl: `urn:uuid:${"id" in resource ? String(resource.id) : "?"}`, resource })),
  }) as JsonObject;
}

function isPatient(resource: object): boolean {
  return "resourceType" in resource && resource.resourceType === "Patient";
}

export const ID = "4f0c1c7e-0000-4000-8000-000000000001";

export function presentedOf(resource: JsonObject, overrides: Partial<PresentedDocument> = {}): PresentedDocument {
  return {
    id: ID,
    document: openDocument(resource),
    receivedAt: "2026-03-14T09:02:03.456Z",
    mediaType: "application/fhir+json",
    submitter: "unauthenticated",
    bytesDigest: `sha256:${"ab".repeat(32)}`,
    canonicalDigest: `sha256:${"cd".repeat(32)}`,
    position: { index: 12, treeSize: 15, checkpoint: "example.org/log\n15\nAAAA\n" },
    signatures: [],
    seal: {
      place: "seal",
      form: "jws",
      block: "valid",
      content: "valid",
      certificate: "valid",
      signer: "valid",
      standing: "trusted",
      role: "other",
      signedAt: "2026-03-14T09:02:03Z",
      explanation: "The seal covers this content.",
    },
    relations: [],
    warnings: [],
    url: `http://127.0.0.1:8080/documents/${ID}`,
    ...overrides,
  };
}

export function summaryOf(overrides: Partial<DocumentSummary> = {}): DocumentSummary {
  return {
    id: "99999999-0000-4000-8000-000000000009",
    title: "Discharge summary, corrected",
    type: "Discharge summary",
    status: "final",
    timestamp: "2026-03-16T10:00:00Z",
    date: "2026-03-16T09:00:00Z",
    receivedAt: "2026-03-16T10:00:01.000Z",
    patientName: "MEYER, Anna Maria (Dr)",
    patientIdentifiers: [],
    authors: ["Dr Tobias Lind"],
    ...overrides,
  };
}

/** A presenter whose judge finds nothing, so that a test of a page needs no worker. */
export function easyPresenter(events: NarrativeEvent[] = []): NarrativePresenter {
  return createNarrativePresenter({
    judge: { rules: "none", judge: () => Promise.resolve({ kind: "clean" }), close: () => Promise.resolve() },
    verdicts: { get: () => undefined, put: () => undefined },
    onPlain: (event) => events.push(event),
  });
}
