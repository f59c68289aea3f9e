/**
 * A resource by number, the same in every index of the same record: the place of its document's entry in the log and its own in the document. Larger numbers are newer.
 */
export type ResourceNumber = number;

/** More resources than any document may have (docs/limits.md). */
const PLACES = 2 ** 20;

/** The places of contained resources begin here: they are found through those that contain them alone. */
export const FIRST_CONTAINED = 2 ** 19;
/** Places of resources that we make of a document: behind all that may stand in one. */
const FIRST_MADE = 2 ** 20 - 2 ** 12;
/** Of derived Patients, of Provenances of signatures and of folders there may be as many in one document. */
export const MOST_OF_A_KIND = 2 ** 10;
/** Resources contained in what a source said of a document: before those that are made, as many of each. */
export const MOST_CONTAINED = 2 ** 6;
const FIRST_SUBMITTED_CONTAINED = FIRST_MADE - 2 ** 17;
/** A message of an identity feed names so many identifiers at most: its Patients stand in the first places of the derived ones. */
export const MOST_OF_MESSAGE = 16;
/** `Patient`: the first of the derived ones. `Signature`: the first of the Provenances of senders' signatures. `Submitted…`: what a source said of the document (IHE MHD); `Folder`: the first of its folders. `Words`: the first of those at which no resource stands, but words of the document's texts. */
export const MADE_PLACES = {
  Bundle: 2 ** 20 - 1,
  DocumentReference: 2 ** 20 - 2,
  List: 2 ** 20 - 3,
  Seal: 2 ** 20 - 4,
  Extraction: 2 ** 20 - 5,
  SubmittedReference: 2 ** 20 - 6,
  SubmittedList: 2 ** 20 - 7,
  Patient: FIRST_MADE,
  Signature: FIRST_MADE + MOST_OF_A_KIND,
  Folder: FIRST_MADE + 2 * MOST_OF_A_KIND,
  Words: FIRST_MADE + 3 * MOST_OF_A_KIND,
} as const;

export function resourceNumber(position: number, place: number): ResourceNumber {
  return position * PLACES + place;
}

export function positionOf(number: ResourceNumber): number {
  return Math.floor(number / PLACES);
}

/** Whether it is contained in another resource (R4 search.html, "Contained Resources"). */
export function isContained(number: ResourceNumber): boolean {
  const place = number % PLACES;
  return place >= FIRST_CONTAINED && place < FIRST_MADE;
}

/** What contains a contained resource. @param path of its id: its first number is the place of the entry that has it */
export function containerOf(number: ResourceNumber, path: string): ResourceNumber {
  const own = (number % PLACES) - FIRST_SUBMITTED_CONTAINED;
  return resourceNumber(positionOf(number), own < 0 ? Number.parseInt(path, 10) : containerPlace(Math.floor(own / MOST_CONTAINED)));
}

/** The place of a resource that is contained in what a source said. @param container the place of that @param at counted from 0, less than `MOST_CONTAINED` */
export function submittedContained(container: number, at: number): number {
  const { SubmittedReference, SubmittedList, Folder } = MADE_PLACES;
  const row = container === SubmittedReference ? 0 : container === SubmittedList ? 1 : 2 + container - Folder;
  return FIRST_SUBMITTED_CONTAINED + row * MOST_CONTAINED + at;
}

function containerPlace(row: number): number {
  return row === 0 ? MADE_PLACES.SubmittedReference : row === 1 ? MADE_PLACES.SubmittedList : MADE_PLACES.Folder + row - 2;
}

/** @see `MADE_PLACES.Words`: words of one document may stand at so many places. The last of the places that follow are those of what is made. */
export const MOST_OF_WORDS = MOST_OF_A_KIND - 16;

/** Whether it is a document, as a whole. */
export function isDocument(number: ResourceNumber): boolean {
  return number % PLACES === MADE_PLACES.Bundle;
}

/** Whether it is a derived Patient (derived/person.ts), as one of its documents tells of it. */
export function isDerivedPatient(number: ResourceNumber): boolean {
  const place = number % PLACES;
  return place >= MADE_PLACES.Patient && place < MADE_PLACES.Patient + MOST_OF_A_KIND;
}

/** Whether it tells of its document as a whole: what we make of it, but for derived Patients, what its source said of it, and the first entry, which is its Composition. */
export function isOfDocument(number: ResourceNumber): boolean {
  const place = number % PLACES;
  return place === 0 || place >= MADE_PLACES.Signature || (place >= FIRST_SUBMITTED_CONTAINED && place < FIRST_MADE);
}

/** The number that is larger than those of all resources in the log's first `size` entries. */
export function endOf(size: number): ResourceNumber {
  return size * PLACES;
}
