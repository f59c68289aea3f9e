/** An issuer of another implementation, and how the HTTP interface believes it. */
import { BlockList } from "node:net";
import { exportJWK, generateKeyPair } from "jose";
import { OAuth2Server } from "oauth2-mock-server";
import type { CameOrLeft, Door, Refused } from "../../../src/http/access/door.ts";
import type { KnownCaller } from "../../../src/core/asked.ts";
import { createAuthenticator } from "../../../src/security/authentication/create-authenticator.ts";
import { smartConfiguration } from "../../../src/security/discovery/smart-configuration.ts";
import { remoteIssuer } from "../../../src/security/issuers/remote-issuer.ts";
import { memorySessions } from "../../security/sessions/memory-sessions.ts";
import { endByIssuer } from "../../../src/security/sign-in/back-channel-logout.ts";
import { SignIn } from "../../../src/security/sign-in/sign-in.ts";
import { Sessions } from "../../../src/security/sessions/sessions.ts";

export const BASE_URL = "https://documents.example.org";
export const AUDIENCE = `${BASE_URL}/fhir`;
export const CLAIM_PATHS = { roles: "roles", organisations: "organisations", clearance: "clearance", patient: "patient", purpose: "purpose_of_use" };

/** Listens, with one key; `stop` ends it. */
export async function startIssuer(): Promise<OAuth2Server> {
  const server = new OAuth2Server();
  const { privateKey } = await generateKeyPair("RS256", { extractable: true });
  // Its own `generate` does not know an object of jose's for one, where a test has a realm of its own.
  await server.issuer.keys.add({ ...(await exportJWK(privateKey)), kid: "one", alg: "RS256" });
  await server.start(0, "localhost");
  return server;
}

/** A token of the issuer's for us, with claims of the test's own. */
export function tokenOf({ issuer }: OAuth2Server, claims: Readonly<Record<string, unknown>> = {}, typ = "at+jwt"): Promise<string> {
  return issuer.buildToken({
    scopesOrTransform: (header, payload) => {
      header["typ"] = typ;
      Object.assign(payload, { aud: AUDIENCE, sub: "anna", client_id: "app", jti: "j1", scope: "user/*.cruds" }, claims);
    },
  });
}

export interface Believing {
  readonly door: Door;
  readonly sessions: Sessions;
  /** Everybody who was not let in. */
  readonly refused: Refused[];
  /** Who came in and left. */
  readonly events: CameOrLeft[];
}

/** Access by the word of issuers. `proxies`: addresses of those that are named; they pass certificates in `Client-Cert`. */
export function believing(
  issuers: readonly OAuth2Server[],
  {
    certificates = new Map<string, KnownCaller>(),
    proxies = [] as readonly string[],
    corsOrigins = [] as readonly string[],
    baseUrl = BASE_URL,
  } = {},
): Believing {
  const refused: Refused[] = [];
  const events: CameOrLeft[] = [];
  const sessions = new Sessions(memorySessions(), { idle: 900_000, longest: 28_800_000 });
  const remote = issuers.map(({ issuer }) => remoteIssuer(String(issuer.url)));
  const addresses = new BlockList();
  for (const address of proxies) addresses.addAddress(address);
  const clients = remote.map((issuer) => ({ issuer, clientId: "chartulary", clientSecret: "hunter2" }));
  const authenticator = createAuthenticator({
    issuers: remote,
    introspecting: clients,
    audience: AUDIENCE,
    tokenTypes: ["at+jwt"],
    claims: CLAIM_PATHS,
    certificates: { find: (thumbprint) => Promise.resolve(certificates.get(thumbprint)) },
    sessions,
  });
  const door: Door = {
    authenticator,
    people: {
      signIn: new SignIn({ clients, claims: CLAIM_PATHS, sessions, baseUrl }),
      sessions,
      endByIssuer: (token) => endByIssuer(token, { clients, sessions }),
      onCameOrLeft: (event) => void events.push(event),
    },
    smartConfiguration: async () => remote[0] && smartConfiguration(await remote[0].metadata()),
    issuers: () => Promise.all(remote.map((issuer) => issuer.state())),
    proxies: proxies.length === 0 ? undefined : { addresses, certificateHeader: "client-cert" },
    corsOrigins: new Set(corsOrigins),
    onRefused: (one) => void refused.push(one),
  };
  return { door, sessions, refused, events };
}
