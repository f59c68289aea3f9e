import type { DocumentBundle, BundleEntry } from "../../../core/fhir/document-bundle.ts";
import type { Findings } from "../findings.ts";
import { shown } from "../shown.ts";

/** R4's extension that says which part of a narrative tells what an entry holds. */
export const NARRATIVE_LINK = "http://hl7.org/fhir/StructureDefinition/narrativeLink";

/** An extension narrativeLink, as it was met. */
export interface NarrativeTarget {
  readonly from: BundleEntry;
  /** The address of an entry with the id of an element in its narrative: `urn:uuid:…#row-1`. */
  readonly address: string;
  readonly expression: string;
  readonly offset: number;
}

/**
 * What the extension narrativeLink names is there, once: an entry of the document with one element of that id in its narratives. As HL7's validator has it.
 * @param placesOf how often each id stands in the narratives of an entry, by its index
 */
export function checkNarrativeTargets(
  document: DocumentBundle,
  targets: readonly NarrativeTarget[],
  placesOf: ReadonlyMap<number, ReadonlyMap<string, number>>,
  findings: Findings,
): void {
  for (const { from, address, expression, offset } of targets) {
    const hash = address.indexOf("#");
    const entry = hash <= 0 ? from : document.resolve(address.slice(0, hash), from);
    const count = (entry && placesOf.get(entry.index)?.get(address.slice(hash + 1))) ?? 0;
    if (hash < 0 || count === 1) continue;
    const what = count === 0 ? "leads to no element of a narrative in the document" : `leads to ${count} elements of one narrative`;
    findings.add({ rule: "narrative-link-target", text: `narrativeLink ${shown(address)} ${what}: mend it, or the ids.`, expression, offset });
  }
}
