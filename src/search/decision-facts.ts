import type { SubmittedMetadata } from "../core/formats/submitted.ts";
import type { DocumentBundle, BundleEntry } from "../core/fhir/document-bundle.ts";
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
  };
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
