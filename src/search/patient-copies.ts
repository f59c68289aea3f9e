/**
 * The one answer to *which copies of a patient does this id mean*: references to a patient, compartments, `$everything` and `$docref` all ask it. A copy is a Patient as it stands in a
 * document; an id of such a one means it alone, that of a derived Patient (derived/person.ts) all copies of the person.
 */
import { isPersonId } from "./derived/person.ts";
import { People, personTest } from "./people.ts";
import { PERMIT_ALL } from "./predicate.ts";
import type { Criterion } from "./query/criterion.ts";
import { pathOf, type ResourceIdParts } from "./query/resource-id.ts";
import type { ResourceSearch } from "./resource-index.ts";
import { isDerivedPatient } from "./resource-number.ts";

export interface PatientCopies {
  /** Where the copies stand, the newest first; none for an id that is nobody's. */
  copiesOf(id: string): Promise<readonly ResourceIdParts[]>;
}

/** More copies are not listed: whoever searches by `toCopies` meets all. */
const MOST_LISTED = 10_000;

export function patientCopies(index: ConstructorParameters<typeof People>[0] & Pick<ResourceSearch, "resources">): PatientCopies {
  const people = new People(index);
  const scope = { permitted: PERMIT_ALL, isCurrent: false };
  return {
    copiesOf: async (id) => {
      const place = pathOf(id);
      if (!isPersonId(id)) return place === undefined ? [] : [place];
      const numbers = await people.numbers([id], scope, { below: Infinity, count: MOST_LISTED });
      return index.resources(
        numbers.filter((number) => !isDerivedPatient(number)),
        scope,
      );
    },
  };
}

/** A reference to a derived Patient as one to any copy of the person; undefined for a reference to anything else. */
export async function toCopies(
  { name, types, id }: Extract<Criterion, { kind: "refers-to" }>,
  people: { members(ids: readonly string[]): Promise<readonly string[]> },
): Promise<Criterion | undefined> {
  if (!isPersonId(id) || (types.length > 0 && !types.includes("Patient"))) return undefined;
  return { kind: "refers", name, to: [{ type: "Patient", criterion: { kind: "row", anyOf: (await people.members([id])).map(personTest) } }] };
}

/** `Patient.link`, which derived Patients have too. */
export function isLinkOfPatient(type: string, { name }: Extract<Criterion, { kind: "refers-to" }>): boolean {
  return type === "Patient" && name === "link";
}
