import type { SubmittedMetadata } from "../core/formats/submitted.ts";
import type { DocumentBundle, BundleEntry } from "../core/fhir/document-bundle.ts";
import { instantRangeOf } from "../core/fhir/instant-range.ts";
import type { JsonObject } from "../core/fhir/tree/tree.ts";
import { submittedReference } from "./derived/submitted-resources.ts";
import { neededClearance } from "./needed-clearance.ts";
import { entryMatchKeys, identifierMatchKey, referenceMatchKey } from "./match-keys.ts";
import type { DecisionFacts } from "./predicate.ts";
import { personKeys, type PatientSystems } from "./same-person.ts";

/** What a decision about a document will go by. */
export function decisionFacts(
  document: DocumentBundle,
  {
    custodian,
    systems,
    submitted,
  }: { readonly custodian: readonly string[]; readonly systems: PatientSystems; readonly submitted?: SubmittedMetadata | undefined },
): DecisionFacts {
  const { resource } = document.composition;
  return {
    patient: personKeys(document, systems),
    custodian,
    organisation: unique(resource.objects("author").flatMap((author) => organisationKeys(document, author))),
    type: unique((resource.object("type")?.objects("coding") ?? []).flatMap(tokenOf)),
    confidentiality: textsAt(resource, "confidentiality"),
    labels: unique([document.bundle, resource].flatMap((one) => one.object("meta")?.objects("security") ?? []).flatMap(tokenOf)),
    clearance: neededClearance(document, submittedReference(submitted)),
    status: textsAt(resource, "status"),
    authors: unique(resource.objects("author").flatMap((author) => authorKeys(document, author))),
    related: unique(document.entries.flatMap((entry) => (OCCASIONS.has(entry.type) ? entryMatchKeys(entry) : []))),
    codes: unique([...codesOf(resource), ...document.entries.flatMap((entry) => codesOf(entry.resource))]),
    written: datesOf(resource),
  };
}

/** What a document is about as a whole, and is asked for by (Consent.provision.data). */
const OCCASIONS: ReadonlySet<string> = new Set(["Encounter", "EpisodeOfCare", "CarePlan"]);

/** Elements that say what a resource is. */
const SAYING: readonly string[] = ["code", "type", "category", "vaccineCode", "medicationCodeableConcept"];

function codesOf(resource: JsonObject): string[] {
  const concepts = SAYING.flatMap((name) => {
    const single = resource.object(name);
    return single ? [single] : resource.objects(name);
  });
  const own = concepts.flatMap((concept) => concept.objects("coding")).flatMap(tokenOf);
  return [...own, ...sectionCodes(resource)];
}

function sectionCodes(part: JsonObject): string[] {
  return part
    .objects("section")
    .flatMap((section) => [...(section.object("code")?.objects("coding") ?? []).flatMap(tokenOf), ...sectionCodes(section)]);
}

function datesOf(composition: JsonObject): string[] {
  const range = instantRangeOf(composition.string("date") ?? "");
  return range ? [range.first, range.last] : [];
}

/** Keys of an author, and of whom it stands for: the person and the organisation of a PractitionerRole. */
function authorKeys(document: DocumentBundle, author: JsonObject): string[] {
  const { keys, entry } = keysAndEntry(document, author, document.composition);
  if (entry?.type !== "PractitionerRole") return keys;
  const behind = ["practitioner", "organization"].flatMap((name) => entry.resource.object(name) ?? []);
  return [...keys, ...behind.flatMap((one) => keysAndEntry(document, one, entry).keys)];
}

/** Keys of the organisation that an author is, or acts for (PractitionerRole.organization). */
function organisationKeys(document: DocumentBundle, author: JsonObject): string[] {
  const found = keysAndEntry(document, author, document.composition);
  if (found.entry?.type === "Organization") return found.keys;
  const employer = found.entry?.type === "PractitionerRole" ? found.entry.resource.object("organization") : undefined;
  return employer && found.entry ? keysAndEntry(document, employer, found.entry).keys : [];
}

function keysAndEntry(
  document: DocumentBundle,
  reference: JsonObject,
  from: BundleEntry,
): { readonly keys: string[]; readonly entry: BundleEntry | undefined } {
  const url = reference.string("reference");
  const entry = url === undefined ? undefined : document.resolve(url, from);
  const logical = identifierMatchKey(reference.object("identifier"));
  const keys = entry ? entryMatchKeys(entry) : url === undefined || url.startsWith("#") ? [] : [referenceMatchKey(url, from)];
  return { keys: logical === undefined ? keys : [...keys, logical], entry };
}

/** `system|code`, as a token search writes it. */
function tokenOf(coding: JsonObject): string[] {
  const code = coding.string("code");
  return code === undefined ? [] : [`${coding.string("system") ?? ""}|${code}`];
}

function textsAt(object: JsonObject, name: string): string[] {
  const text = object.string(name);
  return text === undefined ? [] : [text];
}

function unique(keys: readonly string[]): string[] {
  return [...new Set(keys)];
}
