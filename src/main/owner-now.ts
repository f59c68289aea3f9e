/** Who the owners of subscriptions are by now, as the settings and accounts say. A part of the composition root. */
import { Clients } from "../accounts/clients.ts";
import { knownNow } from "../accounts/known-now.ts";
import { Users, type User } from "../accounts/users.ts";
import type { Config } from "../config.ts";
import { isKnown, type KnownCaller } from "../core/asked.ts";
import type { OwnerNow } from "../events/subscription.ts";
import type { Settings } from "../pipeline/settings.ts";
import { issuerAt, OWN_CLIENT } from "./accounts.ts";
import { certificateClients } from "./proof.ts";

/** Whose word is taken. */
export interface OwnersConfig {
  readonly access: Config["access"];
  readonly proof: Pick<Config["proof"], "issuers" | "clientCertificatesFile" | "tls" | "proxies">;
}

export interface OwnersRecord {
  readonly settings: Settings;
  onFault(error: unknown, what: string): void;
}

/** What was found out as of so many changes: everything that it depends on is a setting. */
interface Found {
  readonly changes: number;
  readonly owners: WeakMap<KnownCaller, Promise<KnownCaller | undefined>>;
  bySubject?: Promise<ReadonlyMap<string, User>>;
}

/** At the address that the service is reached by. AppErrors of the settings: then it is not known who they are, and nothing may be told. */
export function ownersNow({ access, proof }: OwnersConfig, { settings, onFault }: OwnersRecord, baseUrl: string): OwnerNow {
  const here = access === "embedded" ? accountsNow(settings, baseUrl) : undefined;
  const hasCertificates = access !== "open" && (proof.tls?.clientCa !== undefined || proof.proxies?.certificateHeader !== undefined);
  const certificates = hasCertificates ? certificateClients(proof.clientCertificatesFile, onFault) : undefined;
  return async (owner) => {
    if (!isKnown(owner)) return owner.kind === "program" || (owner.kind === "unauthenticated" && access === "open") ? owner : undefined;
    if (owner.issuer === "certificate") {
      const now = await certificates?.find(owner.subject);
      return now?.client === owner.client ? now : undefined;
    }
    if (here) return owner.issuer === issuerAt(baseUrl) ? here(owner) : undefined;
    // What else an issuer elsewhere would say of them by now nobody can ask it.
    return access === "oidc" && proof.issuers.some(({ issuer }) => issuer === owner.issuer) ? owner : undefined;
  };
}

function accountsNow(settings: Settings, baseUrl: string): (owner: KnownCaller) => Promise<KnownCaller | undefined> {
  const [users, clients] = [new Users(settings), new Clients(settings)];
  let found: Found | undefined;
  return async (owner) => {
    const changes = await settings.changes();
    if (found?.changes !== changes) found = { changes, owners: new WeakMap() };
    const own = found;
    // Of thousands of owners all are looked up among accounts that were read once.
    const bySubject = async (subject: string): Promise<User | undefined> => {
      own.bySubject ??= users.list().then((all) => new Map(all.map((user) => [user.subject, user])));
      return (await own.bySubject).get(subject);
    };
    const known = own.owners.get(owner);
    if (known) return known;
    const now = knownNow(owner, { users: { bySubject }, clients, ownClient: OWN_CLIENT, fhirBase: `${baseUrl}/fhir` });
    own.owners.set(owner, now);
    // Asked about anew.
    now.catch(() => found === own && (found = undefined));
    return now;
  };
}
