import type { KnownCaller } from "../core/asked.ts";
import type { User } from "./users.ts";

/** The resource that a person is: as the account says, or the patient. */
export function resourceOf({ fhirUser, patient }: Pick<User, "fhirUser" | "patient">): string | undefined {
  return fhirUser ?? (patient === undefined ? undefined : `Patient/${patient}`);
}

/** Its address, as tokens say it. */
export function fhirUserOf(user: Pick<User, "fhirUser" | "patient">, fhirBase: string): string | undefined {
  const resource = resourceOf(user);
  return resource === undefined || /^https?:/.test(resource) ? resource : `${fhirBase}/${resource}`;
}

/** A person who signed in here, as whoever decides what they may see knows them: the same as by a token of ours. @param issuer by which the person is known */
export function callerOf({ subject, fullName, roles, organisations, clearance, patient, fhirUser }: User, issuer: string): KnownCaller {
  return {
    ...{ kind: "person", issuer, subject, name: fullName, roles, organisations, clearance },
    ...(patient !== undefined && { patient }),
    ...(fhirUser !== undefined && { fhirUser }),
  };
}
