/**
 * The one answer to *are these two documents about the same person*. Nobody guesses: two documents join by an identifier whose system the operator has listed as
 * unique to a person (PATIENT_SYSTEMS), and by nothing else; without such a list each document's patient stands alone. Families share policy numbers, wards
 * share temporary ones, and a value without a system means nothing outside of the house that gave it.
 *
 * Documents that name each other (relatesTo, Composition.identifier) say themselves that they belong together; of them less is asked: `isSameSubject`.
 */
import type { DocumentBundle, BundleEntry } from "../core/fhir/document-bundle.ts";
import type { JsonObject } from "../core/fhir/tree/tree.ts";
import { identifierMatchKey, identifiersOf, referenceMatchKey, urlMatchKey } from "./match-keys.ts";

/** Identifier systems that are unique to a person; each exactly as documents write it. */
export type PatientSystems = ReadonlySet<string>;

/** Uses (R4 identifier-use) of identifiers that are, or soon may be, somebody else's. */
const PASSING_USES: readonly string[] = ["old", "temp"];

/** Where R4's identifier types come from, by all names that are in use. */
const TYPE_SYSTEMS: readonly string[] = [
  "http://terminology.hl7.org/CodeSystem/v2-0203",
  "http://hl7.org/fhir/v2/0203",
  "urn:oid:2.16.840.1.113883.18.108",
];

/** Codes of that table that name a contract, a card, an account, a visit or a placeholder rather than a person. */
const NOT_OF_A_PERSON: ReadonlySet<string> = new Set([
  // Insurance and benefits, which families share: member, subscriber, Medicare, Medicaid, health card, payor, plan, workers' compensation, guarantor, beneficiary.
  ...["MB", "SN", "MC", "MA", "HC", "NIIP", "NH", "WC", "WCN", "GI", "GN", "SB", "RR"],
  // Accounts and cards of banks.
  ...["AN", "ANC", "AND", "ANT", "BA", "BC", "AM", "DI", "DS", "MS", "VS"],
  // A visit, a temporary person, an anonymous one.
  ...["VN", "PNT", "ANON"],
]);

/** Keys by which the patient of a document is known anywhere: each is one person's, whoever sent the document. None of a subject that is no patient. */
export function personKeys(document: DocumentBundle, systems: PatientSystems): string[] {
  const { entry, identifiers } = subjectOf(document);
  if (entry !== undefined && entry.type !== "Patient") return [];
  return unique(identifiers.filter((identifier) => isTrusted(identifier, systems)).map(identifierMatchKey));
}

/** Keys by which a Patient that stands in a document is known anywhere, the most trusted first; the document's own patient is known by what the reference to them says too. */
export function personKeysOf(patient: BundleEntry, document: DocumentBundle, systems: PatientSystems): string[] {
  const { entry } = subjectOf(document);
  const own = identifiersOf(patient.resource).filter((identifier) => isTrusted(identifier, systems));
  return byTrust(unique([...own.map(identifierMatchKey), ...(entry === patient ? personKeys(document, systems) : [])]), systems);
}

/** The key of a person that a reference names by an identifier alone; undefined when it is of no trusted system. */
export function personKeyOf(identifier: JsonObject, systems: PatientSystems): string | undefined {
  return isTrusted(identifier, systems) ? identifierMatchKey(identifier) : undefined;
}

/** Keys in the order in which the operator has listed their systems. */
export function byTrust(keys: readonly string[], systems: PatientSystems): string[] {
  const order = [...systems];
  const place = (key: string): number => order.indexOf(personIdentifier(key, systems)?.system ?? "");
  return [...keys].sort((one, other) => place(one) - place(other));
}

/** The identifier that a key of personKeys stands for. */
export function personIdentifier(key: string, systems: PatientSystems): { readonly system: string; readonly value: string } | undefined {
  const start = (system: string): string => `identifier:${system}|`;
  const system = [...systems].filter((one) => key.startsWith(start(one))).sort((one, other) => other.length - one.length)[0];
  return system === undefined ? undefined : { system, value: key.slice(start(system).length) };
}

function isTrusted(identifier: JsonObject, systems: PatientSystems): boolean {
  const system = identifier.string("system");
  return system !== undefined && systems.has(system) && !PASSING_USES.includes(identifier.string("use") ?? "") && !isOfAContract(identifier);
}

/** True when two documents, by their personKeys, are about the same person. */
export function isSamePerson(one: readonly string[], other: readonly string[]): boolean {
  const others = new Set(other);
  return one.some((key) => others.has(key));
}

/**
 * Keys of a document's subject among documents that name each other: identifiers with their system, and its address. Those of a subject without any are
 * nobody else's.
 */
export function subjectKeys(document: DocumentBundle, id: string): string[] {
  const { reference, entry, identifiers } = subjectOf(document);
  if (!reference) return [];
  const named = identifiers.filter((identifier) => identifier.string("system") !== undefined);
  const keys = unique([...named.map(identifierMatchKey), addressOf(reference, entry, document)]);
  return keys.length > 0 ? keys : [`unnamed:${id}`];
}

/** True when documents that name each other are about the same subject, by their subjectKeys: they share one, or neither has a subject. */
export function isSameSubject(one: readonly string[], other: readonly string[]): boolean {
  const others = new Set(other);
  return (one.length === 0 && other.length === 0) || one.some((key) => others.has(key));
}

/** Whom the document is about, and all identifiers that it has for them: of the Patient, and of the reference. */
function subjectOf(document: DocumentBundle): {
  readonly reference: JsonObject | undefined;
  readonly entry: BundleEntry | undefined;
  readonly identifiers: readonly JsonObject[];
} {
  const reference = document.composition.resource.object("subject");
  const url = reference?.string("reference");
  const entry = url === undefined ? undefined : document.resolve(url, document.composition);
  const logical = reference?.object("identifier");
  return { reference, entry, identifiers: [...(entry ? identifiersOf(entry.resource) : []), ...(logical ? [logical] : [])] };
}

function addressOf(reference: JsonObject, entry: BundleEntry | undefined, document: DocumentBundle): string | undefined {
  if (entry) return entry.fullUrl === undefined ? undefined : urlMatchKey(entry.fullUrl);
  const url = reference.string("reference");
  return url === undefined || url.startsWith("#") ? undefined : referenceMatchKey(url, document.composition);
}

function isOfAContract(identifier: JsonObject): boolean {
  const codings = identifier.object("type")?.objects("coding") ?? [];
  return codings.some((coding) => {
    const system = coding.string("system");
    return (system === undefined || TYPE_SYSTEMS.includes(system)) && NOT_OF_A_PERSON.has(coding.string("code") ?? "");
  });
}

function unique(keys: readonly (string | undefined)[]): string[] {
  return [...new Set(keys.filter((key) => key !== undefined))];
}
