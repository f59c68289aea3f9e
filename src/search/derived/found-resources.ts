/** Resources that a search found, made of the document that they stand in: a function from data to data, for any thread. */
import type { DecidedReference, DocumentBundle } from "../../core/fhir/document-bundle.ts";
import { writeJson } from "../../core/fhir/json/write-json.ts";
import type { Definitions } from "../../core/fhir/r4/definitions.ts";
import type { SearchParameters } from "../../core/fhir/r4/search-parameters.ts";
import type { JsonObject } from "../../core/fhir/tree/tree.ts";
import type { ServedResources } from "../../pipeline/projection.ts";
import { writeXml } from "../../core/fhir/xml/write-xml.ts";
import { subset } from "../../core/fhir/subset.ts";
import { documentResources, pathInDocument, type DocumentResource, type DocumentResources } from "../values/document-resources.ts";
import { derivedPatient } from "./derived-patient.ts";
import type { FoundRequest, WantedResource } from "./found-question.ts";
import { madeResources } from "./made-resources.ts";
import { servedMade } from "./served-made.ts";
import { servedSubmitted } from "./served-submitted.ts";
import { labelsOfSource, submittedResources } from "./submitted-resources.ts";
import { isOfEntry, pickResources } from "./picked-resources.ts";
import { projectResource } from "./project.ts";

/** The same of a document that is not read as a whole; undefined when it must be. @param decisions what its deposit record says about references */
export function pickedResources(
  request: FoundRequest,
  decisions: readonly DecidedReference[],
  using: { readonly definitions: Definitions; readonly parameters: Pick<SearchParameters, "summary"> },
): (string | undefined)[] | undefined {
  const { wanted, mediaType, bytes } = request;
  const isPicked = mediaType === "application/fhir+json" && wanted.every(({ path, person }) => isOfEntry(person ? (person.copy ?? "") : path));
  const resources = isPicked ? pickResources(bytes, { decisions, said: labelsOfSource(submittedResources(request.submitted).all) }) : undefined;
  if (!resources) return undefined;
  return wanted.map((one) => {
    const found = resources.at(one.person?.copy ?? one.path);
    const resource = found && ofEntry(one, found, resources, request, using.definitions);
    return resource && shownText(resource, request, using);
  });
}

/**
 * Each as text, in the order of `wanted`; undefined for what the document does not have.
 */
export function foundResources(
  document: DocumentBundle,
  request: FoundRequest,
  served: ServedResources,
  { definitions, parameters }: { readonly definitions: Definitions; readonly parameters: Pick<SearchParameters, "summary"> },
): (string | undefined)[] {
  const said = submittedResources(request.submitted).all;
  const resources = documentResources(document, labelsOfSource(said));
  const ours = madeResources(document, resources, request, said);
  const byPath = new Map(resources.all.map((one) => [pathInDocument(one), one]));
  const made = ({ type, path, person }: WantedResource): JsonObject | undefined => {
    if (person) {
      const copy = person.copy === undefined ? undefined : byPath.get(person.copy);
      return copy && ofEntry({ type, path, person }, copy, resources, request, definitions);
    }
    if (type === "Bundle" && path === "") return served.bundle();
    if (type === "Binary" && path === "") return served.binary();
    const submitted = servedSubmitted({ type, path }, said, document, request, definitions);
    if (submitted) return submitted;
    const own = ours.find((one) => one.type === type && one.path === path);
    if (own) return servedMade(own, { document, resources, served }, request, definitions);
    const found = byPath.get(path);
    return found && ofEntry({ type, path }, found, resources, request, definitions);
  };
  return request.wanted.map((wanted) => {
    const resource = made(wanted);
    return resource && shownText(resource, request, { definitions, parameters });
  });
}

/** What stands in a document, or the derived Patient that a copy in it says. */
function ofEntry(
  { type, path, person }: WantedResource,
  found: DocumentResource,
  resources: Pick<DocumentResources, "target" | "labels">,
  request: FoundRequest,
  definitions: Definitions,
): JsonObject | undefined {
  if (found.type !== type) return undefined;
  const projected = projectResource(found, resources, request, definitions);
  return person ? derivedPatient(path, projected, person, request) : projected;
}

function shownText(
  resource: JsonObject,
  request: FoundRequest,
  { definitions, parameters }: { readonly definitions: Definitions; readonly parameters: Pick<SearchParameters, "summary"> },
): string {
  return written(subset(resource, request.shown, definitions, parameters.summary), request, definitions);
}

function written(resource: JsonObject, { form, pretty }: Pick<FoundRequest, "form" | "pretty">, definitions: Definitions): string {
  return form === "xml" ? writeXml(resource, definitions, { pretty }) : writeJson(resource, { pretty });
}
