import type { ReferenceForm } from "../../../core/fhir/references.ts";
import type { Findings } from "../findings.ts";
import type { Place } from "../place.ts";
import { shown } from "../shown.ts";

/** Where a reference stands, as far as its form is concerned. */
export interface ReferenceContext {
  /** A Bundle in which references are resolved: not one of a transaction or batch, which may refer by a search. */
  readonly isResolved: boolean;
  /** An entry of such a Bundle that has no identity a relative reference could count from. */
  readonly isWithoutFullUrl: boolean;
}

/** The form of Reference.reference (R4 references.html): an absolute address, `[type]/[id]`, or `#id`. Outside of Bundles a server may know more forms. */
export function checkReferenceForm(
  text: string,
  address: ReferenceForm,
  context: ReferenceContext,
  place: Place,
  offset: number,
  findings: Findings,
): void {
  if (/\s/.test(text) || (address.kind === "malformed" && context.isResolved)) {
    const what = `"${shown(text)}" is no reference: write [type]/[id], or an absolute address.`;
    findings.add({ rule: "reference-malformed", text: what, expression: place.expression(), offset });
  }
  if (address.kind === "relative" && context.isWithoutFullUrl) {
    const what = `${shown(text)} counts from the fullUrl of the entry that it stands in, which has none: add it.`;
    findings.add({ rule: "reference-without-full-url", text: what, expression: place.expression(), offset });
  }
}
