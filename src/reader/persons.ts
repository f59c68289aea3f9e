/** What a resource says of a person beyond its own document: links of derived Patients, subjects of what we make of documents. Each document is asked about. */
import { PERMIT_ALL } from "../search/predicate.ts";
import type { WantedResource } from "../search/derived/found-question.ts";
import { isPersonId, type PersonIdOf } from "../search/derived/person.ts";
import { resourceId } from "../search/query/resource-id.ts";
import { byTrust, type PatientSystems } from "../search/same-person.ts";
import type { Searcher } from "../search/searcher.ts";

export interface PersonsNeeds {
  readonly searcher: Pick<Searcher, "person" | "isKnown">;
  readonly personIdOf: PersonIdOf;
  readonly systems: PatientSystems;
  readonly mayFind: (documentId: string) => Promise<boolean>;
}

export interface Persons {
  /** What is wanted of a document, with what more there is to know of a derived Patient. */
  known(wanted: WantedResource, documentId: string): Promise<WantedResource>;
  /** `Patient/{id}` of the derived Patient of whoever has these keys; undefined when there is none. */
  subject(keys: readonly string[]): Promise<string | undefined>;
}

export function personsFor({ searcher, personIdOf, systems, mayFind }: PersonsNeeds): Persons {
  return {
    known: async (wanted, documentId) => {
      const person = isPersonId(wanted.path) ? await searcher.person(wanted.path, PERMIT_ALL, documentId) : undefined;
      if (!person) return wanted;
      const may = await Promise.all(person.copies.map((copy) => mayFind(copy.documentId)));
      const links = person.copies.filter((_, at) => may[at]).map((copy) => `Patient/${resourceId(copy)}`);
      return { ...wanted, person: { copy: person.copy, links } };
    },
    subject: async (keys) => {
      for (const key of byTrust(keys, systems)) {
        const id = await personIdOf(key);
        if (await searcher.isKnown(id)) return `Patient/${id}`;
      }
      return undefined;
    },
  };
}
