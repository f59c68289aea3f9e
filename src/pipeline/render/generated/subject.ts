/** Whose data it is: what says once more that it is the document's patient is left out, what says that it is somebody else stands first. */
import type { DocumentEntry } from "../../../core/fhir/document-bundle.ts";
import type { JsonObject } from "../../../core/fhir/tree/tree.ts";
import { html, type Part } from "../html.ts";
import { resolved } from "../../../core/fhir/party.ts";
import type { Place } from "./place.ts";
import { said } from "./place.ts";
import type { Unsaid } from "./unsaid.ts";

/** Elements that name the one whom a resource is about. */
export const SUBJECTS = ["subject", "patient", "beneficiary"] as const;

/** Whether a reference leads to the patient of the document, or has the words by which the Composition names it. */
export function isPatientOf(reference: JsonObject | undefined, place: Pick<Place, "document" | "entry">): boolean {
  const { composition } = place.document;
  const named = composition.resource.object("subject");
  if (reference === undefined || named === undefined) return false;
  const patient = resolved(place.document, named, composition);
  const target = resolved(place.document, reference, place.entry);
  if (patient !== undefined || target !== undefined) return patient !== undefined && patient === target;
  const url = reference.string("reference");
  return url !== undefined && url === named.string("reference");
}

/** Takes out who it is about. Gives a mark when that is another one of the document's resources. */
export function takeSubject(unsaid: Unsaid, place: Place): Part {
  for (const element of SUBJECTS) {
    const reference = unsaid.object.object(element);
    if (reference === undefined || !unsaid.has(element)) continue;
    if (isPatientOf(reference, place)) {
      unsaid.drop(element);
      continue;
    }
    const other = resolved(place.document, reference, place.entry);
    if (other !== undefined) return html`<span class="mark caution">${place.locale.word("about-another")} ${said(unsaid, element, place)}</span>`;
  }
  return "";
}

/** The patient's own entry, which the banner is made of. */
export function isThePatient(entry: DocumentEntry, { document }: Pick<Place, "document">): boolean {
  return resolved(document, document.composition.resource.object("subject"), document.composition) === entry;
}
