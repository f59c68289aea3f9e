import { bannerName, conceptText, nameText, preferredName } from "../core/fhir/datatypes.ts";
import type { DocumentBundle, BundleEntry } from "../core/fhir/document-bundle.ts";
import { entryName, resolved } from "../core/fhir/party.ts";
import type { JsonObject } from "../core/fhir/tree/tree.ts";
import { securityLabels } from "../core/fhir/security-labels.ts";
import type { DocumentFacts, DocumentSummary } from "../pipeline/document-forms.ts";
import { RESOURCES_VERSION } from "./resources-version.ts";
import { decisionFacts } from "./decision-facts.ts";
import { documentMatchKey, entryMatchKeys, identifierMatchKey, referenceMatchKey } from "./match-keys.ts";
import type { Described, DocumentLinks } from "./index-port.ts";
import { subjectKeys, type PatientSystems } from "./same-person.ts";
import { submittedLinks } from "./submitted-links.ts";
import { searchTerms } from "./search-terms.ts";

/** What a description needs to know besides the document. */
export interface DescriptionFacts extends Omit<DocumentFacts, "mediaType"> {
  readonly systems: PatientSystems;
}

/** Raised whenever `describeDocument` gives something else for the same document, or another document supersedes by it (supersession.ts): indexes that were made by another are made anew. */
export const DESCRIPTION_VERSION = 6;

/** By which version of this, and under which settings, an index is made; of the systems by their order too, which says by which of several identifiers a person is called. */
export function indexTag(systems: PatientSystems, hasFullText: boolean): string {
  return JSON.stringify([DESCRIPTION_VERSION, RESOURCES_VERSION, hasFullText, ...systems]);
}

/** What the index takes from a document but for its resources. */
export type Summarised = Omit<Described, "header">;

/** All that the index takes from a document but for its resources (describe-with-header.ts): plain data, from these arguments alone. */
export function describeDocument(document: DocumentBundle, facts: DescriptionFacts): Summarised {
  const { composition, bundle } = document;
  const resource = composition.resource;
  const subject = resolved(document, resource.object("subject"), composition);
  const custodian = resolved(document, resource.object("custodian"), composition);
  const patient = subject?.type === "Patient" ? subject.resource : undefined;
  const names = patient?.objects("name") ?? [];
  const name = preferredName(names);
  const patientName = name && bannerName(name);
  const identifiers = patient?.objects("identifier").flatMap(identifierOf) ?? [];
  const birthDate = patient?.string("birthDate");
  const language = bundle.string("language") ?? resource.string("language");
  const { confidentiality, isTest } = securityLabels(document);
  const custodianName = custodian && entryName(document, custodian);
  const links = linksOf(document, facts);
  const summary: DocumentSummary = {
    id: facts.id,
    title: resource.string("title") ?? "",
    type: conceptText(resource.object("type")) ?? "",
    status: resource.string("status") ?? "",
    ...(language !== undefined && { language }),
    timestamp: bundle.string("timestamp") ?? "",
    date: resource.string("date") ?? "",
    receivedAt: facts.receivedAt,
    ...(patientName && { patientName }),
    ...(birthDate !== undefined && { patientBirthDate: birthDate }),
    patientIdentifiers: identifiers,
    authors: resource.objects("author").flatMap((author) => displayOf(document, author)),
    ...(custodianName && { custodian: custodianName }),
    ...(confidentiality !== undefined && { confidentiality }),
    ...(isTest && { isTest }),
  };
  const terms = searchTerms([
    ...names.map((one) => nameText(one)),
    ...identifiers.map((identifier) => identifier.value),
    bundle.object("identifier")?.string("value") ?? "",
  ]);
  return { summary, links, terms, facts: decisionFacts(document, { ...facts, custodian: links.custodianKeys }) };
}

function linksOf(document: DocumentBundle, { id, submitted }: Pick<DescriptionFacts, "id" | "submitted">): DocumentLinks {
  const { composition, bundle } = document;
  const said = submittedLinks(id, submitted);
  const compositionKeys = [identifierMatchKey(composition.resource.object("identifier"))].filter((key) => key !== undefined);
  const ownKeys = [
    identifierMatchKey(bundle.object("identifier")),
    ...compositionKeys,
    ...entryMatchKeys(composition),
    ...said.ownKeys,
    documentMatchKey(id),
  ];
  return {
    ownKeys: unique(ownKeys.filter((key) => key !== undefined)),
    claims: distinct([...claimsOf(composition), ...said.claims]),
    subjectKeys: subjectKeys(document, id),
    custodianKeys: custodianKeys(document),
    compositionKeys,
  };
}

function claimsOf(composition: BundleEntry): DocumentLinks["claims"] {
  return composition.resource.objects("relatesTo").flatMap((relatesTo) => {
    const reference = relatesTo.object("targetReference");
    const url = reference?.string("reference");
    const keys = [
      identifierMatchKey(relatesTo.object("targetIdentifier")),
      identifierMatchKey(reference?.object("identifier")),
      url === undefined || url.startsWith("#") ? undefined : referenceMatchKey(url, composition),
    ];
    return keys.filter((key) => key !== undefined).map((key) => ({ relation: relatesTo.string("code") ?? "", key }));
  });
}

/** Keys of the custodian: those of its entry, or of what its reference names when it has no entry. */
function custodianKeys(document: DocumentBundle): string[] {
  const reference = document.composition.resource.object("custodian");
  if (!reference) return [];
  const entry = resolved(document, reference, document.composition);
  const url = reference.string("reference");
  const keys = entry ? entryMatchKeys(entry) : url !== undefined && !url.startsWith("#") ? [referenceMatchKey(url, document.composition)] : [];
  const logical = identifierMatchKey(reference.object("identifier"));
  return unique(logical === undefined ? keys : [...keys, logical]);
}

function displayOf(document: DocumentBundle, reference: JsonObject): string[] {
  const entry = resolved(document, reference, document.composition);
  const text = (entry && entryName(document, entry)) ?? reference.string("display");
  return text ? [text] : [];
}

function identifierOf(identifier: JsonObject): { system?: string; value: string }[] {
  const value = identifier.string("value");
  const system = identifier.string("system");
  return value === undefined ? [] : [{ value, ...(system !== undefined && { system }) }];
}

function distinct(claims: DocumentLinks["claims"]): DocumentLinks["claims"] {
  return [...new Map(claims.map((claim) => [JSON.stringify(claim), claim])).values()];
}

function unique(keys: readonly string[]): string[] {
  return [...new Set(keys)];
}
