import { AppError } from "../../../core/errors.ts";
import { parseReference } from "../../../core/fhir/references.ts";
import type { JsonObject } from "../../../core/fhir/tree/tree.ts";
import type { Predicate, PredicateFacts } from "../../../search/predicate.ts";
import { personKeyOf, type PatientSystems } from "../../../search/same-person.ts";
import type { ConsentPatient } from "../../../security/consent/consenting-persons.ts";

export interface PatientNeeds {
  readonly systems: PatientSystems;
  readonly fhirBase: string;
  /** The documents of a patient, by the logical id of a Patient. */
  ownPatient(id: string): Promise<Predicate>;
}

/**
 * Whom a consent is about: a Patient that is known here, or an identifier of a system that is unique to a person; undefined when nobody can tell.
 * @throws AppError `invalid` when the two name different persons
 */
export async function consentPatient(consent: JsonObject, { systems, fhirBase, ownPatient }: PatientNeeds): Promise<ConsentPatient | undefined> {
  const reference = consent.object("patient");
  const identifier = reference?.object("identifier");
  const key = identifier && personKeyOf(identifier, systems);
  const id = localPatient(reference?.string("reference") ?? "", fhirBase);
  const found = id === undefined ? undefined : patientIn(await ownPatient(id));
  if (found && key !== undefined && found.keys.length > 0 && !found.keys.includes(key))
    throw new AppError("invalid", "Consent.patient names one person by its reference, and another by its identifier.");
  if (found) return found;
  return key === undefined ? undefined : { keys: [key], documents: [] };
}

/** The id of a Patient of ours. */
export function localPatient(reference: string, fhirBase: string): string | undefined {
  const form = parseReference(reference.startsWith(`${fhirBase}/`) ? reference.slice(fhirBase.length + 1) : reference);
  return form.kind === "relative" && form.type === "Patient" ? form.id : undefined;
}

function patientIn(predicate: Predicate): ConsentPatient | undefined {
  if (predicate.kind === "any" && predicate.column === "patient" && predicate.values.length > 0) return { keys: predicate.values, documents: [] };
  return predicate.kind === "document" && predicate.ids.length > 0 ? { keys: [], documents: predicate.ids } : undefined;
}

/** What a decision about a patient goes by, where no document is asked about. */
export function factsOf({ keys, documents }: ConsentPatient): PredicateFacts {
  const none: readonly string[] = [];
  return {
    ...{ id: documents[0] ?? "", patient: keys, custodian: none, organisation: none, type: none, confidentiality: none, labels: none },
    ...{ clearance: none, status: none, authors: none, related: none, codes: none, written: none },
  };
}
