import { JsonObject, treeOf, type JsonArray } from "../../core/fhir/tree/tree.ts";
import { EXTRACTED_TAG, SUPERSEDED_TAG, tagSystem, type ProjectionFacts } from "./project.ts";

/** Where a derived Patient comes from, and what else is the same person. */
export interface PersonFacts {
  /** The path of the copy in the document that speaks for the person; undefined where an identity feed does. */
  readonly copy: string | undefined;
  /** Copies in all documents, `Patient/{id}`. */
  readonly links: readonly string[];
  /** The id of the Patient that stands in this one's place, as an identity feed says. */
  readonly replacedBy?: string | undefined;
  /** The id by which the person is called, where it is another and this one was not replaced. */
  readonly calledBy?: string | undefined;
  /** Ids of Patients in whose place this one stands. */
  readonly replaced: readonly string[];
}

export const DERIVED_TAG = { code: "derived", display: "What the newest document of this person says; made by the repository and not attested" };

/** What stands in the narrative is attested with its document, and stays there. */
const LEFT_OUT = ["resourceType", "id", "meta", "text", "_text", "link"] as const;

/**
 * The one Patient of a person: what the copy says, with the id of the person and links to the copies (R4 patient.html, Patient.link, seealso).
 *
 * @param copy as it is projected
 */
export function derivedPatient(id: string, copy: JsonObject, person: PersonFacts, facts: ProjectionFacts): JsonObject {
  const { fhirBase, documentId, receivedAt, isSuperseded } = facts;
  const system = tagSystem(fhirBase);
  const tags = [EXTRACTED_TAG, DERIVED_TAG, ...(isSuperseded ? [SUPERSEDED_TAG] : [])].map((tag) => ({ system, ...tag }));
  const meta = treeOf({ lastUpdated: receivedAt, source: `${fhirBase}/Bundle/${documentId}` }) as JsonObject;
  const labels = copy.object("meta")?.get("security");
  if (labels !== undefined) meta.add("security", labels);
  meta.add("tag", treeOf(tags));
  const made = new JsonObject().add("resourceType", "Patient").add("id", id).add("meta", meta);
  const rest = copy.without(...LEFT_OUT);
  rest.names.forEach((name, at) => made.add(name, rest.values[at] ?? null));
  const all = treeOf(personLinks(person)) as JsonArray;
  for (const own of copy.objects("link")) all.add(own);
  return made.add("link", all);
}

/** What a derived Patient says of other Patients (R4 patient.html, Patient.link): who stands in its place, whom it replaced, under which id all of the person is found, and the copies. */
export function personLinks({
  replacedBy,
  calledBy,
  replaced,
  links,
}: PersonFacts): { readonly other: { readonly reference: string }; readonly type: string }[] {
  const link = (type: string, reference: string): { other: { reference: string }; type: string } => ({ other: { reference }, type });
  return [
    ...(replacedBy === undefined ? [] : [link("replaced-by", `Patient/${replacedBy}`)]),
    ...(calledBy === undefined ? [] : [link("refer", `Patient/${calledBy}`)]),
    ...replaced.map((id) => link("replaces", `Patient/${id}`)),
    ...links.map((reference) => link("seealso", reference)),
  ];
}
