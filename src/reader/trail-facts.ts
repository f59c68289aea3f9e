/** What an auditor's question needs to know of patients and documents: as whom the audit trail has a patient, and whose documents are. It tells nothing of what stands in them. */
import { AppError } from "../core/errors.ts";
import { isPersonId } from "../search/derived/person.ts";
import { MOST_COPIES } from "../search/people.ts";
import { isIdentifierKey, PERMIT_ALL } from "../search/predicate.ts";
import { pathOf, type ResourceIdParts } from "../search/query/resource-id.ts";
import { personIdentifier, type PatientSystems } from "../search/same-person.ts";
import type { OwnPatientNeeds } from "./own-patient.ts";

/** A patient, as the events of the audit trail name them. */
export interface TrailPatient {
  /** By which the patient is called: of a derived Patient, or of the document that they stand in alone. */
  readonly id: string;
  /** `TrailEvent.patient` is one of these. */
  readonly names: readonly string[];
  /** False where there may be others: not all of their documents could be looked at. */
  readonly isWhole: boolean;
}

export interface TrailFacts {
  /**
   * @param text the logical id of a Patient, or a reference to one; the id of a document, for whom it is about; an identifier (`system|value`, or the value alone) of a system that is unique to a person
   * @throws AppError `bad-query` for an identifier of another system, or of several persons
   */
  patient(text: string): Promise<TrailPatient>;
  /** Of those of the documents that are here, the identifiers (`system|value`) of the custodian and of the authors' organisations. */
  houses(documentIds: readonly string[]): Promise<Map<string, ReadonlySet<string>>>;
}

export interface TrailFactsNeeds extends OwnPatientNeeds {
  readonly systems: PatientSystems;
}

const IDENTIFIER = "identifier:";

export function trailFacts(needs: TrailFactsNeeds): TrailFacts {
  const { finder, systems, personIdOf } = needs;
  return {
    patient: async (text) => {
      const id = text.replace(/^.*Patient\//, "").replace(/^of:/, "");
      if (isPersonId(id)) return personInTrail([id], needs);
      const place = pathOf(id);
      if (place) return patientAt(id, place, needs);
      const written = id.includes("|") ? [id] : [...systems].map((system) => `${system}|${id}`);
      const keys = written.map((one) => `${IDENTIFIER}${one}`).filter((key) => personIdentifier(key, systems) !== undefined);
      if (keys.length === 0) throw new AppError("bad-query", "No system of that identifier is listed as unique to a person here (PATIENT_SYSTEMS).");
      return personInTrail(await Promise.all(keys.map(personIdOf)), needs);
    },
    houses: async (documentIds) => {
      const found = await finder.documents(documentIds, PERMIT_ALL);
      return new Map(
        [...found].map(([id, { facts }]) => [id, new Set([...facts.custodian, ...facts.organisation].filter(isIdentifierKey).map(plain))]),
      );
    },
  };
}

/** An event names a person by the most trusted identifier of its document: so all of those that the person's documents have are theirs. */
async function personInTrail(ids: readonly string[], { finder, searcher, personIdOf }: OwnPatientNeeds): Promise<TrailPatient> {
  const persons = await searcher.persons(ids.map((id) => ({ id })), PERMIT_ALL); // prettier-ignore
  const known = persons.filter((person) => person !== undefined);
  if (new Set(known.map(({ identity }) => identity.survivor)).size > 1)
    throw new AppError("bad-query", "Several persons have that identifier: write it with its system, system|value.");
  const names = new Set([...ids, ...known.flatMap(({ identity }) => [identity.survivor, ...identity.members])]);
  const wanted = new Set(names);
  const copies = [...new Set(known.flatMap((person) => person.copies.map(({ documentId }) => documentId)))];
  const documents = await finder.documents(copies, PERMIT_ALL);
  for (const [documentId, { facts }] of documents) {
    const own = await Promise.all(facts.patient.map(personIdOf));
    if (!own.some((id) => wanted.has(id))) continue;
    // Before their system was listed as unique to a person, they stood alone.
    for (const name of [...own, `of:${documentId}`]) names.add(name);
  }
  const isWhole = documents.size === copies.length && known.every((person) => person.copies.length < MOST_COPIES);
  return { id: known[0]?.identity.survivor ?? ids[0] ?? "", names: [...names], isWhole };
}

/** Whom a document is about, or who stands at a place in it: a mother in her child's document is not the child. */
async function patientAt(id: string, place: ResourceIdParts, needs: OwnPatientNeeds): Promise<TrailPatient> {
  const copy = place.path === "" ? undefined : await needs.searcher.copyAt(place);
  if (copy && !copy.isSubject) return copy.persons.length === 0 ? { id, names: [id], isWhole: true } : personInTrail(copy.persons, needs);
  return patientOfDocument(place.documentId, needs);
}

async function patientOfDocument(documentId: string, needs: OwnPatientNeeds): Promise<TrailPatient> {
  const alone = `of:${documentId}`;
  const document = (await needs.finder.documents([documentId], PERMIT_ALL)).get(documentId);
  if (!document || document.facts.patient.length === 0) return { id: documentId, names: [alone], isWhole: true };
  const person = await personInTrail(await Promise.all(document.facts.patient.map(needs.personIdOf)), needs);
  return { ...person, names: [...new Set([...person.names, alone])] };
}

function plain(key: string): string {
  return key.slice(IDENTIFIER.length);
}
