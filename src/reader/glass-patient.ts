import { JsonObject } from "../core/fhir/tree/tree.ts";
import { AppError } from "../core/errors.ts";
import type { PersonIdOf } from "../search/derived/person.ts";
import type { Predicate } from "../search/predicate.ts";
import { byTrust, personKeyOf, type PatientSystems } from "../search/same-person.ts";
import type { Deciding } from "./deciding.ts";

export interface GlassPatientNeeds {
  readonly systems: PatientSystems;
  readonly personIdOf: PersonIdOf;
  /** The documents of a patient, by the logical id of a Patient. */
  ownPatient(id: string): Promise<Predicate>;
  readonly deciding: Pick<Deciding, "knownOf">;
}

/** A patient, by keys or, where they stand alone, by their document; `about`: the logical id of the Patient, or `of:` and that document's id. */
export interface GlassPatient {
  readonly patient: { readonly keys: readonly string[]; readonly documents: readonly string[] };
  readonly about: string;
}

/**
 * Whom somebody means who breaks the glass, whether or not they may know of them: by an identifier of a system that is unique to a person, or by a document. Nothing that is asked here may be told before it was decided.
 * Undefined when nobody is known by it.
 */
export async function glassPatient(
  named: { readonly system: string; readonly value: string } | { readonly documentId: string },
  { systems, personIdOf, ownPatient, deciding }: GlassPatientNeeds,
): Promise<GlassPatient | undefined> {
  const keys = "documentId" in named ? await keysOf(named.documentId, deciding) : [keyOf(named, systems)].filter((key) => key !== undefined);
  if (keys === undefined) return undefined;
  const [first] = byTrust(keys, systems);
  if (first === undefined)
    return "documentId" in named ? { patient: { keys: [], documents: [named.documentId] }, about: `of:${named.documentId}` } : undefined;
  // Documents and identity feeds may say that they have other identifiers too.
  const own = await ownPatient(await personIdOf(first));
  const joined = own.kind === "any" && own.column === "patient" ? own.values : [];
  const all = byTrust([...new Set([...keys, ...joined])], systems);
  return { patient: { keys: all, documents: [] }, about: await personIdOf(all[0] ?? first) };
}

async function keysOf(documentId: string, { knownOf }: GlassPatientNeeds["deciding"]): Promise<readonly string[] | undefined> {
  try {
    return (await knownOf(documentId)).facts.patient;
  } catch (error) {
    if (error instanceof AppError && ["not-found", "gone", "damaged"].includes(error.code)) return undefined;
    throw error;
  }
}

function keyOf({ system, value }: { readonly system: string; readonly value: string }, systems: PatientSystems): string | undefined {
  return personKeyOf(new JsonObject().add("system", system).add("value", value), systems);
}
