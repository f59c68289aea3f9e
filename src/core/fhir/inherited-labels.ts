/** Labels that a resource has from the document that it is taken out of (R4 security-labels.html): what holds for the whole holds for each part of it. */
import type { DocumentBundle } from "./document-bundle.ts";
import { CONFIDENTIALITY_LEVELS, isLevel, labelKind, ownLabels } from "./label-codes.ts";
import { JsonArray, JsonObject } from "./tree/tree.ts";

const LEVEL_SYSTEM = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality";

/**
 * Those that a document bears as a whole: of the Bundle, of the Composition with its `confidentiality`, and what its source said of it.
 * @param about undefined of either where it bears none
 * @param said labels of the DocumentReference that a source sent with it (IHE MHD)
 */
export function wholeLabels(
  about: { readonly bundle: JsonObject | undefined; readonly composition: JsonObject | undefined },
  said: readonly JsonObject[] = [],
): readonly JsonObject[] {
  const { bundle, composition } = about;
  const level = composition?.string("confidentiality");
  const stated = level === undefined ? [] : [new JsonObject().add("system", LEVEL_SYSTEM).add("code", level)];
  return [...stated, ...(bundle ? ownLabels(bundle) : []), ...(composition ? ownLabels(composition) : []), ...said];
}

export function wholeLabelsOf(
  { bundle, composition }: Pick<DocumentBundle, "bundle" | "composition">,
  said?: readonly JsonObject[],
): readonly JsonObject[] {
  return wholeLabels({ bundle, composition: composition.resource }, said);
}

/** The resource's own labels and those of its document, each once; of levels of confidentiality the highest alone, since R4 allows one. Undefined where the document adds nothing. */
export function inheritedLabels(resource: JsonObject, whole: readonly JsonObject[]): JsonArray | undefined {
  if (whole.length === 0) return undefined;
  const all = [...ownLabels(resource), ...whole];
  const levels = all.filter((label) => labelKind(label) === "confidentiality").map(codeOf);
  const highest = CONFIDENTIALITY_LEVELS.findLast((level) => levels.includes(level));
  const known = new Set<string>();
  const made = new JsonArray();
  for (const label of all) {
    const key = `${label.string("system") ?? ""}|${codeOf(label)}`;
    const isLower = labelKind(label) === "confidentiality" && isLevel(codeOf(label)) && codeOf(label) !== highest;
    if (isLower || known.has(key)) continue;
    known.add(key);
    made.add(label);
  }
  return made;
}

function codeOf(label: JsonObject): string {
  return label.string("code") ?? "";
}
