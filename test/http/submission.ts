/** Submissions as IHE MHD has them, deposited as the way in deposits them: each document with what its source said of it, and where the transaction's addresses lead here. */
import { randomUUID } from "node:crypto";
import { askedByProgram } from "../../src/core/asked.ts";
import type { SubmittedMetadata } from "../../src/core/formats/submitted.ts";
import { deposit, type DepositContext } from "../../src/pipeline/deposit.ts";

export const MHD = "https://profiles.ihe.net/ITI/MHD";
const LIST_TYPES = `${MHD}/CodeSystem/MHDlistTypes`;
export const UNCONTAINED = `${MHD}/StructureDefinition/IHE.MHD.UnContained.Comprehensive.DocumentReference`;

export interface SubmittedDocument {
  /** JSON. */
  readonly text: string;
  /** Put over the source's DocumentReference. */
  readonly reference?: object;
}

export interface Submission {
  readonly documents: readonly SubmittedDocument[];
  /** Each the places of the documents that it holds, in `documents`. */
  readonly folders?: readonly (readonly number[])[];
  readonly subject?: object;
  /** Put over the SubmissionSet. */
  readonly set?: object;
}

/** Deposits all of a submission; gives the ids of its documents, in order. */
export async function depositSubmission({ documents, folders = [], subject, set }: Submission, depositing: DepositContext): Promise<string[]> {
  const ids = documents.map(() => randomUUID());
  const [first = ""] = ids;
  const references = ids.map(() => `urn:uuid:${randomUUID()}`);
  const bundles = ids.map(() => `urn:uuid:${randomUUID()}`);
  const lists = [0, ...folders].map(() => `urn:uuid:${randomUUID()}`);
  const [, ...others] = lists;
  const places = [
    ...references.map((url, at) => ({ url, place: `DocumentReference/${ids[at] ?? ""}.submitted` })),
    ...bundles.map((url, at) => ({ url, place: `Binary/${ids[at] ?? ""}` })),
    ...lists.map((url, at) => ({ url, place: `List/${first}.${at === 0 ? "submitted" : `folder-${at}`}` })),
  ];
  const about = subject === undefined ? {} : { subject };
  const listTexts = [
    { ...submissionSet([...references, ...others]), ...about, ...set },
    ...folders.map((held) => ({ ...folder(held.map((at) => references[at] ?? "")), ...about })),
  ];
  const submission = randomUUID();
  for (const [at, { text, reference }] of documents.entries()) {
    const said = { ...documentReference(bundles[at] ?? "", at), ...about, ...reference };
    const submitted: SubmittedMetadata = {
      submission,
      reference: JSON.stringify(said),
      lists: at === 0 ? listTexts.map((one) => JSON.stringify(one)) : [],
      places,
    };
    const content = {
      bytes: Buffer.from(text),
      mediaType: "application/fhir+json" as const,
      receivedAt: new Date(),
      asked: askedByProgram("a test"),
    };
    const result = await deposit({ ...content, submitted }, { ...depositing, newId: () => ids[at] ?? "" });
    if (result.kind !== "created") throw new Error(JSON.stringify(result));
  }
  return ids;
}

function documentReference(url: string, at: number): object {
  return {
    resourceType: "DocumentReference",
    meta: { profile: [UNCONTAINED], security: [{ system: "http://terminology.hl7.org/CodeSystem/v3-ActReason", code: "HTEST" }] },
    contained: [{ resourceType: "Practitioner", id: "writer", name: [{ family: "Scribe", given: ["Tanya"] }] }],
    masterIdentifier: { system: "urn:ietf:rfc:3986", value: `urn:oid:1.2.3.${randomUUID().replaceAll(/\D/g, "").slice(0, 12)}` },
    identifier: [{ system: "urn:ietf:rfc:3986", value: `urn:uuid:${randomUUID()}` }],
    status: "current",
    type: { coding: [{ system: "http://loinc.org", code: "34133-9", display: "Summary of episode note" }] },
    category: [{ coding: [{ system: "urn:classes", code: "summaries" }] }],
    date: "2020-02-01T23:50:50-05:00",
    author: [{ reference: "#writer" }],
    description: `As the source calls document ${at + 1}`,
    securityLabel: [{ coding: [{ system: "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", code: "V" }] }],
    content: [
      {
        attachment: {
          contentType: "application/fhir+json",
          language: "de-CH",
          url,
          creation: "2019-12-24T09:35:00+11:00",
          title: "DOC",
          data: "Tm8=",
        },
        format: { system: "urn:formats", code: "urn:ihe:pcc:ips:2020" },
      },
    ],
    context: {
      event: [{ coding: [{ system: "urn:acts", code: "T-D4909" }] }],
      period: { start: "2004-12-23T08:00:00+11:00", end: "2004-12-23T08:01:00+11:00" },
      facilityType: { coding: [{ system: "urn:facilities", code: "clinic" }] },
      practiceSetting: { coding: [{ system: "urn:settings", code: "cardio" }] },
      related: [{ reference: "http://source.example/fhir/ServiceRequest/77" }],
    },
  };
}

function submissionSet(items: readonly string[]): object {
  return {
    ...list("submissionset", items),
    contained: [{ resourceType: "Practitioner", id: "sender", name: [{ family: "Moehrke", given: ["John"] }] }],
    extension: [
      { url: `${MHD}/StructureDefinition/ihe-sourceId`, valueIdentifier: { system: "urn:ietf:rfc:3986", value: "urn:oid:1.2.3.4" } },
      {
        url: `${MHD}/StructureDefinition/ihe-designationType`,
        valueCodeableConcept: { coding: [{ system: "http://snomed.info/sct", code: "225728007" }] },
      },
    ],
    source: { reference: "#sender" },
    title: "From the emergency ward",
  };
}

function folder(items: readonly string[]): object {
  return {
    ...list("folder", items),
    extension: [
      // Also a folder may say where it comes from.
      { url: `${MHD}/StructureDefinition/ihe-sourceId`, valueIdentifier: { system: "urn:ietf:rfc:3986", value: "urn:oid:1.2.3.4" } },
      {
        url: `${MHD}/StructureDefinition/ihe-designationType`,
        valueCodeableConcept: { coding: [{ system: "http://snomed.info/sct", code: "Stroke" }] },
      },
    ],
    title: "Stroke",
  };
}

function list(code: "submissionset" | "folder", items: readonly string[]): object {
  return {
    resourceType: "List",
    identifier: [{ use: "official", system: "urn:ietf:rfc:3986", value: `urn:uuid:${randomUUID()}` }],
    status: "current",
    mode: "working",
    code: { coding: [{ system: LIST_TYPES, code }] },
    date: "2020-02-01T23:50:50-05:00",
    entry: items.map((reference) => ({ item: { reference } })),
  };
}
