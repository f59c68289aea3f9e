/** Whom the consents that are in force are about: what one person said stands together, and persons who said the same, in the same order of time, share it. */
import { instantRangeOf } from "../../core/fhir/instant-range.ts";
import type { JsonObject } from "../../core/fhir/tree/tree.ts";
import type { RuledPatients } from "../../search/packed-rules.ts";
import { SameTerms } from "./same-terms.ts";
import type { ConsentTerms } from "./terms.ts";

/** Whom a consent is about: by the keys that the patient is known by, and single documents of a patient who is known by none. */
export type ConsentPatient = RuledPatients;

/** A consent as it stands. */
export interface EnteredConsent {
  readonly id: string;
  readonly version: number;
  /** When this version was entered: an instant. */
  readonly at: string;
  readonly resource: JsonObject;
  readonly patient: ConsentPatient;
}

/** A consent and its version, as a reason names it. */
export interface NamedConsent {
  readonly id: string;
  readonly version: number;
}

/** Persons whose consents say the same. */
export interface ConsentingPersons {
  readonly terms: SameTerms;
  readonly members: { readonly patient: ConsentPatient; readonly consents: readonly NamedConsent[] }[];
}

/**
 * By what their consents say.
 *
 * @param termsOf what a resource says
 * @param before how they stood before: whose terms are the same still share what was worked out
 */
export function consentingPersons(
  consents: readonly EnteredConsent[],
  termsOf: (consent: JsonObject) => ConsentTerms,
  before: ReadonlyMap<string, ConsentingPersons>,
): Map<string, ConsentingPersons> {
  const groups = new Map<string, ConsentingPersons>();
  for (const own of byPerson(consents)) {
    const dated = inOrderOfTime(own.map((consent) => ({ consent, terms: termsOf(consent.resource) })));
    const [first] = dated;
    const key = dated.length === 1 && first ? first.terms.shape : JSON.stringify(dated.map(({ terms: { shape }, rank }) => [shape, rank]));
    const group = groups.get(key) ?? { terms: before.get(key)?.terms ?? new SameTerms(dated), members: [] };
    groups.set(key, group);
    group.members.push({
      patient: own.length === 1 && own[0] ? own[0].patient : merged(own.map(({ patient }) => patient)),
      consents: dated.map(({ consent: { id, version } }) => ({ id, version })),
    });
  }
  return groups;
}

interface Read {
  readonly consent: EnteredConsent;
  readonly terms: ConsentTerms;
}

/** The oldest first; those of one date have the same rank. */
function inOrderOfTime(own: readonly Read[]): (Read & { readonly rank: number })[] {
  // Of one alone it doesn't matter when it was given.
  if (own.length === 1) return own.map((one) => ({ ...one, rank: 0 }));
  const dated = own.map((one) => ({ ...one, date: dateOf(one.consent) }));
  dated.sort(
    (one, other) => compare(one.date, other.date) || compare(one.terms.shape, other.terms.shape) || compare(one.consent.id, other.consent.id),
  );
  const ranks = new Map([...new Set(dated.map(({ date }) => date))].map((date, rank) => [date, rank]));
  return dated.map(({ date, ...one }) => ({ ...one, rank: ranks.get(date) ?? 0 }));
}

/** What a person is called by: keys, and documents. */
export function namesOf({ keys, documents }: ConsentPatient): string[] {
  return [...keys, ...documents.map((id) => `document ${id}`)];
}

/** Consents about the same person: they share a name, or are joined by others that do. */
function byPerson(consents: readonly EnteredConsent[]): EnteredConsent[][] {
  const sets = new Map<string, Set<EnteredConsent>>();
  for (const consent of consents) {
    const names = namesOf(consent.patient);
    const [largest = new Set<EnteredConsent>(), ...others] = [...new Set(names.flatMap((name) => sets.get(name) ?? []))].sort(
      (one, other) => other.size - one.size,
    );
    largest.add(consent);
    for (const name of names) sets.set(name, largest);
    for (const other of others)
      for (const one of other) {
        largest.add(one);
        for (const name of namesOf(one.patient)) sets.set(name, largest);
      }
  }
  return [...new Set(sets.values())].map((set) => [...set]);
}

function merged(patients: readonly ConsentPatient[]): ConsentPatient {
  const unique = (values: readonly string[]): string[] => [...new Set(values)].sort(compare);
  return { keys: unique(patients.flatMap(({ keys }) => keys)), documents: unique(patients.flatMap(({ documents }) => documents)) };
}

/** The date that it was given, but never later than it was entered: else who writes tomorrow would win today. */
function dateOf({ resource, at }: EnteredConsent): string {
  const said = instantRangeOf(resource.string("dateTime") ?? "")?.first;
  return said !== undefined && said < at ? said : at;
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
