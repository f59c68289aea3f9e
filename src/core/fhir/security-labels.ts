/** What the labels of a document (R4 security-labels.html) say to whoever reads it: how confidential it is, and that it is no real case. */
import type { DocumentBundle } from "./document-bundle.ts";
import type { JsonObject } from "./tree/tree.ts";

/** The levels of v3-Confidentiality above normal, the higher one last. */
const LEVELS = ["R", "V"] as const;
export type RaisedConfidentiality = (typeof LEVELS)[number];

export interface SecurityLabels {
  /** The highest level that any part of the document bears; undefined when none is above normal. */
  readonly confidentiality?: RaisedConfidentiality;
  readonly isTest: boolean;
}

/** v3-Confidentiality, as R4, DSTU2 and CDA name it. A label without a system is taken at its word: better one warning too many. */
const CONFIDENTIALITY = /v3[-/]Confidentiality$|^urn:oid:2\.16\.840\.1\.113883\.5\.25$|^$/;

/** `HTEST` is "test health data" (v3-ActReason); servers also use plain words, as labels and as tags. */
const TEST = /^(?:htest|test|testdata|test-data|testhealthdata|synthetic)$/i;

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

function levelsOf(resource: JsonObject): (string | undefined)[] {
  const labels = resource.object("meta")?.objects("security") ?? [];
  return labels.filter((label) => CONFIDENTIALITY.test(label.string("system") ?? "")).map((label) => label.string("code"));
}

function isTestData(resource: JsonObject): boolean {
  const meta = resource.object("meta");
  return [...(meta?.objects("security") ?? []), ...(meta?.objects("tag") ?? [])].some((label) => TEST.test(label.string("code") ?? ""));
}
