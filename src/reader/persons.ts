/** What resources say of persons beyond their own documents: links of derived Patients, subjects of what we make of documents. Each document is asked about; those of a page at once. */
import type { Predicate } from "../search/predicate.ts";
import type { WantedResource } from "../search/derived/found-question.ts";
import type { PersonFacts } from "../search/derived/derived-patient.ts";
import { isPersonId, type PersonIdOf } from "../search/derived/person.ts";
import type { Person } from "../search/people.ts";
import type { FoundResource } from "../search/resource-index.ts";
import { resourceId } from "../search/query/resource-id.ts";
import { byTrust, type PatientSystems } from "../search/same-person.ts";
import type { Searcher } from "../search/searcher.ts";

export interface PersonsNeeds {
  readonly searcher: Pick<Searcher, "persons" | "survivors">;
  readonly personIdOf: PersonIdOf;
  readonly systems: PatientSystems;
  /** What the caller may know of. */
  readonly permitted: Predicate;
  /** Those of the documents that may be found. */
  readonly findable: (documentIds: readonly string[]) => Promise<ReadonlySet<string>>;
}

/** What speaks for a person. */
export interface Speaking extends Pick<FoundResource, "documentId" | "receivedAt" | "isSuperseded"> {
  /** The id by which the person is called. */
  readonly calledBy: string;
  /** Whether it is no document, but a message of an identity feed. */
  readonly isOfFeed: boolean;
}

/** Of each derived Patient what speaks for them; undefined where there is none, or none that may be known. */
export async function speakingFor(
  ids: readonly string[],
  { searcher, permitted, findable }: Pick<PersonsNeeds, "searcher" | "permitted" | "findable">,
): Promise<(Speaking | undefined)[]> {
  const derived = ids.filter(isPersonId);
  const found = await searcher.persons(
    derived.map((id) => ({ id })),
    permitted,
  );
  const may = await findable([...new Set(found.flatMap((person) => (person ? [person.leading.documentId] : [])))]);
  const speaking = new Map(
    derived.map((id, at): [string, Speaking | undefined] => {
      const person = found[at];
      const isKnown = person !== undefined && may.has(person.leading.documentId);
      return [id, isKnown ? { ...person.leading, calledBy: person.identity.survivor, isOfFeed: person.copy === undefined } : undefined];
    }),
  );
  return ids.map((id) => speaking.get(id));
}

/** A resource that is wanted, and of which document. */
export interface PlacedResource extends WantedResource {
  readonly documentId: string;
}

/** What is wanted, with what more there is to know of derived Patients; in the order in which it was given. */
export async function withPersons<Wanted extends PlacedResource>(
  all: readonly Wanted[],
  { searcher, permitted, findable }: PersonsNeeds,
): Promise<Wanted[]> {
  const derived = all.filter(({ path }) => isPersonId(path));
  if (derived.length === 0) return [...all];
  const found = await searcher.persons(
    derived.map(({ path, documentId }) => ({ id: path, documentId })),
    permitted,
  );
  const may = await findable([...new Set(found.flatMap((person) => person?.copies.map(({ documentId }) => documentId) ?? []))]);
  const persons = new Map(derived.map((one, at): [Wanted, Person | undefined] => [one, found[at]]));
  return all.map((one) => {
    const person = persons.get(one);
    if (!person) return one;
    const links = person.copies.filter(({ documentId }) => may.has(documentId)).map((copy) => `Patient/${resourceId(copy)}`);
    return { ...one, person: { copy: person.copy, links, ...standingOf(person) } };
  });
}

/** How an id stands to the others of the same person. */
function standingOf({ id, identity: { survivor, replaced } }: Person): Pick<PersonFacts, "replacedBy" | "calledBy" | "replaced"> {
  if (id === survivor) return { replaced };
  return { ...(replaced.includes(id) ? { replacedBy: survivor } : { calledBy: survivor }), replaced: [] };
}

/** Of each document, by the keys of its patient, `Patient/{id}` of their derived Patient; undefined where there is none. */
export async function subjectsOf(
  documents: readonly (readonly string[])[],
  { searcher, personIdOf, systems }: PersonsNeeds,
): Promise<(string | undefined)[]> {
  const ids = await Promise.all(documents.map((keys) => Promise.all(byTrust(keys, systems).map(personIdOf))));
  const known = await searcher.survivors([...new Set(ids.flat())]);
  return ids
    .map((own) => own.map((id) => known.get(id)).find((id) => id !== undefined))
    .map((id) => (id === undefined ? undefined : `Patient/${id}`));
}
