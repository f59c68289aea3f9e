import { pathOf, type ResourceIdParts } from "./query/resource-id.ts";

/**
 * The one answer to *which copies of a patient does this id mean*: compartments, references to a patient, `$everything` and `$docref` all ask it. A copy is a Patient as it stands in a document.
 */
export interface PatientCopies {
  /** Where the copies stand; none for an id that is nobody's. */
  copiesOf(id: string): Promise<readonly ResourceIdParts[]>;
}

/** An extracted Patient is the one copy that it is. */
export const OWN_COPY: PatientCopies = {
  copiesOf: (id) => {
    const place = pathOf(id);
    return Promise.resolve(place === undefined ? [] : [place]);
  },
};
