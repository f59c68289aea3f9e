/** Resources that a search found, made of the document that they stand in: a function from data to data, for any thread. */
import type { DocumentBundle } from "../../core/fhir/document-bundle.ts";
import { writeJson } from "../../core/fhir/json/write-json.ts";
import type { Definitions } from "../../core/fhir/r4/definitions.ts";
import type { JsonObject } from "../../core/fhir/tree/tree.ts";
import type { ServedResources } from "../../pipeline/work/tasks.ts";
import { writeXml } from "../../core/fhir/xml/write-xml.ts";
import { subset, type Shown } from "../../core/fhir/subset.ts";
import { documentResources, placeInDocument } from "../values/document-resources.ts";
import { derivedPatient, type PersonFacts } from "./derived-patient.ts";
import { madeResources } from "./made-resources.ts";
import { servedMade } from "./served-made.ts";
import { projectResource, type ProjectionFacts } from "./project.ts";

/** Which resources of one document are wanted, by type and path (query/resource-id.ts), and how. */
export interface FoundQuestion extends ProjectionFacts {
  readonly wanted: readonly WantedResource[];
  /** `Patient/{id}`: the derived Patient that the document is about; undefined when there is none. */
  readonly subject?: string | undefined;
  /** Documents here that it replaces, appends to, transforms or signs, as far as that is beyond doubt; by the code of relatesTo. */
  readonly related?: readonly { readonly code: string; readonly documentId: string }[] | undefined;
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

/**
 * Each as text, in the order of `wanted`; undefined for what the document does not have.
 */
export function foundResources(
  document: DocumentBundle,
  request: FoundRequest,
  served: ServedResources,
  definitions: Definitions,
): (string | undefined)[] {
  const resources = documentResources(document);
  const ours = madeResources(document, resources, request);
  const byPath = new Map(resources.all.map((one) => [placeInDocument(one), one]));
  const made = ({ type, path, person }: WantedResource): JsonObject | undefined => {
    if (person) {
      const copy = byPath.get(person.copy);
      return copy?.type === "Patient" ? derivedPatient(path, projectResource(copy, resources, request, definitions), person, request) : undefined;
    }
    if (type === "Bundle" && path === "") return served.bundle();
    const own = ours.find((one) => one.type === type && one.path === path);
    if (own) return servedMade(own, { document, resources, served }, request, definitions);
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
