/** What is known by now of somebody who was proved here earlier: for whatever goes on in their name when they don't ask. */
import type { KnownCaller } from "../core/asked.ts";
import { formatScopes, readScopes } from "../security/scopes/scope-grammar.ts";
import { allowedScopes } from "./allowed-scopes.ts";
import { fhirUserOf } from "./caller.ts";
import type { Client, Clients } from "./clients.ts";
import type { User, Users } from "./users.ts";

export interface KnownNowNeeds {
  readonly users: Pick<Users, "bySubject">;
  readonly clients: Pick<Clients, "find">;
  /** The id of our own pages, which are among no clients. */
  readonly ownClient: string;
  readonly fhirBase: string;
}

/**
 * A caller whom our own authorization server let in once, as it would now: a person with the roles of their account, a system with those of its registration, and both with those of their scopes that their client may still have.
 * Undefined of somebody whom it would not let in any more.
 */
export async function knownNow(caller: KnownCaller, { users, clients, ownClient, fhirBase }: KnownNowNeeds): Promise<KnownCaller | undefined> {
  const { client: id, subject } = caller;
  const client = id === undefined || id === ownClient ? undefined : await clients.find(id);
  if (id !== undefined && id !== ownClient && (!client || client.isDisabled)) return undefined;
  const scoped = client ? scopedNow(caller, client) : caller;
  if (!scoped) return undefined;
  if (client && subject === client.id) return systemNow(scoped, client);
  const user = await users.bySubject(subject);
  return user && !user.isDisabled ? personNow(scoped, user, fhirBase) : undefined;
}

/** Whoever may be given none of what they had is not let in with nothing. */
function scopedNow(caller: KnownCaller, client: Client): KnownCaller | undefined {
  const { scopes = [] } = caller;
  const left = readScopes(allowedScopes(formatScopes(scopes), client.scope).join(" ")).scopes;
  return left.length === 0 && scopes.length > 0 ? undefined : { ...caller, scopes: left };
}

/** It gets no token without a key. */
function systemNow(caller: KnownCaller, { label, roles, organisations, clearance, keys, keysUrl }: Client): KnownCaller | undefined {
  return (keys ?? keysUrl) === undefined ? undefined : { ...caller, name: label, roles, organisations, clearance };
}

function personNow(caller: KnownCaller, user: User, fhirBase: string): KnownCaller {
  const { fullName: name, roles, organisations, clearance } = user;
  return { ...caller, name, roles, organisations, clearance, patient: patientNow(caller, user), fhirUser: fhirUserOf(user, fhirBase) };
}

/** Their own; else one that they chose for an app's launch, and not one who was their own then. */
function patientNow({ patient, fhirUser, scopes = [] }: KnownCaller, user: User): string | undefined {
  if (user.patient !== undefined) return user.patient;
  const wasOwn = fhirUser?.endsWith(`Patient/${patient ?? ""}`) === true;
  return !wasOwn && scopes.some(({ level }) => level === "patient") ? patient : undefined;
}
