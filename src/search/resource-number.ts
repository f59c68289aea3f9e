/**
 * A resource by number, the same in every index of the same record: the place of its document's entry in the log and its own in the document. Larger numbers are newer.
 */
export type ResourceNumber = number;

/** More resources than any document may have (docs/limits.md). */
const PLACES = 2 ** 20;

/** The places of contained resources begin here: they are found through those that contain them alone. */
export const FIRST_CONTAINED = 2 ** 19;
/** Places of resources that we make of a document: behind all that may stand in one. They bear the document's own id. */
export const MADE_PLACES = { Bundle: 2 ** 20 - 1, DocumentReference: 2 ** 20 - 2 } as const;

export function resourceNumber(position: number, place: number): ResourceNumber {
  return position * PLACES + place;
}

export function positionOf(number: ResourceNumber): number {
  return Math.floor(number / PLACES);
}

/** Whether it is contained in another resource (R4 search.html, "Contained Resources"). */
export function isContained(number: ResourceNumber): boolean {
  const place = number % PLACES;
  return place >= FIRST_CONTAINED && place < MADE_PLACES.DocumentReference;
}

/** Whether it tells of its document as a whole: what we make of it, and the first entry, which is its Composition. */
export function isOfDocument(number: ResourceNumber): boolean {
  const place = number % PLACES;
  return place === 0 || place >= MADE_PLACES.DocumentReference;
}

/** The number that is larger than those of all resources in the log's first `size` entries. */
export function endOf(size: number): ResourceNumber {
  return size * PLACES;
}
