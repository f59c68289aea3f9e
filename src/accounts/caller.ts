import type { KnownCaller } from "../core/asked.ts";
import type { User } from "./users.ts";

/** A person who signed in here, as whoever decides what they may see knows them: the same as by a token of ours. @param issuer by which the person is known */
export function callerOf({ subject, fullName, roles, organisations, clearance, patient, fhirUser }: User, issuer: string): KnownCaller {
  return {
    ...{ kind: "person", issuer, subject, name: fullName, roles, organisations, clearance },
    ...(patient !== undefined && { patient }),
    ...(fhirUser !== undefined && { fhirUser }),
  };
}
