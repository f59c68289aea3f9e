/** Resources that a search found, made of the document that they stand in: a function from data to data, for any thread. */
import { createHash } from "node:crypto";
import type { DocumentBundle } from "../../core/fhir/document-bundle.ts";
import { writeJson } from "../../core/fhir/json/write-json.ts";
import type { Definitions } from "../../core/fhir/r4/definitions.ts";
import { JsonObject, treeOf, type JsonValue } from "../../core/fhir/tree/tree.ts";
import { writeXml } from "../../core/fhir/xml/write-xml.ts";
import { subset, type Shown } from "../../core/fhir/subset.ts";
import { documentResources, placeInDocument, type DocumentResources } from "../values/document-resources.ts";
import { derivedPatient, type PersonFacts } from "./derived-patient.ts";
import { documentReference } from "./document-reference.ts";
import { projectResource, type ProjectionFacts } from "./project.ts";

/** Which resources of one document are wanted, by type and path (query/resource-id.ts), and how. */
export interface FoundQuestion extends ProjectionFacts {
  readonly wanted: readonly WantedResource[];
  /** `Patient/{id}`: the derived Patient that the document is about; undefined when there is none. */
  readonly subject?: string | undefined;
  readonly shown: Shown;
  readonly form: "json" | "xml";
  readonly pretty: boolean;
}

export interface WantedResource {
  readonly type: string;
  readonly path: string;
  /** Of a derived Patient. */
  readonly person?: PersonFacts;
}

export interface FoundRequest extends FoundQuestion {
  /** The submitted bytes, and what they are. */
  readonly bytes: Uint8Array;
  readonly mediaType: string;
}

/** Bundle and document as they are served at their own address: whoever composes says how (our seal stands in it). */
export type ServeBundle = () => JsonObject;

/**
 * Each as text, in the order of `wanted`; undefined for what the document does not have.
 */
export function foundResources(
  document: DocumentBundle,
  request: FoundRequest,
  serveBundle: ServeBundle,
  definitions: Definitions,
): (string | undefined)[] {
  const resources = documentResources(document);
  const byPath = new Map(resources.all.map((one) => [placeInDocument(one), one]));
  const made = ({ type, path, person }: WantedResource): JsonObject | undefined => {
    if (person) {
      const copy = byPath.get(person.copy);
      return copy?.type === "Patient" ? derivedPatient(path, projectResource(copy, resources, request, definitions), person, request) : undefined;
    }
    if (path === "")
      return type === "Bundle"
        ? serveBundle()
        : type === "DocumentReference"
          ? servedDocumentReference({ document, resources }, request, definitions)
          : undefined;
    const found = byPath.get(path);
    return found?.type === type ? projectResource(found, resources, request, definitions) : undefined;
  };
  return request.wanted.map((wanted) => {
    const resource = made(wanted);
    return resource && written(subset(resource, request.shown, definitions), request, definitions);
  });
}

function written(resource: JsonObject, { form, pretty }: Pick<FoundRequest, "form" | "pretty">, definitions: Definitions): string {
  return form === "xml" ? writeXml(resource, definitions, { pretty }) : writeJson(resource, { pretty });
}

interface Opened {
  readonly document: DocumentBundle;
  readonly resources: DocumentResources;
}

/** The DocumentReference with what is known of the document as it is kept (R4 documentreference.html; hash and size are those of the submitted bytes). */
function servedDocumentReference({ document, resources }: Opened, request: FoundRequest, definitions: Definitions): JsonObject {
  const { documentId, receivedAt, fhirBase, isSuperseded, bytes, mediaType } = request;
  const { composition } = document;
  const described = { place: 0, entry: composition, type: "DocumentReference", resource: documentReference(document) };
  const projected = projectResource(described, resources, request, definitions);
  const made = new JsonObject();
  projected.names.forEach((name, at) => {
    const value = projected.values[at] ?? null;
    if (name === "id") made.add(name, documentId);
    else if (name === "meta") made.add(name, treeOf({ versionId: "1", lastUpdated: receivedAt, source: `${fhirBase}/Bundle/${documentId}` }));
    else if (name === "subject") made.add(name, subjectOf(value, request.subject));
    else if (name === "status" && isSuperseded && value === "current") made.add(name, "superseded");
    else made.add(name, value);
  });
  const { resource } = composition;
  const attachment = {
    contentType: mediaType,
    language: document.bundle.string("language") ?? resource.string("language"),
    url: `${fhirBase}/Binary/${documentId}`,
    size: bytes.length,
    hash: createHash("sha1").update(bytes).digest("base64"),
    title: resource.string("title"),
    creation: resource.string("date"),
  };
  return made.add("date", receivedAt).add("content", treeOf([{ attachment }]));
}

/** Whom the document is about, as it says it, but for the address: that of the person in all documents. */
function subjectOf(reference: JsonValue, subject: string | undefined): JsonValue {
  if (subject === undefined || !(reference instanceof JsonObject)) return reference;
  const made = new JsonObject().add("reference", subject);
  const rest = reference.without("reference", "_reference");
  rest.names.forEach((name, at) => made.add(name, rest.values[at] ?? null));
  return made;
}
