/**
 * The one answer to *which copies of a patient does this id mean*: references to a patient, compartments, `$everything` and `$docref` all ask it. A copy is a Patient as it stands in a
 * document; an id of such a one means it alone, that of a derived Patient (derived/person.ts) all copies of the person.
 */
import { isPersonId } from "./derived/person.ts";
import { personTest } from "./people.ts";
import type { Criterion } from "./query/criterion.ts";

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
