/**
 * The consents that are in force, so that each question is answered for all patients at once: patients whose consents say the same stand together, and share one predicate with a list of them. docs/design/consent.md.
 */
import type { JsonObject } from "../../core/fhir/tree/tree.ts";
import { instantRangeOf } from "../../core/fhir/instant-range.ts";
import { everyOf, notOf, PERMIT_NONE, permits, someOf, type Predicate, type PredicateFacts } from "../../search/predicate.ts";
import type { ConsentQuestion } from "./caller-conditions.ts";
import { combined, type Combined, type Standing } from "./combined.ts";
import { regionsOf } from "./regions.ts";
import { isInForce, termsOf, type ConsentTerms } from "./terms.ts";

/** Whom a consent is about: by the keys that the patient is known by, and single documents of a patient who is known by none. */
export interface ConsentPatient {
  readonly keys: readonly string[];
  readonly documents: readonly string[];
}

/** A consent as it stands. */
export interface EnteredConsent {
  readonly id: string;
  readonly version: number;
  /** When this version was entered: an instant. */
  readonly at: string;
  readonly resource: JsonObject;
  readonly patient: ConsentPatient;
}

/** What happens to documents of patients who said nothing: `opt-out`: they are permitted; `opt-in`: they are not. */
export type ConsentModel = "opt-in" | "opt-out";

/** A consent and its version, as a reason names it. */
export interface NamedConsent {
  readonly id: string;
  readonly version: number;
}

/** What consents leave of one question. */
export interface ByConsent {
  readonly permitted: Predicate;
  /** Why a document is permitted, or is not; `consents`: those that say so. */
  reasonOf(facts: PredicateFacts): { readonly text: string; readonly consents: readonly NamedConsent[] };
}

interface Group {
  readonly terms: readonly { readonly terms: ConsentTerms; readonly rank: number }[];
  readonly members: { readonly patient: ConsentPatient; readonly consents: readonly NamedConsent[] }[];
  /** The documents of all of them. */
  patients: Predicate;
}

export class ConsentBook {
  readonly #groups: readonly Group[];

  constructor(consents: readonly EnteredConsent[]) {
    this.#groups = groupsOf(consents.filter(({ resource }) => isInForce(resource)));
  }

  ask(question: ConsentQuestion, model: ConsentModel): ByConsent {
    const asked = this.#groups.map((group) => ({
      group,
      patients: group.patients,
      said: combined(group.terms.map(({ terms, rank }) => ({ regions: regionsOf(terms, question), rank }))),
    }));
    const denied = notOf(someOf(asked.map(({ patients, said }) => everyOf(patients, said.denied))));
    const permitted = someOf(asked.map(({ patients, said }) => everyOf(patients, said.permitted)));
    return {
      permitted: model === "opt-out" ? denied : everyOf(permitted, denied),
      reasonOf: (facts) => reasonIn(asked, facts),
    };
  }
}

function reasonIn(
  asked: readonly { readonly group: Group; readonly said: Combined }[],
  facts: PredicateFacts,
): { readonly text: string; readonly consents: readonly NamedConsent[] } {
  const found = asked.flatMap(({ group, said }) =>
    group.members.filter(({ patient }) => permits(documentsOf(patient), facts)).map(({ consents }) => ({ consents, said })),
  );
  for (const list of ["denies", "permits"] as const) {
    const named = found.flatMap(({ consents, said }) =>
      said[list].filter(({ documents }) => permits(documents, facts)).map((region) => ({ region, consent: consents[region.of] })),
    );
    const [first] = named;
    if (!first?.consent) continue;
    const consents = named.flatMap(({ consent }) => consent ?? []).filter((one, at, all) => all.findIndex(({ id }) => id === one.id) === at);
    return { text: textOf(first.region, first.consent), consents };
  }
  return { text: "no consent says anything of it", consents: [] };
}

function textOf({ effect, place, unevaluated }: Standing, { id, version }: NamedConsent): string {
  const says = `Consent/${id}/_history/${version} ${effect === "permit" ? "permits" : "denies"} it`;
  return unevaluated.length === 0 ? `${says} (${place})` : `${says}: ${unevaluated.join(", ")} could not be evaluated`;
}

/** Patients with the same rules of the same order in time, together. */
function groupsOf(consents: readonly EnteredConsent[]): Group[] {
  const groups = new Map<string, Group>();
  const known = new Map<string, ConsentTerms>();
  for (const own of byPatient(consents)) {
    const dated = own.map((consent) => ({ consent, date: dateOf(consent), terms: termsOf(consent.resource) }));
    dated.sort(
      (one, other) => compare(one.date, other.date) || compare(one.terms.shape, other.terms.shape) || compare(one.consent.id, other.consent.id),
    );
    const dates = [...new Set(dated.map(({ date }) => date))];
    const terms = dated.map(({ terms: of, date }) => {
      const same = known.get(of.shape) ?? of;
      known.set(of.shape, same);
      return { terms: same, rank: dates.indexOf(date) };
    });
    const key = JSON.stringify(terms.map(({ terms: { shape }, rank }) => [shape, rank]));
    const group = groups.get(key) ?? { terms, members: [], patients: PERMIT_NONE };
    groups.set(key, group);
    group.members.push({
      patient: merged(own.map(({ patient }) => patient)),
      consents: dated.map(({ consent: { id, version } }) => ({ id, version })),
    });
  }
  for (const group of groups.values()) group.patients = documentsOf(merged(group.members.map(({ patient }) => patient)));
  return [...groups.values()];
}

/** Consents about the same person: they share a key, or a document. */
function byPatient(consents: readonly EnteredConsent[]): EnteredConsent[][] {
  const sets = new Map<string, EnteredConsent[]>();
  for (const consent of consents) {
    const names = [...consent.patient.keys, ...consent.patient.documents.map((id) => `document ${id}`)];
    const joined = [...new Set(names.flatMap((name) => sets.get(name) ?? []))];
    const all = [...new Set([...joined, consent])];
    for (const { patient } of all) for (const name of [...patient.keys, ...patient.documents.map((id) => `document ${id}`)]) sets.set(name, all);
  }
  return [...new Set(sets.values())];
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

export function documentsOf({ keys, documents }: ConsentPatient): Predicate {
  return someOf([
    ...(keys.length > 0 ? [{ kind: "any" as const, column: "patient" as const, values: keys }] : []),
    ...(documents.length > 0 ? [{ kind: "document" as const, ids: documents }] : []),
  ]);
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
