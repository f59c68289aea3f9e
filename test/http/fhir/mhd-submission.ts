/** Submissions of IHE MHD as a source writes them (ITI-65), as text, so that documents stay the bytes that they are. */
import { createHash, randomUUID } from "node:crypto";

export interface SubmittedOptions {
  readonly profile?: string;
  /** How each document comes: as the Bundle itself, or in a Binary. */
  readonly documents: readonly {
    readonly text: string;
    readonly as: "bundle" | "binary";
    readonly reference?: object;
    readonly attachment?: object;
    /** Put beside the attachment. */
    readonly content?: object;
    readonly binary?: object;
  }[];
  readonly set?: object;
  readonly setIdentifier?: string;
  readonly more?: readonly object[];
  readonly folder?: boolean;
}

const MHD = "https://profiles.ihe.net/ITI/MHD";
const PATIENT = { reference: "https://pix.example.org/Patient/7", identifier: { system: "urn:oid:2.16.756.5.32.99", value: "J-4711" } };
const MEDIA = "application/fhir+json";

/** Of comprehensive metadata: what a DocumentReference and a List have besides (ITI TF-3 table 4.3.1-3, XDS DS). */
export const COMPREHENSIVE = {
  profile: "IHE.MHD.Comprehensive.ProvideBundle",
  reference: {
    contained: [{ resourceType: "Patient", id: "sourcePatient", identifier: [{ system: "urn:oid:2.16.756.5.32.99", value: "J-4711" }] }],
    category: [{ coding: [{ system: "http://loinc.org", code: "11369-6" }] }],
    securityLabel: [{ coding: [{ system: "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", code: "N" }] }],
    context: {
      facilityType: { coding: [{ system: "http://snomed.info/sct", code: "22232009" }] },
      practiceSetting: { coding: [{ system: "http://snomed.info/sct", code: "394579002" }] },
      sourcePatientInfo: { reference: "#sourcePatient" },
    },
  },
  attachment: { language: "en-GB", creation: "2026-03-14T09:00:00+01:00" },
  format: { system: "http://ihe.net/fhir/ihe.formatcode.fhir/CodeSystem/formatcode", code: "urn:ihe:iti:xds:2017:mimeTypeSufficient" },
  designation: {
    url: `${MHD}/StructureDefinition/ihe-designationType`,
    valueCodeableConcept: { coding: [{ system: "http://loinc.org", code: "18842-5" }] },
  },
} as const;
export const SOURCE_ID = {
  url: `${MHD}/StructureDefinition/ihe-sourceId`,
  valueIdentifier: { system: "urn:ietf:rfc:3986", value: "urn:oid:1.2.3.4" },
};
export const urnUuid = (): string => `urn:uuid:${randomUUID()}`;
/** A UUID as an OID (ITU-T X.667), as SubmissionSets are called. */
export const urnOid = (): string => `urn:oid:2.25.${BigInt(`0x${randomUUID().replaceAll("-", "")}`)}`;

/** An entry that sets the status of a DocumentReference, as sources send it for one that is replaced. */
export const statusPatch = (target: string, value = "superseded"): object => ({
  fullUrl: urnUuid(),
  resource: {
    resourceType: "Parameters",
    parameter: [
      {
        name: "operation",
        part: [
          { name: "type", valueCode: "replace" },
          { name: "path", valueString: "DocumentReference.status" },
          { name: "value", valueCode: value },
        ],
      },
    ],
  },
  request: { method: "PATCH", url: target },
});

const hole = (at: number): string => `@document-${at}@`;

/** The transaction, in JSON. */
export function submission({
  profile = "IHE.MHD.Minimal.ProvideBundle",
  documents,
  set = {},
  setIdentifier = urnOid(),
  more = [],
  folder = false,
}: SubmittedOptions): string {
  const parts = documents.map((one) => ({ ...one, beside: one.content ?? {}, reference: urnUuid(), content: urnUuid(), own: one.reference ?? {} }));
  const list = (code: string, identifier: string, items: readonly string[]): object => ({
    resourceType: "List",
    ...(code === "submissionset" && { extension: [SOURCE_ID] }),
    identifier: [{ use: "usual", system: "urn:ietf:rfc:3986", value: identifier }],
    status: "current",
    mode: "working",
    code: { coding: [{ system: `${MHD}/CodeSystem/MHDlistTypes`, code }] },
    subject: PATIENT,
    date: "2026-03-14T10:00:00+01:00",
    entry: items.map((reference) => ({ item: { reference } })),
  });
  const post = (fullUrl: string, resource: object & { readonly resourceType?: string }): object => ({
    fullUrl,
    resource,
    request: { method: "POST", url: resource.resourceType },
  });
  const setItems = parts.map(({ reference }) => reference);
  const folderUrl = urnUuid();
  const entries = [
    post(urnUuid(), { ...list("submissionset", setIdentifier, folder ? [...setItems, folderUrl] : setItems), ...set, resourceType: "List" }),
    ...parts.map(({ reference, content, beside, own, attachment, as, text }) =>
      post(reference, {
        resourceType: "DocumentReference",
        masterIdentifier: { system: "urn:ietf:rfc:3986", value: urnUuid() },
        status: "current",
        type: { coding: [{ system: "http://loinc.org", code: "18842-5" }] },
        subject: PATIENT,
        description: "As its source calls it",
        content: [
          {
            attachment: {
              contentType: MEDIA,
              url: content,
              ...(as === "binary" && { size: Buffer.byteLength(text), hash: createHash("sha1").update(text).digest("base64") }),
              ...attachment,
            },
            ...beside,
          },
        ],
        ...own,
      } as { resourceType: string }),
    ),
    ...parts.map(({ content, as, text, binary }, at) =>
      as === "binary"
        ? post(content, { resourceType: "Binary", contentType: MEDIA, data: Buffer.from(text).toString("base64"), ...binary } as {
            resourceType: string;
          })
        : { fullUrl: content, resource: hole(at), request: { method: "POST", url: "Bundle" } },
    ),
    ...(folder ? [post(folderUrl, list("folder", urnUuid(), setItems))] : []),
    ...more,
  ];
  const bundle = { resourceType: "Bundle", meta: { profile: [`${MHD}/StructureDefinition/${profile}`] }, type: "transaction", entry: entries };
  return documents.reduce((text, { text: own }, at) => text.replace(`"${hole(at)}"`, () => own), JSON.stringify(bundle, null, 1));
}
