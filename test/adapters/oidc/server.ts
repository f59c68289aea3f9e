/** The embedded authorization server over memory, and a browser and clients to talk to it with. */
import { createHash, randomBytes, randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from "jose";
import { EmbeddedServer } from "../../../src/adapters/oidc/embedded-server.ts";
import { openKeyFolder } from "../../../src/adapters/keys/key-folder.ts";
import type { ServerAnswer } from "../../../src/accounts/authorization-server.ts";
import { Clients, type ClientFacts } from "../../../src/accounts/clients.ts";
import { openTokenKeys } from "../../../src/accounts/token-keys.ts";
import { Users, type User } from "../../../src/accounts/users.ts";
import { askedByProgram } from "../../../src/core/asked.ts";
import { Ledger } from "../../../src/pipeline/log/ledger.ts";
import { Settings } from "../../../src/pipeline/settings.ts";
import { createDocumentKeys } from "../../../src/pipeline/store/document-keys.ts";
import { createSessionStore, type SessionStore } from "../../../src/pipeline/store/session-store.ts";
import { Memory, memoryKeys, MemoryRecord } from "../../contracts/memory-record.ts";
import { MemorySessions } from "../../contracts/memory-sessions.ts";

export const BASE = "https://records.example.org";
export const FHIR = `${BASE}/fhir`;
export const ISSUER = `${BASE}/oauth`;
export const REDIRECT = "https://app.example.com/back?of=1";
export const ASKED = askedByProgram("a test");
export const SCOPE = "openid fhirUser launch/patient offline_access patient/*.rs";

export interface TestServer {
  readonly server: EmbeddedServer;
  readonly users: Users;
  readonly clients: Clients;
  readonly sessions: SessionStore;
  readonly settings: Settings;
  /** Another instance on the same settings and sessions. */
  another(): Promise<EmbeddedServer>;
}

export async function testServer(): Promise<TestServer> {
  const folder = mkdtempSync(join(tmpdir(), "chartulary-keys-"));
  const keys = await openKeyFolder(folder);
  rmSync(folder, { recursive: true });
  const memory = new Memory();
  const open = async (): Promise<Settings> => {
    const store = new MemoryRecord(memory);
    return Settings.open({
      ...{ store, keys, documentKeys: createDocumentKeys(keys, memoryKeys(memory)), ledger: await Ledger.open(store, keys.log) },
      ...{ gate: { admit: (at: Date) => Promise.resolve(at) }, newId: () => randomUUID() },
    });
  };
  const sessions = await createSessionStore(new MemorySessions(), keys);
  const made = async (settings: Settings): Promise<EmbeddedServer> =>
    new EmbeddedServer(
      {
        ...{
          issuer: ISSUER,
          fhirBase: FHIR,
          signIn: `${BASE}/sign-in`,
          sessions,
          cookieSecret: "secret",
          session: { idle: 900_000, longest: 3_600_000 },
        },
        own: { id: "chartulary-pages", redirects: [`${BASE}/signed-in`], afterSignOut: [`${BASE}/`] },
        ...{ users: new Users(settings), clients: new Clients(settings) },
      },
      await openTokenKeys(settings, ASKED),
      () => openTokenKeys(settings, ASKED),
    );
  const settings = await open();
  return {
    server: await made(settings),
    ...{ users: new Users(settings), clients: new Clients(settings), sessions, settings },
    another: async () => made(await open()),
  };
}

export const APP: ClientFacts = {
  ...{ label: "Growth charts", scope: "patient/*.rs user/*.rs", redirects: [REDIRECT] },
  ...{ roles: [], organisations: [], clearance: [], isDisabled: false },
};

/** A key pair of a client, and its public half as a JWK. */
/** A server with a clinician, and an app that people may use. */
export async function serverWithAnna(): Promise<{ readonly made: TestServer; readonly anna: User }> {
  const made = await testServer();
  const anna = await made.users.add("anna", { fullName: "Dr Anna Meyer", roles: ["clinician"], fhirUser: "Practitioner/1" }, ASKED);
  await made.clients.add("app", APP, ASKED);
  return { made, anna };
}

export async function newKey(alg: "RS384" | "ES384"): Promise<{ readonly privateKey: CryptoKey; readonly jwk: JWK; readonly alg: string }> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return { privateKey, jwk: { ...(await exportJWK(publicKey)), kid: `key-${alg}`, alg, use: "sig" }, alg };
}

export interface Assertion {
  readonly client: string;
  readonly key: { readonly privateKey: CryptoKey; readonly alg: string };
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly kid?: string;
}

export async function assertionOf({ client, key, claims = {}, kid = `key-${key.alg}` }: Assertion): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  return new SignJWT({ iss: client, sub: client, aud: `${ISSUER}/token`, exp: now + 240, jti: randomUUID(), ...claims })
    .setProtectedHeader({ alg: key.alg, kid, typ: "JWT" })
    .sign(key.privateKey);
}

export function post(
  server: EmbeddedServer,
  target: string,
  form: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>> = {},
): Promise<ServerAnswer> {
  const body = Buffer.from(new URLSearchParams(form).toString());
  return server.answer({ method: "POST", target, headers: { "content-type": "application/x-www-form-urlencoded", ...headers }, body });
}

export function jsonOf({ body }: ServerAnswer): Record<string, unknown> {
  return JSON.parse(Buffer.from(body).toString()) as Record<string, unknown>;
}

export function headerOf({ headers }: ServerAnswer, name: string): string | undefined {
  const [, value] = headers.findLast(([one]) => one.toLowerCase() === name) ?? [];
  return typeof value === "string" ? value : value?.join("; ");
}

export const ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/** A browser: it keeps cookies, whatever their paths, and follows nothing by itself. */
export class Browser {
  readonly #cookies = new Map<string, string>();

  get cookie(): string {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  }

  async get(server: EmbeddedServer, target: string): Promise<ServerAnswer> {
    const answer = await server.answer({ method: "GET", target, headers: { cookie: this.cookie, accept: "text/html" }, body: new Uint8Array() });
    for (const [name, value] of answer.headers) {
      if (name.toLowerCase() !== "set-cookie") continue;
      for (const cookie of typeof value === "string" ? [value] : value) {
        const [, key = "", text = ""] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
        if (text === "") this.#cookies.delete(key);
        else this.#cookies.set(key, text);
      }
    }
    return answer;
  }
}

export interface Pkce {
  readonly verifier: string;
  readonly challenge: string;
}

export function newPkce(): Pkce {
  const verifier = randomBytes(32).toString("base64url");
  return { verifier, challenge: createHash("sha256").update(verifier).digest("base64url") };
}

export function authorizePath(client: string, { challenge }: Pkce, over: Readonly<Record<string, string | undefined>> = {}): string {
  const query: Record<string, string | undefined> = {
    ...{ response_type: "code", client_id: client, redirect_uri: REDIRECT, scope: SCOPE, state: "a state", aud: FHIR },
    ...{ code_challenge: challenge, code_challenge_method: "S256" },
    ...over,
  };
  const given = Object.entries(query).filter((pair): pair is [string, string] => pair[1] !== undefined);
  return `/authorize?${new URLSearchParams(given).toString()}`;
}

/** Goes through an authorization: signs in, chooses a patient, allows; gives where the browser is led at last. */
export async function throughPages(server: EmbeddedServer, browser: Browser, path: string, subject: string): Promise<URL> {
  let answer = await browser.get(server, path);
  for (let step = 0; step < 10; step++) {
    const location = headerOf(answer, "location") ?? "";
    if (location.startsWith(`${BASE}/sign-in/`)) {
      const uid = location.slice(`${BASE}/sign-in/`.length);
      const interaction = await server.interaction(uid, browser.cookie);
      if (!interaction) throw new Error("no interaction");
      const result = {
        login: { kind: "login", subject, by: "password" },
        patient: { kind: "patient", patient: "p-1" },
        consent: { kind: "consent", scopes: interaction.scopes },
      } as const;
      const next = await server.finish(uid, browser.cookie, result[interaction.prompt]);
      answer = await browser.get(server, next.slice(ISSUER.length));
    } else if (location.startsWith(ISSUER)) answer = await browser.get(server, location.slice(ISSUER.length));
    else if (location !== "") return new URL(location);
    else throw new Error(`stopped at ${answer.status} ${JSON.stringify(answer.page)} ${Buffer.from(answer.body).toString()}`);
  }
  throw new Error("led round and round");
}
