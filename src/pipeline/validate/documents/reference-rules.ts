import type { Resolution } from "../../../core/fhir/document-bundle.ts";
import { mayLeadTo, referenceTargets, type Definitions, type PropertyDefinition } from "../../../core/fhir/r4/definitions.ts";
import type { ReferenceForm } from "../../../core/fhir/references.ts";
import type { Findings, Told } from "../findings.ts";
import type { Place } from "../place.ts";
import type { EntryOfOtherCase } from "./other-case.ts";
import { contradiction, contradicts } from "../resources/target-types.ts";
import { shown } from "../shown.ts";

/** A Reference of an entry, and what it leads to. */
export interface EntryReference {
  readonly text: string;
  /** The type that it says itself (Reference.type). */
  readonly declared: string | undefined;
  readonly address: ReferenceForm;
  readonly resolution: Resolution;
  readonly property: PropertyDefinition;
  readonly isOfComposition: boolean;
  readonly ofOtherCase: EntryOfOtherCase;
  readonly place: Place;
  readonly offset: number;
}

/** What references of entries lead to (R4 bundle.html, "Resolving references in Bundles"). What the Composition must include is inclusion-rules.ts's; `relatesTo` may lead elsewhere. */
export function checkReference(reference: EntryReference, findings: Findings, { isResourceType }: Definitions): void {
  const { text, declared, address, resolution, property, isOfComposition, ofOtherCase, place, offset } = reference;
  const targets = referenceTargets(property);
  // Nearly all are these.
  if (resolution.kind === "found" && declared === undefined && mayLeadTo(resolution.entry.type, targets)) return;
  const { path } = property.element;
  const namesType = (form: ReferenceForm): boolean => "type" in form && form.type !== undefined && isResourceType(form.type);
  const told = (message: string): Told => ({ text: message, expression: place.expression(), offset });
  const isOfWrongType = (message: string): void => findings.add({ rule: "reference-target-type", severity: "error", ...told(message) });
  if (resolution.kind === "found" && declared !== undefined && !namesType(address) && contradicts(declared, resolution.entry.type))
    isOfWrongType(contradiction(declared, text, resolution.entry.type));
  if (resolution.kind === "found" && mayLeadTo(resolution.entry.type, targets)) return;
  if (resolution.kind === "found") {
    const { type } = resolution.entry;
    if (type !== "") isOfWrongType(`${path} leads to ${targets.join(", ")}, but ${shown(text)} is of type ${shown(type)}.`);
    return;
  }
  const isElsewhere = path.startsWith("Composition.relatesTo");
  if (address.kind === "relative" && !isElsewhere && isResourceType(address.type) && !mayLeadTo(address.type, targets))
    isOfWrongType(`${path} leads to ${targets.join(", ")}, not to ${shown(text)}.`);
  if (isOfComposition && isDemanded(path)) return;
  const lookalike = resolution.kind === "missing" ? resolution.lookalikes[0] : undefined;
  // An absolute address leads to where it says, whatever the entries' types and ids are.
  if (lookalike !== undefined && address.kind === "relative") {
    const message = `${shown(text)} has the type and id of entry ${lookalike.index}, but does not lead to it: its fullUrl is ${shown(lookalike.fullUrl ?? "missing")}. Refer to it by that.`;
    findings.add({ rule: "reference-full-url", ...told(message) });
  } else if (resolution.kind === "missing" && !isElsewhere) {
    const isUrn = text.startsWith("urn:");
    const twin = ofOtherCase(text);
    const message =
      twin !== undefined
        ? `${shown(text)} differs from ${shown(twin.fullUrl ?? "")}, entry ${twin.index}, in capital letters alone, and they count: write it so.`
        : `${shown(text)} is not in the document${isUrn ? ", and a urn: leads nowhere else" : ""}: whoever reads it has to find it elsewhere.`;
    findings.add({ rule: "reference-unresolved", ...told(message) });
  } else if (resolution.kind === "ambiguous" && !isElsewhere) {
    const message = `${shown(text)} matches ${resolution.entries.length} entries of the document.`;
    findings.add({ rule: "reference-ambiguous", severity: "warning", ...told(message) });
  }
}

const DEMANDED: ReadonlySet<string> = new Set([
  "subject",
  "encounter",
  "author",
  "attester.party",
  "custodian",
  "event.detail",
  "section.author",
  "section.focus",
  "section.entry",
]);

function isDemanded(path: string): boolean {
  return DEMANDED.has(path.slice("Composition.".length));
}
