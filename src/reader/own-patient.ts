import type { Finder } from "../search/finder.ts";
import { isPersonId } from "../search/derived/person.ts";
import { PERMIT_ALL, PERMIT_NONE, someOf, type Predicate } from "../search/predicate.ts";
import { pathOf } from "../search/query/resource-id.ts";
import type { PersonIdOf } from "../search/derived/person.ts";
import type { Searcher } from "../search/searcher.ts";

export interface OwnPatientNeeds {
  readonly finder: Pick<Finder, "documents">;
  readonly searcher: Pick<Searcher, "persons" | "copyAt">;
  readonly personIdOf: PersonIdOf;
}

/**
 * The documents of a patient, by the logical id of a Patient. Of a derived Patient those that name the person by an identifier of a trusted system, whatever id the person was called by before; of the
 * copy in a document whose patient is known by none, that document alone. A copy is whoever stands there: of a mother in her child's document those that are hers. Nothing is guessed: of an id that nobody here knows, nothing.
 */
export async function ownPatient(id: string, using: OwnPatientNeeds): Promise<Predicate> {
  const { finder, searcher, personIdOf } = using;
  if (!isPersonId(id)) {
    const place = pathOf(id);
    const copy = place && (await searcher.copyAt(place));
    if (!copy) return PERMIT_NONE;
    const [person] = copy.persons;
    if (!copy.isSubject) return person === undefined ? PERMIT_NONE : ownPatient(person, using);
    const document = (await finder.documents([place.documentId], PERMIT_ALL)).get(place.documentId);
    if (!document) return PERMIT_NONE;
    const { patient } = document.facts;
    return patient.length === 0 ? { kind: "document", ids: [place.documentId] } : ofKeys(patient);
  }
  const [person] = await searcher.persons([{ id }], PERMIT_ALL);
  if (!person) return PERMIT_NONE;
  const { survivor, members } = person.identity;
  const wanted = new Set([survivor, ...members]);
  const documentIds = new Set([person.leading, ...person.copies].map(({ documentId }) => documentId));
  const documents = await finder.documents([...documentIds], PERMIT_ALL);
  const keys = new Set([...documents.values()].flatMap(({ facts }) => facts.patient));
  const own = await Promise.all([...keys].map(async (key) => (wanted.has(await personIdOf(key)) ? [key] : [])));
  return ofKeys(own.flat());
}

function ofKeys(values: readonly string[]): Predicate {
  return someOf(values.length === 0 ? [] : [{ kind: "any", column: "patient", values }]);
}
