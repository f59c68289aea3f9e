/**
 * What somebody must be cleared for to see a document, by its labels (R4 security-labels.html): the level of v3-Confidentiality, and each sensitivity (HIV, PSY, …) by its code. Taken when the
 * document is indexed, so that a search is narrowed by it and what a sender says later can only add to it.
 */
import type { DocumentBundle } from "../core/fhir/document-bundle.ts";
import { CONFIDENTIALITY_LEVELS, isLevel, labelKind, ownLabels, saidLabels, type ConfidentialityLevel } from "../core/fhir/label-codes.ts";
import type { JsonObject } from "../core/fhir/tree/tree.ts";

/** Of a document that says nothing. */
const UNLABELLED: ConfidentialityLevel = "N";
/** Of a label that nobody here knows: it was put there for a reason. */
const UNKNOWN: ConfidentialityLevel = "R";

/**
 * The level first, then sensitivities. The highest label of any part rules the whole document, which is given as one.
 * @param said the DocumentReference that a source sent with it (IHE MHD), whose labels count as the document's own
 */
export function neededClearance({ composition, bundle, entries }: DocumentBundle, said: JsonObject | undefined): string[] {
  const resources = entries.flatMap(({ resource }) => [resource, ...resource.objects("contained")]);
  const labels = [...[bundle, ...resources].flatMap(ownLabels), ...saidLabels(said)];
  const own = composition.resource.string("confidentiality");
  const needed = [...(own === undefined ? [] : [levelOf(own)]), ...labels.flatMap(ofLabel)];
  const levels = needed.filter(isLevel);
  const highest = CONFIDENTIALITY_LEVELS.findLast((level) => levels.includes(level)) ?? UNLABELLED;
  return [highest, ...new Set(needed.filter((code) => !isLevel(code)))];
}

/** What one label asks for. */
function ofLabel(label: JsonObject): string[] {
  switch (labelKind(label)) {
    case "confidentiality":
    case "sensitivity":
      return [label.string("code") ?? UNKNOWN];
    case "unknown":
      return [UNKNOWN];
    default:
      return [];
  }
}

function levelOf(code: string): ConfidentialityLevel {
  return isLevel(code) ? code : UNKNOWN;
}
