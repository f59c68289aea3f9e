/** What we make of a document beside its Bundle: DocumentReference, List (the SubmissionSet of IHE MHD) and Provenances. They bear the document's id, and say only what stands in it or is known of it as it is kept. */
import type { DocumentBundle } from "../../core/fhir/document-bundle.ts";
import { LIST_TYPES, mhdExtension } from "../../core/fhir/ihe.ts";
import { JsonArray, JsonObject, treeOf, type JsonValue } from "../../core/fhir/tree/tree.ts";
import { VERIFICATION } from "../../core/signatures/seal.ts";
import { signaturesWithin } from "../../core/signatures/signature-places.ts";
import { FIRST_CONTAINED, MADE_PLACES, MOST_OF_A_KIND } from "../resource-number.ts";
import { pathInDocument, type DocumentResource, type DocumentResources } from "../values/document-resources.ts";
import { resourceId } from "../query/resource-id.ts";
import { documentReference, type MadeFacts } from "./document-reference.ts";
import { EXTRACTED_TAG, MADE_TAG, SEAL_PATH } from "./project.ts";
import { saidBySource, type SubmittedResource } from "./submitted-resources.ts";

export interface MadeResource {
  readonly place: number;
  readonly type: "DocumentReference" | "List" | "Provenance";
  /** The part of its id behind the document's, without the point: empty, `seal`, `extraction`, `signature-1`. */
  readonly path: string;
  /** Without id and meta; references within the document as it writes them. */
  readonly resource: JsonObject;
}

/** Paths of Provenances. */
export const EXTRACTION_PATH = "extraction";

/** The tag of ours that one bears: a Provenance of a seal or a signature bears none. */
export function tagOf({ type, path }: Pick<MadeResource, "type" | "path">): { readonly code: string; readonly display: string } | undefined {
  if (type !== "Provenance") return MADE_TAG;
  return path === EXTRACTION_PATH ? EXTRACTED_TAG : undefined;
}

/** @param said what the source said of the document: where there is a DocumentReference of its own, the SubmissionSet that we make names that */
export function madeResources(
  document: DocumentBundle,
  resources: DocumentResources,
  facts: MadeFacts,
  said: readonly SubmittedResource[],
): MadeResource[] {
  const provenance = (place: number, path: string, resource: JsonObject): MadeResource => ({ place, type: "Provenance", path, resource });
  return [
    { place: MADE_PLACES.DocumentReference, type: "DocumentReference", path: "", resource: documentReference(document, facts) },
    { place: MADE_PLACES.List, type: "List", path: "", resource: submissionSet(document, facts, said) },
    provenance(MADE_PLACES.Seal, SEAL_PATH, sealing(facts)),
    provenance(MADE_PLACES.Extraction, EXTRACTION_PATH, extraction(resources, facts)),
    ...senderSignatures(document).map((signature, at) => provenance(MADE_PLACES.Signature + at, `signature-${at + 1}`, signing(signature, facts))),
  ];
}

/**
 * What references between them, and to the document's resources by their ids here, lead to; then those that the document writes.
 * @param said what the source said of the document
 */
export function withMade(
  document: DocumentBundle,
  resources: DocumentResources,
  documentId: string,
  said: readonly SubmittedResource[],
): DocumentResources {
  const byId = new Map(resources.all.map((one) => [`${one.type}/${documentId}.${pathInDocument(one)}`, one]));
  const made = (type: string, place: number, path = ""): [string, DocumentResource] => [
    `${type}/${resourceId({ documentId, path })}`,
    { place, type, resource: new JsonObject().add("resourceType", type), entry: document.composition },
  ];
  const own = new Map([
    ...byId,
    ...(["Bundle", "DocumentReference", "List"] as const).map((type) => made(type, MADE_PLACES[type])),
    ...said.map(({ type, place, path }) => made(type, place, path)),
  ]);
  return { ...resources, target: (reference, from) => own.get(reference) ?? resources.target(reference, from) };
}

/** What may submit documents (R4 list.html, List.source). */
const SOURCES: ReadonlySet<string> = new Set(["Practitioner", "PractitionerRole", "Patient", "Device"]);

/** Each deposit is a submission of its own. */
function submissionSet(document: DocumentBundle, { documentId, receivedAt, submitted }: MadeFacts, said: readonly SubmittedResource[]): JsonObject {
  const { resource } = document.composition;
  const type = resource.get("type");
  const designation = new JsonObject().add("url", mhdExtension("ihe-designationType"));
  if (type !== undefined) designation.add("valueCodeableConcept", type);
  const made = new JsonObject().add("resourceType", "List");
  if (type !== undefined) made.add("extension", arrayed(designation));
  made.add("identifier", treeOf([{ system: "urn:ietf:rfc:3986", value: `urn:uuid:${documentId}` }]));
  made.add("status", "current").add("mode", "working");
  put(made, "title", resource.get("title"));
  made.add("code", treeOf({ coding: [{ system: LIST_TYPES, code: "submissionset", display: "SubmissionSet as a FHIR List" }] }));
  put(made, "subject", resource.get("subject"));
  made.add("date", receivedAt);
  const source = resource.objects("author").find((author) => SOURCES.has(typeOf(author, document) ?? ""));
  put(made, "source", source);
  // One that stands beside the source's own leads to what stands beside, too.
  const isBeside = saidBySource(submitted, said).has("List");
  const path = (isBeside ? undefined : said.find((one) => one.type === "DocumentReference")?.path) ?? "";
  return made.add("entry", treeOf([{ item: { reference: `DocumentReference/${resourceId({ documentId, path })}` } }]));
}

/** By what the Provenance of our seal is found; it is served as `pipeline/sign` writes it. */
function sealing({ documentId, receivedAt }: MadeFacts): JsonObject {
  return treeOf({
    resourceType: "Provenance",
    target: [{ reference: `Bundle/${documentId}` }],
    recorded: receivedAt,
    agent: [participant("verifier", "Verifier")],
    signature: [{ type: [VERIFICATION] }],
  }) as JsonObject;
}

/** The Device that takes resources out of documents, contained in what says so. */
const ASSEMBLER = "chartulary-repository";

/** Leads from what was taken out of a document back to it (IHE mXDE, QEDm: policy, activity, agent and entity as their Provenance has them). */
function extraction(resources: DocumentResources, { documentId, receivedAt }: MadeFacts): JsonObject {
  const entries = resources.all.filter(({ place }) => place < FIRST_CONTAINED);
  return treeOf({
    resourceType: "Provenance",
    contained: [{ resourceType: "Device", id: ASSEMBLER, deviceName: [{ name: "Chartulary", type: "model-name" }] }],
    target: entries.map((one) => ({ reference: `${one.type}/${documentId}.${pathInDocument(one)}` })),
    recorded: receivedAt,
    policy: ["urn:ihe:iti:mxde:2023:document-provenance-policy"],
    activity: {
      coding: [
        { system: "http://hl7.org/fhir/w3c-provenance-activity-type", code: "Derivation", display: "wasDerivedFrom" },
        { system: "http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle", code: "extract", display: "Extract Record Lifecycle Event" },
      ],
      text: "Taken out of the document. The document alone is attested, and this data by itself is not.",
    },
    agent: [{ ...participant("assembler", "Assembler"), who: { reference: `#${ASSEMBLER}`, display: "Chartulary" } }],
    entity: [{ role: "source", what: { reference: `DocumentReference/${documentId}` } }],
  }) as JsonObject;
}

/** A signature that the document came with: what it says of itself, which is not what was found when it was checked. */
function signing(signature: JsonObject, { documentId, receivedAt }: MadeFacts): JsonObject {
  const made = treeOf({
    resourceType: "Provenance",
    target: [{ reference: `Bundle/${documentId}` }],
    recorded: signature.string("when") ?? receivedAt,
    activity: { text: "Signed before it was deposited" },
  }) as JsonObject;
  const agent = treeOf(participant("author", "Author")) as JsonObject;
  put(agent, "who", signature.get("who"));
  put(agent, "onBehalfOf", signature.get("onBehalfOf"));
  return made.add("agent", arrayed(agent)).add("signature", arrayed(signature));
}

/** Those of a Provenance in the document are found with it. */
function senderSignatures({ bundle, entries }: DocumentBundle): JsonObject[] {
  const own = bundle.object("signature");
  const within = signaturesWithin(bundle, MOST_OF_A_KIND).filter(({ place }) => {
    const entry = /^Bundle\.entry\[(\d+)\]/.exec(place)?.[1];
    return entries[Number(entry)]?.type !== "Provenance";
  });
  return [...(own ? [own] : []), ...within.map(({ signature }) => signature)].slice(0, MOST_OF_A_KIND);
}

function participant(code: string, display: string): { readonly type: object } {
  return { type: { coding: [{ system: "http://terminology.hl7.org/CodeSystem/provenance-participant-type", code, display }] } };
}

function typeOf(reference: JsonObject, document: DocumentBundle): string | undefined {
  const url = reference.string("reference");
  return (url === undefined ? undefined : document.resolve(url, document.composition)?.type) ?? reference.string("type");
}

function put(object: JsonObject, name: string, value: JsonValue | undefined): void {
  if (value !== undefined && value !== null) object.add(name, value);
}

function arrayed(object: JsonObject): JsonValue {
  const made = new JsonArray();
  made.add(object);
  return made;
}
