import { JsonObject, treeOf, type JsonArray } from "../../core/fhir/tree/tree.ts";
import { EXTRACTED_TAG, SUPERSEDED_TAG, tagSystem, type ProjectionFacts } from "./project.ts";

/** Where a derived Patient comes from, and what else is the same person. */
export interface PersonFacts {
  /** The path of the copy in the document that speaks for the person. */
  readonly copy: string;
  /** Copies in all documents, `Patient/{id}`. */
  readonly links: readonly string[];
}

export const DERIVED_TAG = { code: "derived", display: "What the newest document of this person says; made by the repository and not attested" };

/** What stands in the narrative is attested with its document, and stays there. */
const LEFT_OUT = ["resourceType", "id", "meta", "text", "_text", "link"] as const;

/**
 * The one Patient of a person: what the copy says, with the id of the person and links to the copies (R4 patient.html, Patient.link, seealso).
 *
 * @param copy as it is projected
 */
export function derivedPatient(id: string, copy: JsonObject, { links }: PersonFacts, facts: ProjectionFacts): JsonObject {
  const { fhirBase, documentId, receivedAt, isSuperseded } = facts;
  const system = tagSystem(fhirBase);
  const tags = [EXTRACTED_TAG, DERIVED_TAG, ...(isSuperseded ? [SUPERSEDED_TAG] : [])].map((tag) => ({ system, ...tag }));
  const meta = treeOf({ lastUpdated: receivedAt, source: `${fhirBase}/Bundle/${documentId}`, tag: tags }) as JsonObject;
  const made = new JsonObject().add("resourceType", "Patient").add("id", id).add("meta", meta);
  const rest = copy.without(...LEFT_OUT);
  rest.names.forEach((name, at) => made.add(name, rest.values[at] ?? null));
  const all = treeOf(links.map((reference) => ({ other: { reference }, type: "seealso" }))) as JsonArray;
  for (const own of copy.objects("link")) all.add(own);
  return made.add("link", all);
}
