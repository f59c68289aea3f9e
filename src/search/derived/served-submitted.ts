/** What a source said of a document (IHE MHD), as it is served. */
import type { DocumentBundle } from "../../core/fhir/document-bundle.ts";
import type { Definitions } from "../../core/fhir/r4/definitions.ts";
import { servedMeta } from "../../core/fhir/served-meta.ts";
import { JsonObject, type JsonValue } from "../../core/fhir/tree/tree.ts";
import type { SubmittedMetadata } from "../../core/formats/submitted.ts";
import { resourceId } from "../query/resource-id.ts";
import type { FoundRequest, WantedResource } from "./found-question.ts";
import { SUBMITTED_TAG, tagSystem, versionOf } from "./project.ts";
import { arrayOf, withKnown } from "./served-made.ts";
import { placed } from "./submitted-places.ts";
import { containedIn, type SubmittedContained, type SubmittedResource } from "./submitted-resources.ts";

interface SubmittedRequest extends FoundRequest {
  readonly submitted: SubmittedMetadata;
}

/**
 * The resource of a type and a path among what the source said, or contained in it; undefined when there is none.
 * @param said what can be read of it
 */
export function servedSubmitted(
  { type, path }: Pick<WantedResource, "type" | "path">,
  said: readonly SubmittedResource[],
  document: DocumentBundle,
  request: FoundRequest,
  definitions: Definitions,
): JsonObject | undefined {
  const { submitted } = request;
  if (submitted === undefined) return undefined;
  const one = said.find((each) => each.type === type && each.path === path);
  if (one) return servedWhole(one, document, { ...request, submitted }, definitions);
  for (const each of said) {
    const inner = containedIn(each, each.sent).find((contained) => contained.type === type && contained.path === path);
    if (inner) return servedContained(inner, { ...request, submitted });
  }
  return undefined;
}

/**
 * What a source said of a document, as it is served: as it was sent, but for its id, versions and times, which are ours, and for references and what is known of the document as it is kept. The profiles
 * that it claims stay, but for that of ITI-105, which is of what is sent alone, and MHD's on a reference that is entered in error, which they do not allow.
 */
function servedWhole(one: SubmittedResource, document: DocumentBundle, request: SubmittedRequest, definitions: Definitions): JsonObject {
  const { documentId } = request;
  const { type, path } = one;
  const resource = placedResource(one, document, request, definitions);
  const meta = metaOf(one.sent, { type, path }, request);
  const isInError = one.sent.string("status") === "entered-in-error";
  const whole = new JsonObject().add("resourceType", type).add("id", resourceId({ documentId, path }));
  whole.add("meta", withoutProfiles(meta, isInError ? MHD : PUBLISHED));
  const rest = resource.without("resourceType", "id", "_id", "meta");
  rest.names.forEach((name, at) => whole.add(name, submittedValue(type, name, rest.values[at] ?? null, request)));
  return whole;
}

/** A source says itself who it is. */
function submittedValue(type: string, name: string, value: JsonValue, request: FoundRequest): JsonValue {
  return type === "List" && name === "extension" ? value : withKnown(type, name, value, request);
}

/** What is contained in it, as one of its own. */
function servedContained(inner: SubmittedContained, request: SubmittedRequest): JsonObject {
  const { type, path, resource } = inner;
  const whole = new JsonObject().add("resourceType", type).add("id", resourceId({ documentId: request.documentId, path }));
  whole.add("meta", metaOf(resource, { type, path }, request));
  const rest = resource.without("resourceType", "id", "_id", "meta");
  rest.names.forEach((name, at) => whole.add(name, rest.values[at] ?? null));
  return whole;
}

function placedResource(one: SubmittedResource, document: DocumentBundle, request: SubmittedRequest, definitions: Definitions): JsonObject {
  const { documentId, submitted, subject } = request;
  return placed(one, { document, documentId, submitted, isKnown: subject !== undefined }, definitions).resource;
}

function metaOf(
  sent: JsonObject,
  { type, path }: Pick<SubmittedResource, "path"> & { readonly type: string },
  request: SubmittedRequest,
): JsonObject {
  const { receivedAt, fhirBase, documentId, isSuperseded } = request;
  return servedMeta(sent.object("meta"), {
    receivedAt,
    versionId: versionOf(type, path, isSuperseded),
    source: `${fhirBase}/Bundle/${documentId}`,
    tags: [{ system: tagSystem(fhirBase), ...SUBMITTED_TAG }],
  });
}

const MHD = /^https?:\/\/profiles\.ihe\.net\/ITI\/MHD\//;

/** That of ITI-105 is of what is sent, with the document in it, and nothing that is served can hold it. */
const PUBLISHED = /\/ITI\/MHD\/StructureDefinition\/IHE\.MHD\.SimplifiedPublish\./;

function withoutProfiles(meta: JsonObject, dropped: RegExp): JsonObject {
  const kept = meta.items("profile").filter((profile) => typeof profile !== "string" || !dropped.test(profile));
  const rest = meta.without("profile", "_profile");
  return kept.length === 0 ? rest : rest.add("profile", arrayOf(kept));
}
