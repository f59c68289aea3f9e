/** Where the references of what a source submitted lead here: the way in says of each entry of its transaction what became of it. */
import type { DocumentBundle, BundleEntry } from "../../core/fhir/document-bundle.ts";
import type { SubmittedMetadata } from "../../core/formats/submitted.ts";
import type { Definitions } from "../../core/fhir/r4/definitions.ts";
import { parseReference, restfulRoot, restfulTail } from "../../core/fhir/references.ts";
import { JsonObject } from "../../core/fhir/tree/tree.ts";
import { identifierMatchKey, identifiersOf } from "../match-keys.ts";
import { resourceId } from "../query/resource-id.ts";
import { withReferences } from "./project.ts";
import type { SubmittedResource } from "./submitted-resources.ts";

export interface Placing {
  readonly document: DocumentBundle;
  readonly documentId: string;
  readonly submitted: SubmittedMetadata;
  /** Whether there is a derived Patient that stands for whom the document is about. */
  readonly isKnown: boolean;
}

export interface PlacedResource {
  /** Its references lead to what is here, `Type/id`, as far as that is known; all else as it was sent. */
  readonly resource: JsonObject;
  /** What its subject was called by, where that is an address elsewhere and another stands there now. */
  readonly sentSubject: string | undefined;
}

/**
 * Within a transaction references lead to its entries (R4 bundle.html, "Resolving references in Bundles"); an address that a resource of the document has itself means that one. Subject is the Patient
 * of the document, when that is known to be the same person: way in has held them against each other.
 */
export function placed(one: SubmittedResource, placing: Placing, definitions: Definitions): PlacedResource {
  const rewrite = (reference: string): string => placeOf(reference, one, placing) ?? reference;
  const resource = withReferences(one.sent, definitions.definitionOf(one.type), { rewrite, definitions });
  const subject = resource.object("subject");
  const copy = subjectOf(placing.document);
  if (!subject || !copy) return { resource, sentSubject: undefined };
  const address = `Patient/${resourceId({ documentId: placing.documentId, path: String(copy.index) })}`;
  const sent = one.sent.object("subject")?.string("reference");
  const isSame = subject.string("reference") === address || placing.isKnown || hasIdentifier(copy, subject.object("identifier"));
  if (!isSame) return { resource, sentSubject: undefined };
  const lead = new JsonObject().add("reference", address);
  const rest = subject.without("reference", "_reference");
  rest.names.forEach((name, at) => lead.add(name, rest.values[at] ?? null));
  return {
    resource: replaced(resource, "subject", lead),
    sentSubject: sent !== undefined && restfulTail(sent) !== undefined ? sent : undefined,
  };
}

/** `Type/id` of what a reference of the submission leads to here. */
export function resolveSubmitted(reference: string, from: string, { places }: Pick<SubmittedMetadata, "places">): string | undefined {
  const at = (url: string): string | undefined => places.find((one) => one.url === url)?.place;
  const form = parseReference(reference);
  if (form.kind === "contained") return undefined;
  if (form.kind !== "relative") return at(form.kind === "absolute" ? form.url : reference);
  const plain = `${form.type}/${form.id}`;
  const own = places.find(({ place }) => place === from)?.url;
  return at(`${(own === undefined ? undefined : restfulRoot(own)) ?? ""}${plain}`) ?? at(plain);
}

function placeOf(reference: string, from: SubmittedResource, { document, documentId, submitted }: Placing): string | undefined {
  const place = resolveSubmitted(reference, `${from.type}/${resourceId({ documentId, path: from.path })}`, submitted);
  if (place !== undefined || restfulTail(reference) === undefined) return place;
  const [entry, ...others] = document.entries.filter(({ fullUrl }) => fullUrl === reference);
  return entry && others.length === 0 ? `${entry.type}/${resourceId({ documentId, path: String(entry.index) })}` : undefined;
}

/** The Patient whom the document is about, as it stands in it. */
function subjectOf({ composition, resolve }: DocumentBundle): BundleEntry | undefined {
  const url = composition.resource.object("subject")?.string("reference");
  const entry = url === undefined ? undefined : resolve(url, composition);
  return entry?.type === "Patient" ? entry : undefined;
}

function hasIdentifier({ resource }: BundleEntry, identifier: JsonObject | undefined): boolean {
  // A value without a system means nothing outside of the house that gave it.
  const key = identifier?.string("system") === undefined ? undefined : identifierMatchKey(identifier);
  return key !== undefined && identifiersOf(resource).some((one) => identifierMatchKey(one) === key);
}

function replaced(object: JsonObject, name: string, value: JsonObject): JsonObject {
  const made = new JsonObject(object.offset);
  object.names.forEach((each, at) => made.add(each, each === name ? value : (object.values[at] ?? null), object.offsets[at]));
  return made;
}
