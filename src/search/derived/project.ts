import type { Definitions, PropertyDefinition, TypeDefinition } from "../../core/fhir/r4/definitions.ts";
import { inheritedLabels } from "../../core/fhir/inherited-labels.ts";
import { servedMeta } from "../../core/fhir/served-meta.ts";
import { JsonArray, JsonObject, type JsonValue } from "../../core/fhir/tree/tree.ts";
import { resourceId } from "../query/resource-id.ts";
import { pathInDocument, type DocumentResource, type DocumentResources } from "../values/document-resources.ts";

/** Of which document, and where that is served. */
export interface ProjectionFacts {
  readonly documentId: string;
  /** An instant: when the document was received. */
  readonly receivedAt: string;
  /** The address of the FHIR interface, without a slash at its end. */
  readonly fhirBase: string;
  readonly isSuperseded: boolean;
}

/** Tags of ours in `meta.tag`, in a code system of the service that made them. */
export const EXTRACTED_TAG = { code: "extracted", display: "Taken out of a document; attested is the document alone" };
export const SUBMITTED_TAG = { code: "submitted", display: "As its source submitted it with the document; attested is the document alone" };
export const MADE_TAG = { code: "made", display: "Derived by the repository from the document; attested is the document alone" };
export const SUPERSEDED_TAG = { code: "superseded", display: "The document that it was taken out of has been superseded" };

/**
 * What is said of a resource changes once, when its document is superseded: data is tagged as superseded, a DocumentReference has another status. What is kept as it was submitted never changes, nor does what
 * we made when it came; but the Provenance of our seals, when the XML seal comes to it.
 *
 * @param hasChanged whether its document was superseded; of that Provenance, whether there is an XML seal
 */
export function versionOf(type: string, path: string, hasChanged: boolean): "1" | "2" {
  if (isSealProvenance(type, path)) return hasChanged ? "2" : "1";
  const isOfDocument = path === "" || !/^\d/.test(path);
  return hasChanged && (!isOfDocument || type === "DocumentReference") ? "2" : "1";
}

/** The part of the id, behind the document's, of the Provenance of our seals. */
export const SEAL_PATH = "seal";

/** Whether a resource is the Provenance of our seals. */
export function isSealProvenance(type: string, path: string): boolean {
  return type === "Provenance" && path === SEAL_PATH;
}

/** The code system of those tags. */
export function tagSystem(fhirBase: string): string {
  return `${fhirBase}/CodeSystem/extracted-data`;
}

/**
 * A resource of a document as one of its own (IHE mXDE): it has the id that it is found by here, its references lead to what is here, and its meta says which document it was taken out of, with the labels
 * that this bears as a whole. The document's own bytes are never touched.
 */
export function projectResource(
  resource: DocumentResource,
  resources: Pick<DocumentResources, "target" | "labels">,
  facts: ProjectionFacts,
  definitions: Definitions,
): JsonObject {
  const { documentId, receivedAt, fhirBase, isSuperseded } = facts;
  const id = resourceId({ documentId, path: pathInDocument(resource) });
  const rewrite = (reference: string): string => {
    // What is contained stays with its container.
    if (reference.startsWith("#")) return reference;
    const target = resources.target(reference, resource);
    return target ? `${target.type}/${resourceId({ documentId, path: pathInDocument(target) })}` : reference;
  };
  const copy = withReferences(resource.resource, definitions.definitionOf(resource.type), { rewrite, definitions });
  const made = new JsonObject().add("resourceType", resource.type).add("id", id);
  const system = tagSystem(fhirBase);
  const tags = [EXTRACTED_TAG, ...(isSuperseded ? [SUPERSEDED_TAG] : [])].map((tag) => ({ system, ...tag }));
  made.add(
    "meta",
    servedMeta(resource.resource.object("meta"), {
      receivedAt,
      versionId: versionOf(resource.type, pathInDocument(resource), isSuperseded),
      tags,
      source: `${fhirBase}/Bundle/${documentId}`,
      labels: inheritedLabels(resource.resource, resources.labels),
    }),
  );
  const rest = copy.without("resourceType", "id", "_id", "meta");
  rest.names.forEach((name, at) => made.add(name, rest.values[at] ?? null));
  return made;
}

export interface Rewriting {
  readonly rewrite: (reference: string) => string;
  readonly definitions: Definitions;
}

/** A copy in which each Reference.reference is rewritten; all else is the same value as before. */
export function withReferences(object: JsonObject, definition: TypeDefinition | undefined, using: Rewriting): JsonObject {
  const copy = new JsonObject(object.offset);
  object.names.forEach((name, at) => {
    const value = object.values[at] ?? null;
    const property = definition?.properties.get(name);
    const isReference = name === "reference" && definition?.name === "Reference" && typeof value === "string";
    copy.add(name, isReference ? using.rewrite(value) : property ? rewrittenValue(value, property, using) : value, object.offsets[at]);
  });
  return copy;
}

function rewrittenValue(value: JsonValue, property: PropertyDefinition, using: Rewriting): JsonValue {
  if (value instanceof JsonArray) {
    const copy = new JsonArray(value.offset);
    value.items.forEach((item, at) => copy.add(rewrittenValue(item, property, using), value.offsets[at]));
    return copy;
  }
  if (!(value instanceof JsonObject)) return value;
  const content = property.isResource ? using.definitions.definitionOf(value.string("resourceType") ?? "") : property.content;
  return withReferences(value, content, using);
}
