import type { Keys } from "../core/crypto/keys.ts";
import { AppError } from "../core/errors.ts";
import { personId } from "../core/formats/person-id.ts";
import type { PersonIdOf } from "./derived/person.ts";
import { personIdentifier, type PatientSystems } from "./same-person.ts";

/** What calls the persons of this repository: by a keyed hash of the identifier that they are known by. */
export function personIds(keys: Pick<Keys, "personKeyOf">, systems: PatientSystems): PersonIdOf {
  return async (key) => {
    const identifier = personIdentifier(key, systems);
    // Keys are made under the same list of systems.
    if (!identifier) throw new AppError("internal", "a person's key is of no system that is listed");
    return personId(await keys.personKeyOf(identifier.system, identifier.value));
  };
}
