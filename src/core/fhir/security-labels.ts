/** What the labels of a document (R4 security-labels.html) say to whoever reads it: how confidential it is, and that it is no real case. */
import type { DocumentBundle } from "./document-bundle.ts";
import { isTestLabel, labelKind, ownLabels, type LabelKind } from "./label-codes.ts";
import { JsonObject } from "./tree/tree.ts";

/** The levels of v3-Confidentiality above normal, the higher one last. */
const LEVELS = ["R", "V"] as const;
export type RaisedConfidentiality = (typeof LEVELS)[number];

export interface SecurityLabels {
  /** The highest level that any part of the document bears; undefined when none is above normal. */
  readonly confidentiality?: RaisedConfidentiality;
  readonly isTest: boolean;
}

/**
 * Reads the labels of the Bundle, the Composition (`confidentiality` too) and every other entry: R4 asks that a Bundle bear the highest of those in it, but
 * not every sender does so. That it is test data is read of the Bundle, the Composition and its subject alone.
 */
export function securityLabels(document: DocumentBundle): SecurityLabels {
  const { bundle, composition } = document;
  const subject = composition.resource.object("subject")?.string("reference");
  const patient = subject === undefined ? undefined : document.resolve(subject, composition)?.resource;
  const levels = [composition.resource.string("confidentiality"), ...[bundle, ...document.entries.map(({ resource }) => resource)].flatMap(levelsOf)];
  const highest = LEVELS.findLast((level) => levels.includes(level));
  const isTest = [bundle, composition.resource, patient].some((resource) => resource !== undefined && isTestData(resource));
  return { ...(highest !== undefined && { confidentiality: highest }), isTest };
}

/** A label of a document, once, with what of it bears it. */
export interface BorneLabel {
  readonly kind: LabelKind;
  /** Empty when it has none. */
  readonly code: string;
  readonly system: string;
  /** The sender's words. */
  readonly display: string | undefined;
  /** Types of the resources within that bear it, each once; empty when it is the whole document's: of the Bundle, the Composition, or what its source said of it. */
  readonly bearers: readonly string[];
}

/**
 * Every label of a document and of what is in it, in the order in which they stand.
 * @param said labels of the DocumentReference that a source sent with it (IHE MHD)
 */
export function labelsOf({ bundle, composition, entries }: DocumentBundle, said: readonly JsonObject[] = []): BorneLabel[] {
  const found = new Map<string, BorneLabel>();
  const note = (label: JsonObject, bearer: string | undefined): void => {
    const [system, code, display] = [label.string("system") ?? "", label.string("code") ?? "", label.string("display")];
    const kind = labelKind(label);
    const key = [kind, code, ...(kind === "unknown" || kind === "statement" ? [system, display] : [])].join("|");
    const known = found.get(key);
    const bearers = bearer === undefined || known?.bearers.length === 0 ? [] : [...new Set([...(known?.bearers ?? []), bearer])];
    found.set(key, { kind, code, system, display: known?.display ?? display, bearers });
  };
  const level = composition.resource.string("confidentiality");
  const whole = [...[bundle, composition.resource].flatMap(ownLabels), ...said];
  if (level !== undefined) note(new JsonObject().add("system", LEVEL_SYSTEM).add("code", level), undefined);
  for (const label of whole) note(label, undefined);
  for (const { resource } of entries)
    for (const one of resource === composition.resource ? resource.objects("contained") : [resource, ...resource.objects("contained")])
      for (const label of ownLabels(one)) note(label, one.string("resourceType") ?? "?");
  return [...found.values()];
}

const LEVEL_SYSTEM = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality";

function levelsOf(resource: JsonObject): (string | undefined)[] {
  const labels = ownLabels(resource);
  return labels.filter((label) => labelKind(label) === "confidentiality").map((label) => label.string("code"));
}

function isTestData(resource: JsonObject): boolean {
  return [...ownLabels(resource), ...(resource.object("meta")?.objects("tag") ?? [])].some(isTestLabel);
}
