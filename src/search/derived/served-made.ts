import { createHash } from "node:crypto";
import type { DocumentBundle } from "../../core/fhir/document-bundle.ts";
import type { Definitions } from "../../core/fhir/r4/definitions.ts";
import { JsonArray, JsonObject, treeOf, type JsonValue } from "../../core/fhir/tree/tree.ts";
import type { ServedResources } from "../../pipeline/work/tasks.ts";
import { resourceId } from "../query/resource-id.ts";
import type { DocumentResources } from "../values/document-resources.ts";
import type { FoundRequest } from "./found-question.ts";
import { EXTRACTION_PATH, SEAL_PATH, type MadeResource } from "./made-resources.ts";
import { EXTRACTED_TAG, projectResource, tagSystem, versionOf } from "./project.ts";

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
  const isSeal = type === "Provenance" && path === SEAL_PATH;
  const resource = isSeal ? served.sealProvenance(documentId) : made.resource;
  const projected = projectResource({ place: 0, entry: document.composition, type, resource }, resources, request, definitions);
  const tags = path === EXTRACTION_PATH ? { tag: [{ system: tagSystem(fhirBase), ...EXTRACTED_TAG }] } : {};
  const meta = treeOf({
    versionId: versionOf(type, path, request.isSuperseded),
    lastUpdated: receivedAt,
    source: `${fhirBase}/Bundle/${documentId}`,
    ...tags,
  }) as JsonObject;
  const whole = new JsonObject().add("resourceType", type).add("id", id).add("meta", meta);
  const rest = projected.without("resourceType", "id", "meta");
  rest.names.forEach((name, at) => whole.add(name, changed(type, name, rest.values[at] ?? null, request)));
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
        url: "https://profiles.ihe.net/ITI/MHD/StructureDefinition/ihe-sourceId",
        valueIdentifier: { system: "urn:ietf:rfc:3986", value: fhirBase },
      };
      return arrayOf([...value.items, treeOf(source)]);
    },
  },
};

function changed(type: string, name: string, value: JsonValue, request: FoundRequest): JsonValue {
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
      const reference = new JsonObject().add("reference", `DocumentReference/${here[0]?.documentId ?? ""}`);
      return behind(new JsonObject(), relation.without("target")).add("target", behind(reference, target.without("reference", "_reference")));
    }),
  );
}

function withAddress(content: JsonArray, { fhirBase, documentId, bytes }: FoundRequest): JsonArray {
  const hash = createHash("sha1").update(bytes).digest("base64");
  const known = treeOf({ url: `${fhirBase}/Binary/${documentId}`, size: bytes.length, hash }) as JsonObject;
  return arrayOf(
    content.items.map((one) => {
      const attachment = one instanceof JsonObject ? one.object("attachment") : undefined;
      if (!attachment || !(one instanceof JsonObject)) return one;
      const whole = behind(new JsonObject(), attachment);
      return behind(new JsonObject().add("attachment", behind(whole, known)), one.without("attachment"));
    }),
  );
}

/** The elements of another behind those that are there. */
function behind(made: JsonObject, rest: JsonObject): JsonObject {
  rest.names.forEach((name, at) => made.add(name, rest.values[at] ?? null));
  return made;
}

function arrayOf(items: readonly JsonValue[]): JsonArray {
  const made = new JsonArray();
  for (const one of items) made.add(one);
  return made;
}
