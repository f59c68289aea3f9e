/** Who may sign in here, and the embedded authorization server. A part of the composition root. */
import { userInfo } from "node:os";
import { EmbeddedServer } from "../adapters/oidc/embedded-server.ts";
import { accountKey, clientKey } from "../adapters/oidc/session-names.ts";
import { Clients, RESOURCE_SERVER } from "../accounts/clients.ts";
import { embeddedIssuer } from "../accounts/embedded-issuer.ts";
import { invitationPath, Invitations } from "../accounts/invitations.ts";
import { LockOut } from "../accounts/lock-out.ts";
import { PasskeyChecks } from "../accounts/passkeys.ts";
import { Passwords } from "../accounts/passwords.ts";
import { SignInDesk } from "../accounts/sign-in-desk.ts";
import { trailEventOf } from "../accounts/sign-in-trail.ts";
import { openTokenKeys } from "../accounts/token-keys.ts";
import { ADMINISTRATOR, Users } from "../accounts/users.ts";
import type { OpenAccounts } from "../cli/open-accounts.ts";
import type { Config } from "../config.ts";
import { askedByProgram } from "../core/asked.ts";
import type { Keys } from "../core/crypto/keys.ts";
import type { NewTrailEvent } from "../core/formats/audit-trail.ts";
import type { Reception } from "../http/accounts/reception.ts";
import type { Settings } from "../pipeline/settings.ts";
import type { SessionRows } from "../pipeline/store/session-rows.ts";
import { createSessionStore, type SessionStore } from "../pipeline/store/session-store.ts";
import type { IssuerClient } from "../security/issuers/issuer-client.ts";
import { rolesOf } from "../security/policy/access-policy.ts";
import { Sessions } from "../security/sessions/sessions.ts";
import type { BesideRecord } from "./kept-record.ts";
import { openAccessPolicy } from "./setting-files.ts";
import { openSettings } from "./settings.ts";

/** By which our own pages are known to our own server. */
export const OWN_CLIENT = "chartulary";
const PROGRAM = askedByProgram("authorization-server");
/** How often what has ended is swept away, in milliseconds. */
const SWEEP = 600_000;

/** What a service that asks who comes has of it. */
export interface ServiceAccounts {
  readonly sessions: SessionStore;
  /** At the address that the service is reached by; undefined where people sign in elsewhere. */
  receptionAt(baseUrl: string): { readonly reception: Reception; readonly own: IssuerClient } | undefined;
  /** The link by which the first administrator's account is made, while there is none. */
  firstLink(baseUrl: string): Promise<string | undefined>;
  close(): Promise<void>;
}

/** What is kept, as a service has it open. */
interface AccountsRecord {
  readonly keys: Keys;
  readonly settings: Settings;
  openSessions(): Promise<SessionRows>;
}

export interface AccountsTold {
  onFault(error: unknown, what: string): void;
  /** Told for the audit, before anybody is answered. */
  onSignIn(event: NewTrailEvent): Promise<void>;
}

/** Undefined where anybody may come in. */
export async function openAccounts(
  { access, proof }: Pick<Config, "access" | "proof">,
  { keys, settings, openSessions }: AccountsRecord,
  { onFault, onSignIn }: AccountsTold,
): Promise<ServiceAccounts | undefined> {
  if (access === "open") return undefined;
  const rows = await openSessions();
  const sessions = await createSessionStore(rows, keys);
  const sweeping = setInterval(() => void sessions.sweep().catch((error: unknown) => onFault(error, "ended sessions could not be swept")), SWEEP);
  sweeping.unref();
  const close = async (): Promise<void> => {
    clearInterval(sweeping);
    await rows.close();
  };
  if (access !== "embedded") return { sessions, receptionAt: () => undefined, firstLink: () => Promise.resolve(undefined), close };
  const [users, clients, invitations] = [new Users(settings), new Clients(settings), new Invitations(sessions)];
  const tokenKeys = await openTokenKeys(settings, PROGRAM);
  const secrets = await Promise.all(["sign-in cookies", "sign-in devices"].map((purpose) => keys.secretFor(purpose)));
  const [cookieSecret = new Uint8Array(), deviceSecret = new Uint8Array()] = secrets;
  return {
    sessions,
    receptionAt: (baseUrl) => {
      const server = new EmbeddedServer(
        {
          ...{ issuer: issuerAt(baseUrl), fhirBase: `${baseUrl}/fhir`, signIn: `${issuerAt(baseUrl)}/sign-in`, sessions, users, clients },
          own: {
            id: OWN_CLIENT,
            redirects: [`${baseUrl}/sign-in/callback`],
            afterSignOut: [`${baseUrl}/signed-out`, `${baseUrl}/`],
          },
          ...{ cookieSecret: Buffer.from(cookieSecret).toString("utf8"), session: proof.session },
        },
        tokenKeys,
        () => openTokenKeys(settings, PROGRAM),
      );
      const passkeys = new PasskeyChecks({ users, sessions, baseUrl });
      const desk = new SignInDesk({
        onEvent: (event) => onSignIn(trailEventOf(event, issuerAt(baseUrl))),
        ...{ users, passwords: new Passwords(), lockOut: new LockOut(), invitations, passkeys, deviceSecret },
      });
      return { reception: { server, desk }, own: { issuer: embeddedIssuer(server), clientId: OWN_CLIENT, clientSecret: undefined } };
    },
    firstLink: async (baseUrl) => {
      if (await users.haveAdministrator()) return undefined;
      return `${baseUrl}${invitationPath(await invitations.invite({ user: undefined, roles: [ADMINISTRATOR] }))}`;
    },
    close,
  };
}

/** The same for the command line, beside a service that may run. */
export async function openAccountsBeside(config: Config, record: BesideRecord): Promise<OpenAccounts> {
  const { keys, store, keptKeys: documentKeys, ledger, gate, engine } = record;
  const settings = await openSettings({ store, documentKeys, keys, ledger, gate });
  const rows = await engine.openSessions();
  const sessions = await createSessionStore(rows, keys);
  const baseUrl = addressOf(config);
  return {
    users: new Users(settings),
    clients: new Clients(settings),
    invitations: new Invitations(sessions),
    linkOf: (token) => `${baseUrl}${invitationPath(token)}`,
    tokenAddress: `${issuerAt(baseUrl)}/token`,
    asked: askedByProgram(`operator ${userInfo().username}`),
    knownRoles: async () => ({
      roles: [...new Set([...rolesOf(await openAccessPolicy(config)), ADMINISTRATOR, RESOURCE_SERVER])],
      policy: config.accessPolicyFile === undefined ? "the standard policy (ACCESS_POLICY is not set)" : `ACCESS_POLICY ${config.accessPolicyFile}`,
    }),
    isEmbedded: config.access === "embedded",
    signOut: async (subject) => {
      await sessions.removeBy(accountKey(subject));
      await new Sessions(sessions, config.proof.session).endAll({ issuer: issuerAt(baseUrl), subject });
    },
    endClient: async (client) => void (await sessions.removeBy(clientKey(client))),
    close: async () => {
      await rows.close();
      await ledger.close();
      await store.close();
    },
  };
}

/** Absolute address by which the service is reached, for whoever works beside it. */
export function addressOf({ baseUrl, proof, port }: Pick<Config, "baseUrl" | "proof" | "port">): string {
  return baseUrl ?? `http${proof.tls ? "s" : ""}://localhost:${port}`;
}

/** Our own authorization server, as tokens name it. */
export function issuerAt(baseUrl: string): string {
  return `${baseUrl}/oauth`;
}
