/** Whose data it is: what says once more that it is the document's patient is left out, what says that it is somebody else stands first. */
import type { BundleEntry } from "../../../core/fhir/document-bundle.ts";
import type { JsonObject } from "../../../core/fhir/tree/tree.ts";
import { html, type Part } from "../html.ts";
import { resolved } from "../../../core/fhir/party.ts";
import type { RenderContext } from "./render-context.ts";
import { said } from "./render-context.ts";
import type { Unsaid } from "./unsaid.ts";

/** Elements that name the one whom a resource is about. */
export const SUBJECTS = ["subject", "patient", "beneficiary"] as const;

/** Whether a reference leads to the patient of the document, or has the words by which the Composition names it. */
export function isPatientOf(reference: JsonObject | undefined, context: Pick<RenderContext, "document" | "entry">): boolean {
  const { composition } = context.document;
  const named = composition.resource.object("subject");
  if (reference === undefined || named === undefined) return false;
  const patient = resolved(context.document, named, composition);
  const target = resolved(context.document, reference, context.entry);
  if (patient !== undefined || target !== undefined) return patient !== undefined && patient === target;
  const url = reference.string("reference");
  return url !== undefined && url === named.string("reference");
}

/** Takes out who it is about. Gives a mark when that is another one of the document's resources. */
export function takeSubject(unsaid: Unsaid, context: RenderContext): Part {
  for (const element of SUBJECTS) {
    const reference = unsaid.object.object(element);
    if (reference === undefined || !unsaid.has(element)) continue;
    if (isPatientOf(reference, context)) {
      unsaid.drop(element);
      continue;
    }
    const other = resolved(context.document, reference, context.entry);
    if (other !== undefined) return html`<span class="mark caution">${context.locale.word("about-another")} ${said(unsaid, element, context)}</span>`;
  }
  return "";
}

/** The patient's own entry, which the banner is made of. */
export function isThePatient(entry: BundleEntry, { document }: Pick<RenderContext, "document">): boolean {
  return resolved(document, document.composition.resource.object("subject"), document.composition) === entry;
}
