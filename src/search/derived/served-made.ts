import { createHash } from "node:crypto";
import type { DocumentBundle } from "../../core/fhir/document-bundle.ts";
import { mhdExtension } from "../../core/fhir/ihe.ts";
import type { Definitions } from "../../core/fhir/r4/definitions.ts";
import { JsonArray, JsonObject, treeOf, type JsonValue } from "../../core/fhir/tree/tree.ts";
import type { ServedResources } from "../../pipeline/projection.ts";
import { resourceId } from "../query/resource-id.ts";
import type { DocumentResources } from "../values/document-resources.ts";
import type { FoundRequest } from "./found-question.ts";
import { tagOf, type MadeResource } from "./made-resources.ts";
import { isSealProvenance, projectResource, tagSystem, versionOf } from "./project.ts";
import { SUBMITTED_PATH } from "./submitted-resources.ts";

export interface OpenedDocument {
  readonly document: DocumentBundle;
  readonly resources: DocumentResources;
  readonly served: ServedResources;
}

/**
 * A resource that we make of a document, as it is served: with its id and ours of meta, with references that lead to what is here, and with what is known of the document as it is kept (R4
 * documentreference.html; hash and size are those of the submitted bytes).
 */
export function servedMade(
  made: MadeResource,
  { document, resources, served }: OpenedDocument,
  request: FoundRequest,
  definitions: Definitions,
): JsonObject {
  const { documentId, receivedAt, fhirBase } = request;
  const { type, path } = made;
  const id = resourceId({ documentId, path });
  const isSeal = isSealProvenance(type, path);
  const resource = isSeal ? served.sealProvenance(documentId) : made.resource;
  const projected = projectResource({ place: 0, entry: document.composition, type, resource }, resources, request, definitions);
  const tag = tagOf(made);
  const meta = treeOf({
    versionId: versionOf(type, path, isSeal ? served.hasLaterSeal : request.isSuperseded),
    lastUpdated: receivedAt,
    source: `${fhirBase}/Bundle/${documentId}`,
    ...(tag && { tag: [{ system: tagSystem(fhirBase), ...tag }] }),
  }) as JsonObject;
  const whole = new JsonObject().add("resourceType", type).add("id", id).add("meta", meta);
  const rest = projected.without("resourceType", "id", "meta");
  rest.names.forEach((name, at) => whole.add(name, withKnown(type, name, rest.values[at] ?? null, request)));
  return whole;
}

type Change = (value: JsonValue, request: FoundRequest) => JsonValue;

/** What is known besides, by type and element. */
const CHANGES: Readonly<Record<string, Readonly<Record<string, Change>>>> = {
  DocumentReference: {
    subject: personOf,
    status: (value, { isSuperseded }) => (isSuperseded && value === "current" ? "superseded" : value),
    relatesTo: targetsOf,
    content: (value, request) => (value instanceof JsonArray ? withAddress(value, request) : value),
  },
  List: {
    subject: personOf,
    extension: (value, { fhirBase }) => {
      if (!(value instanceof JsonArray)) return value;
      // It is this repository that makes a submission of what was deposited.
      const source = {
        url: mhdExtension("ihe-sourceId"),
        valueIdentifier: { system: "urn:ietf:rfc:3986", value: fhirBase },
      };
      return arrayOf([...value.items, treeOf(source)]);
    },
  },
};

/** The value of an element of ours, or of what a source said, with what is known of the document as it is kept. */
export function withKnown(type: string, name: string, value: JsonValue, request: FoundRequest): JsonValue {
  return CHANGES[type]?.[name]?.(value, request) ?? value;
}

/** Whom the document is about, as it says it, but for the address: that of the person in all documents. */
function personOf(reference: JsonValue, { subject }: FoundRequest): JsonValue {
  if (subject === undefined || !(reference instanceof JsonObject)) return reference;
  return behind(new JsonObject().add("reference", subject), reference.without("reference", "_reference"));
}

/** A document that is here is named by its address too, when it is beyond doubt which one is meant. */
function targetsOf(relations: JsonValue, { related = [] }: FoundRequest): JsonValue {
  if (!(relations instanceof JsonArray)) return relations;
  const all = relations.items.filter((one) => one instanceof JsonObject);
  return arrayOf(
    all.map((relation) => {
      const code = relation.string("code");
      const here = related.filter((one) => one.code === code);
      const isOne = here.length === 1 && all.filter((one) => one.string("code") === code).length === 1;
      const target = relation.object("target");
      if (!isOne || !target) return relation;
      const id = here[0]?.documentId ?? "";
      // Whoever names what its source said of it, by whichever address this repository was reached, still does.
      const isSubmitted = target.string("reference")?.endsWith(`DocumentReference/${id}.${SUBMITTED_PATH}`) ?? false;
      const reference = new JsonObject().add("reference", `DocumentReference/${isSubmitted ? `${id}.${SUBMITTED_PATH}` : id}`);
      return behind(new JsonObject(), relation.without("target")).add("target", behind(reference, target.without("reference", "_reference")));
    }),
  );
}

/** What an attachment says of the bytes of a document is what they are: address, size, SHA-1 as R4 has it, and SHA-256 beside it. The document itself never stands in it. */
function withAddress(content: JsonArray, { fhirBase, documentId, bytes }: FoundRequest): JsonArray {
  const digest = (algorithm: "sha1" | "sha256"): string => createHash(algorithm).update(bytes).digest("base64");
  const known = treeOf({ url: `${fhirBase}/Binary/${documentId}${CONTENT_ENDING}`, size: bytes.length, hash: digest("sha1") }) as JsonObject;
  const stronger = treeOf({ url: sha256Url(fhirBase), valueBase64Binary: digest("sha256") });
  return arrayOf(
    content.items.map((one) => {
      const attachment = one instanceof JsonObject ? one.object("attachment") : undefined;
      if (!attachment || !(one instanceof JsonObject)) return one;
      const others = attachment.objects("extension").filter((each) => each.string("url") !== sha256Url(fhirBase));
      const whole = behind(new JsonObject().add("extension", arrayOf([...others, stronger])), attachment.without(...OF_BYTES));
      return behind(new JsonObject().add("attachment", behind(whole, known)), one.without("attachment"));
    }),
  );
}

/** Stands behind the id of a Binary in the address of its content, at which a client gets the bytes whatever FHIR type they have (IHE MHD, ITI-68). */
export const CONTENT_ENDING = ".document";

const OF_BYTES = ["extension", ...["data", "url", "size", "hash"].flatMap((name) => [name, `_${name}`])];

/** The address of the extension in which an attachment has the SHA-256 of its bytes, as `hash` has their SHA-1. */
export function sha256Url(fhirBase: string): string {
  return `${fhirBase}/StructureDefinition/sha-256`;
}

/** The elements of another behind those that are there. */
function behind(made: JsonObject, rest: JsonObject): JsonObject {
  rest.names.forEach((name, at) => made.add(name, rest.values[at] ?? null));
  return made;
}

export function arrayOf(items: readonly JsonValue[]): JsonArray {
  const made = new JsonArray();
  for (const one of items) made.add(one);
  return made;
}
