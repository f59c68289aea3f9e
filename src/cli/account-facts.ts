/** What a person or a program is to the access policy, as options say it. A slip would give rights to nobody, or another's: what nobody knows is refused. */
import { AppError } from "../core/errors.ts";
import { isLevel, SENSITIVITIES } from "../core/fhir/label-codes.ts";
import { isPersonId } from "../search/derived/person.ts";
import { pathOf } from "../search/query/resource-id.ts";
import type { Arguments } from "./command.ts";
import type { OpenAccounts } from "./open-accounts.ts";

/** Resources that a person can be (SMART App Launch 2.2, `fhirUser`). */
const FHIR_USER = /^(?:Practitioner|PractitionerRole|Patient|RelatedPerson|Person)\/[A-Za-z0-9.-]{1,64}$/;

export interface PolicyFacts {
  readonly roles: readonly string[];
  readonly organisations: readonly string[];
  readonly clearance: readonly string[];
}

/** @throws AppError `invalid` */
export async function policyFacts(given: Arguments, { knownRoles }: Pick<OpenAccounts, "knownRoles">): Promise<PolicyFacts> {
  const [roles, organisations, clearance] = [given.texts("role"), given.texts("organisation"), given.texts("clearance")];
  const known = roles.length === 0 ? undefined : await knownRoles();
  const role = roles.find((one) => known?.roles.includes(one) !== true);
  if (known && role !== undefined)
    throw new AppError("invalid", `--role ${role}: ${known.policy} knows no such role, but ${[...known.roles].sort().join(", ")}`);
  const organisation = organisations.find((one) => !/^[^|]*\|[^|]+$/.test(one));
  if (organisation !== undefined) throw new AppError("invalid", `--organisation is SYSTEM|VALUE, and ${organisation} is not`);
  const code = clearance.find((one) => !isLevel(one) && !SENSITIVITIES.has(one) && one !== "*");
  if (code !== undefined)
    throw new AppError("invalid", `--clearance ${code}: it is a level (U, L, M, N, R, V), a sensitivity such as PSY or HIV, or *, each by itself`);
  return { roles, organisations, clearance };
}

/** Which Patient, and which resource, somebody is. AppError `invalid` */
export function personFacts(given: Arguments): { readonly patient: string | undefined; readonly fhirUser: string | undefined } {
  const [patient, fhirUser] = [given.text("patient"), given.text("fhir-user")];
  const isPatient = patient === undefined || isPersonId(patient) || (pathOf(patient)?.path ?? "") !== "";
  if (!isPatient)
    throw new AppError(
      "invalid",
      `--patient is the logical id of a Patient here, such as p-0123… or {document}.1, as its page and GET /fhir/Patient have it; ${patient} is none`,
    );
  if (fhirUser !== undefined && !FHIR_USER.test(fhirUser) && !/^https:\/\/[^\s?#]+$/.test(fhirUser))
    throw new AppError(
      "invalid",
      `--fhir-user is a reference such as Practitioner/17 (or to a PractitionerRole, Patient, RelatedPerson, Person), and ${fhirUser} is none`,
    );
  return { patient, fhirUser };
}
