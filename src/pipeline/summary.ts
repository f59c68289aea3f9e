import type { DocumentBundle, DocumentEntry } from "../core/fhir/document-bundle.ts";
import { bannerName, conceptText, nameText, preferredName } from "../core/fhir/datatypes.ts";
import type { JsonObject } from "../core/fhir/json/tree.ts";
import { securityLabels } from "../core/fhir/security-labels.ts";
import { entryKeys, identifierKey, referenceKey, urlKey } from "./identity-keys.ts";
import type { DocumentSummary } from "./record.ts";

/** What the summary needs to know besides the document. */
export interface SummaryFacts {
  readonly id: string;
  readonly receivedAt: Date;
  /** Absolute address of our FHIR endpoint, without a slash at the end. */
  readonly fhirBase: string;
}

/**
 * What lists, search and supersession need of a document. Derived: it may be deleted and made again from the submitted bytes at any time.
 */
export function summarise(document: DocumentBundle, facts: SummaryFacts): DocumentSummary {
  const { composition, bundle } = document;
  const resource = composition.resource;
  const subject = target(document, resource.object("subject"));
  const custodian = target(document, resource.object("custodian"));
  const patient = subject?.type === "Patient" ? subject.resource : undefined;
  const names = patient?.objects("name") ?? [];
  const name = preferredName(names);
  const patientName = name && bannerName(name);
  const identifiers = patient?.objects("identifier").flatMap(identifierOf) ?? [];
  const compositionKeys = [identifierKey(resource.object("identifier"))].filter((key) => key !== undefined);
  const ownKeys = [
    identifierKey(bundle.object("identifier")),
    ...compositionKeys,
    ...entryKeys(composition, facts.fhirBase),
    urlKey(`Bundle/${facts.id}`, facts.fhirBase),
  ];
  const birthDate = patient?.string("birthDate");
  const language = bundle.string("language") ?? resource.string("language");
  const { confidentiality, isTest } = securityLabels(document);
  const custodianName = custodian && displayName(custodian);
  return {
    id: facts.id,
    title: resource.string("title") ?? "",
    type: conceptText(resource.object("type")) ?? "",
    status: resource.string("status") ?? "",
    ...(language !== undefined && { language }),
    timestamp: bundle.string("timestamp") ?? "",
    date: resource.string("date") ?? "",
    receivedAt: facts.receivedAt.toISOString(),
    ...(patientName && { patientName }),
    ...(birthDate !== undefined && { patientBirthDate: birthDate }),
    patientIdentifiers: identifiers,
    authors: resource.objects("author").flatMap((author) => displayOf(document, author)),
    ...(custodianName && { custodian: custodianName }),
    ...(confidentiality !== undefined && { confidentiality }),
    ...(isTest && { isTest }),
    searchTerms: searchTerms([
      ...names.map((name) => nameText(name)),
      ...identifiers.map((identifier) => identifier.value),
      bundle.object("identifier")?.string("value") ?? "",
    ]),
    ownKeys: unique(ownKeys.filter((key) => key !== undefined)),
    claims: claimsOf(composition, facts.fhirBase),
    subjectKeys: partyKeys(document, "subject", facts.fhirBase),
    custodianKeys: partyKeys(document, "custodian", facts.fhirBase),
    compositionKeys,
  };
}

/** Letters that no decomposition takes their stroke or ligature from (Unicode NFKD), as people type them who lack the key. */
const PLAIN_LETTERS: Readonly<Record<string, string>> = { ø: "o", æ: "ae", œ: "oe", ß: "ss", ł: "l", đ: "d", ð: "d", þ: "th", ħ: "h", ı: "i" };
const STROKED = new RegExp(`[${Object.keys(PLAIN_LETTERS).join("")}]`, "gu");

/**
 * Text as the search box and the index compare it: lower case, without diacritics, in words; a word with an apostrophe also in one, identifiers both whole and
 * in words.
 */
export function searchTerms(texts: readonly string[]): string[] {
  const terms = texts.flatMap((text) => {
    const plain = text
      .normalize("NFKD")
      .replace(/\p{M}+/gu, "")
      .toLowerCase()
      .replace(STROKED, (letter) => PLAIN_LETTERS[letter] ?? letter);
    const words = wordsOf(plain);
    const joined = /\p{L}['’ʼ]\p{L}/u.test(plain) ? wordsOf(plain.replace(/['’ʼ]/gu, "")) : [];
    return [...words, ...joined, ...(/\p{N}/u.test(plain) ? [plain.replace(/[^\p{L}\p{N}]+/gu, "")] : [])];
  });
  return unique(terms.filter((term) => term.length > 0));
}

function wordsOf(text: string): string[] {
  return text.split(/[^\p{L}\p{N}]+/u);
}

function claimsOf(composition: DocumentEntry, fhirBase: string): DocumentSummary["claims"] {
  return composition.resource.objects("relatesTo").flatMap((relatesTo) => {
    const reference = relatesTo.object("targetReference");
    const url = reference?.string("reference");
    const keys = [
      identifierKey(relatesTo.object("targetIdentifier")),
      identifierKey(reference?.object("identifier")),
      url === undefined || url.startsWith("#") ? undefined : referenceKey(url, composition, fhirBase),
    ];
    return keys.filter((key) => key !== undefined).map((key) => ({ relation: relatesTo.string("code") ?? "", key }));
  });
}

/** Keys of the subject or the custodian: those of its entry, or of what its reference names when it has no entry. */
function partyKeys(document: DocumentBundle, name: "subject" | "custodian", fhirBase: string): string[] {
  const reference = document.composition.resource.object(name);
  if (!reference) return [];
  const entry = target(document, reference);
  const url = reference.string("reference");
  const keys = entry
    ? entryKeys(entry, fhirBase)
    : url !== undefined && !url.startsWith("#")
      ? [referenceKey(url, document.composition, fhirBase)]
      : [];
  const logical = identifierKey(reference.object("identifier"));
  return unique(logical === undefined ? keys : [...keys, logical]);
}

function target(document: DocumentBundle, reference: JsonObject | undefined): DocumentEntry | undefined {
  const url = reference?.string("reference");
  return url === undefined ? undefined : document.resolve(url, document.composition);
}

function displayOf(document: DocumentBundle, reference: JsonObject): string[] {
  const entry = target(document, reference);
  const text = (entry && displayName(entry)) || reference.string("display");
  return text ? [text] : [];
}

/** The name of a person, organisation or device; for a PractitionerRole the name that its practitioner reference displays. */
function displayName(entry: DocumentEntry): string | undefined {
  const { resource } = entry;
  const [name] = resource.objects("name");
  if (name) return nameText(name);
  return (
    resource.string("name") ??
    resource.objects("deviceName")[0]?.string("name") ??
    resource.object("practitioner")?.string("display") ??
    resource.object("organization")?.string("display")
  );
}

function identifierOf(identifier: JsonObject): { system?: string; value: string }[] {
  const value = identifier.string("value");
  const system = identifier.string("system");
  return value === undefined ? [] : [{ value, ...(system !== undefined && { system }) }];
}

function unique(keys: readonly string[]): string[] {
  return [...new Set(keys)];
}
