/** Programs that nobody here wrote get tokens of the embedded authorization server and read with them: openid-client as an app, jose and fetch as a system by itself. And what attackers try over the wire. */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { randomUUID } from "node:crypto";
import { request } from "node:http";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey } from "jose";
import * as oidc from "openid-client";
import { documentJson } from "./documents.ts";
import { beginWithPeople, PASSWORD, Visitor, type People } from "./support/people.ts";
import { chartulary } from "./support/service.ts";

const REDIRECT = "http://localhost:1/back";
const FHIR_JSON = { "Content-Type": "application/fhir+json", Accept: "application/fhir+json", Connection: "close" };

interface Key {
  readonly alg: "ES384" | "RS384";
  readonly privateKey: CryptoKey;
}

let people: People;
let keys: readonly Key[];
let patient = "";

beforeAll(async () => {
  people = await beginWithPeople();
  const made = await Promise.all(
    (["ES384", "RS384"] as const).map(async (alg) => {
      const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
      return { alg, privateKey, jwk: { ...(await exportJWK(publicKey)), kid: alg, alg, use: "sig" } };
    }),
  );
  keys = made;
  const file = join(people.environment["DATA_DIR"] ?? "", "keys.json");
  await writeFile(file, JSON.stringify({ keys: made.map(({ jwk }) => jwk) }));
  await people.command("clients", "add", "--id", "ward", "--scope", "system/*.cruds", "--jwks", file, "--role", "depositor", "--role", "reader");
  await people.command("clients", "add", "--id", "app", "--name", "Growth charts", "--scope", "patient/*.rs", "--redirect", REDIRECT);
  const token = await systemToken("system/Bundle.c", keys[0]);
  for (const title of ["First letter", "Second letter"]) {
    const answer = await fetch(`${people.url}/fhir/Bundle`, {
      method: "POST",
      headers: { ...FHIR_JSON, Authorization: `Bearer ${token}` },
      body: documentJson({ title }),
    });
    expect(answer.status).toBe(201);
  }
});
afterAll(() => people.end());

async function assertion(key: Key, claims: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  return new SignJWT({ iss: "ward", sub: "ward", aud: `${people.url}/oauth/token`, exp: now + 120, jti: randomUUID(), ...claims })
    .setProtectedHeader({ alg: key.alg, kid: key.alg, typ: "JWT" })
    .sign(key.privateKey);
}

function ask(form: Readonly<Record<string, string>>, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
  return fetch(`${people.url}/oauth/token`, { method: "POST", body: new URLSearchParams(form), headers: { Connection: "close", ...headers } });
}

async function askAsSystem(scope: string, client_assertion: string): Promise<Response> {
  const client_assertion_type = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
  return ask({ grant_type: "client_credentials", scope, client_assertion_type, client_assertion });
}

async function systemToken(scope: string, key: Key | undefined): Promise<string> {
  if (!key) throw new Error("no key");
  const answer = await askAsSystem(scope, await assertion(key));
  expect(answer.status).toBe(200);
  return ((await answer.json()) as { access_token: string }).access_token;
}

const read = (path: string, token: string): Promise<Response> =>
  fetch(`${people.url}/fhir/${path}`, { headers: { ...FHIR_JSON, Authorization: `Bearer ${token}` } });

describe("a system by itself", () => {
  test("finds the way by SMART's configuration, gets a token by either kind of key, and reads with it", async () => {
    const smart = (await (await fetch(`${people.url}/fhir/.well-known/smart-configuration`)).json()) as Record<string, unknown>;
    expect(smart).toMatchObject({ token_endpoint: `${people.url}/oauth/token`, code_challenge_methods_supported: ["S256"] });
    expect(smart["capabilities"]).toEqual(
      expect.arrayContaining(["launch-standalone", "client-public", "client-confidential-asymmetric", "context-standalone-patient", "permission-v2"]),
    );
    for (const key of keys) {
      const answer = await askAsSystem("system/Composition.rs", await assertion(key));
      expect(answer.headers.get("Cache-Control")).toBe("no-store");
      expect(answer.headers.get("Pragma")).toBe("no-cache");
      const token = ((await answer.json()) as { access_token: string }).access_token;
      const found = (await (await read("Composition", token)).json()) as { total: number };
      expect(found.total).toBe(2);
      expect((await read("Observation", token)).status).toBe(403);
    }
  });

  test("uses an assertion once, and no longer than it may", async () => {
    const [key] = keys;
    if (!key) throw new Error("no key");
    const once = await assertion(key);
    expect((await askAsSystem("system/*.rs", once)).status).toBe(200);
    expect((await askAsSystem("system/*.rs", once)).status).toBe(401);
    const now = Math.floor(Date.now() / 1000);
    for (const claims of [{ exp: now - 60 }, { exp: now + 3_600 }, { aud: "https://elsewhere.example.org/token" }])
      expect((await askAsSystem("system/*.rs", await assertion(key, claims))).status).toBe(401);
  });

  test("with other keys goes on with those alone", async () => {
    const { publicKey, privateKey } = await generateKeyPair("ES384", { extractable: true });
    const file = join(people.environment["DATA_DIR"] ?? "", "other.json");
    await writeFile(file, JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: "ES384", alg: "ES384" }] }));
    await people.command("clients", "add", "--id", "other", "--scope", "system/*.rs", "--jwks", file);
    const claims = { iss: "other", sub: "other" };
    const key: Key = { alg: "ES384", privateKey };
    expect((await askAsSystem("system/*.rs", await assertion(key, claims))).status).toBe(200);
    await people.command("clients", "rotate", "other", "--jwks", join(people.environment["DATA_DIR"] ?? "", "keys.json"));
    expect((await askAsSystem("system/*.rs", await assertion(key, claims))).status).toBe(401);
    const [first] = keys;
    if (!first) throw new Error("no key");
    expect((await askAsSystem("system/*.rs", await assertion(first, claims))).status).toBe(200);
    await people.command("clients", "disable", "other");
    expect((await askAsSystem("system/*.rs", await assertion(first, claims))).status).toBe(401);
  });
});

/** As openid-client does it, with the pages gone through by a browser without script. */
async function launch(
  scope: string,
): Promise<{ readonly configuration: oidc.Configuration; readonly back: URL; readonly verifier: string; readonly state: string }> {
  // The service is on this machine, without TLS.
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- marked so to make it stand out
  const allowed = { execute: [oidc.allowInsecureRequests] };
  const configuration = await oidc.discovery(new URL(`${people.url}/oauth`), "app", undefined, oidc.None(), allowed);
  const verifier = oidc.randomPKCECodeVerifier();
  const state = oidc.randomState();
  const address = oidc.buildAuthorizationUrl(configuration, {
    ...{ redirect_uri: REDIRECT, scope, state, aud: `${people.url}/fhir` },
    ...{ code_challenge: await oidc.calculatePKCECodeChallenge(verifier), code_challenge_method: "S256" },
  });
  const visitor = new Visitor(people.url);
  await visitor.go(address.href);
  expect(visitor.page).toContain("Sign in to go on to");
  expect(await visitor.submit({ name: "anna", password: "a wrong password" })).toContain("do not match");
  expect(visitor.status).toBe(403);
  await visitor.submit({ name: "anna", password: PASSWORD });
  expect(visitor.page).toContain("Whose data may");
  const [, chosen = ""] = /name="patient" value="([^"]+)"/.exec(visitor.page) ?? [];
  patient = chosen;
  await visitor.submit({ patient: chosen });
  expect(visitor.page).toContain("Allow Growth charts?");
  await visitor.submit({ answer: "allow" });
  if (!visitor.away) throw new Error(`led nowhere: ${visitor.page}`);
  return { configuration, back: visitor.away, verifier, state };
}

const SCOPE = "openid fhirUser launch/patient offline_access patient/*.rs";

describe("an app", () => {
  test("signs somebody in, reads the patient's data, refreshes, and gives its token back", async () => {
    const { configuration, back, verifier, state } = await launch(SCOPE);
    const tokens = await oidc.authorizationCodeGrant(configuration, back, { pkceCodeVerifier: verifier, expectedState: state });
    expect(tokens.claims()).toMatchObject({ fhirUser: `${people.url}/fhir/Practitioner/1` });
    expect(tokens["patient"]).toBe(patient);
    expect(tokens.scope).toContain("patient/*.rs");
    const own = await read(`Patient/${patient}`, tokens.access_token);
    expect(own.status).toBe(200);
    expect((await read("Patient", tokens.access_token)).status).toBe(200);
    const refreshed = await oidc.refreshTokenGrant(configuration, tokens.refresh_token ?? "");
    expect(refreshed.refresh_token).not.toBe(tokens.refresh_token);
    expect((await read(`Patient/${patient}`, refreshed.access_token)).status).toBe(200);
    await oidc.tokenRevocation(configuration, refreshed.access_token);
    expect((await read(`Patient/${patient}`, refreshed.access_token)).status).toBe(401);
    await oidc.tokenRevocation(configuration, refreshed.refresh_token ?? "");
    await expect(oidc.refreshTokenGrant(configuration, refreshed.refresh_token ?? "")).rejects.toThrow();
    // What came of the same consent ends with it.
    expect((await read(`Patient/${patient}`, tokens.access_token)).status).toBe(401);
  });

  test("with a stolen refresh token: whoever comes third ends it for all, at once", async () => {
    const { configuration, back, verifier, state } = await launch(SCOPE);
    const tokens = await oidc.authorizationCodeGrant(configuration, back, { pkceCodeVerifier: verifier, expectedState: state });
    const thiefs = await oidc.refreshTokenGrant(configuration, tokens.refresh_token ?? "");
    // Its owner may have lost an answer; by that the thief's token is good no longer.
    const owners = await oidc.refreshTokenGrant(configuration, tokens.refresh_token ?? "");
    await expect(oidc.refreshTokenGrant(configuration, thiefs.refresh_token ?? "")).rejects.toThrow();
    await expect(oidc.refreshTokenGrant(configuration, owners.refresh_token ?? "")).rejects.toThrow();
    for (const { access_token: token } of [thiefs, owners]) expect((await read(`Patient/${patient}`, token)).status).toBe(401);
  });

  test("with a code that comes again: nothing that came of it is good any more", async () => {
    const { configuration, back, verifier, state } = await launch(SCOPE);
    const tokens = await oidc.authorizationCodeGrant(configuration, back, { pkceCodeVerifier: verifier, expectedState: state });
    await expect(oidc.authorizationCodeGrant(configuration, back, { pkceCodeVerifier: verifier, expectedState: state })).rejects.toThrow();
    expect((await read(`Patient/${patient}`, tokens.access_token)).status).toBe(401);
  });

  test("of somebody who is disabled reads nothing more, from the next request on", async () => {
    await people.command("users", "add", "otto", "--role", "clinician");
    const { configuration, back, verifier, state } = await launch(SCOPE);
    const tokens = await oidc.authorizationCodeGrant(configuration, back, { pkceCodeVerifier: verifier, expectedState: state });
    expect((await read(`Patient/${patient}`, tokens.access_token)).status).toBe(200);
    await people.command("users", "disable", "anna");
    expect((await read(`Patient/${patient}`, tokens.access_token)).status).toBe(401);
    await people.command("users", "enable", "anna");
    await expect(oidc.refreshTokenGrant(configuration, tokens.refresh_token ?? "")).rejects.toThrow();
  });
});

describe("somebody at our own pages", () => {
  const signedIn = async (): Promise<Visitor> => {
    const visitor = new Visitor(people.url);
    await visitor.go(`${people.url}/sign-in`);
    await visitor.submit({ name: "anna", password: PASSWORD });
    expect(await isOut(visitor)).toBe(false);
    return visitor;
  };
  const isOut = async (visitor: Visitor): Promise<boolean> => {
    await visitor.go(people.url);
    expect([200, 401]).toContain(visitor.status);
    return visitor.status === 401;
  };

  test("whom an app leads to sign out is signed out here, too", async () => {
    await people.command("users", "enable", "anna");
    const visitor = await signedIn();
    await visitor.go(`${people.url}/oauth/sign-out?client_id=app`);
    expect(visitor.page).toContain('name="xsrf"');
    await visitor.submit({ logout: "yes" });
    expect(await isOut(visitor)).toBe(true);
  });

  test("whose account was given anew by another link is signed out of what was begun before", async () => {
    const visitor = await signedIn();
    const owner = new Visitor(people.url);
    await owner.go((await people.command("users", "invite", "anna")).trim());
    await owner.submit({ way: "password", password: PASSWORD, again: PASSWORD });
    expect(await isOut(visitor)).toBe(true);
  });
});

describe("over the wire", () => {
  /** As fetch would never send it. */
  const raw = (path: string, headers: Readonly<Record<string, string>>): Promise<{ status: number; text: string; location: string | undefined }> =>
    new Promise((resolve, reject) => {
      const url = new URL(path, people.url);
      const sent = request({ host: "127.0.0.1", port: url.port, path: url.pathname + url.search, headers }, (answer) => {
        let text = "";
        answer.setEncoding("utf8").on("data", (piece: string) => (text += piece));
        answer.on("end", () => resolve({ status: answer.statusCode ?? 0, text, location: answer.headers.location }));
      });
      sent.on("error", reject).end();
    });

  test("a forged Host is refused, and what is forwarded by nobody changes no address", async () => {
    expect((await raw("/oauth/.well-known/openid-configuration", { Host: "evil.example.com" })).status).toBe(421);
    const forwarded = { "X-Forwarded-Host": "evil.example.com", "X-Forwarded-Proto": "https", Forwarded: "host=evil.example.com;proto=https" };
    const told = await raw("/oauth/.well-known/openid-configuration", { Host: new URL(people.url).host, ...forwarded });
    expect(told.status).toBe(200);
    expect(told.text).not.toContain("evil");
  });

  test("an app's own page may call, another's may not, and no page may end a sign-in from elsewhere", async () => {
    const cors = await fetch(`${people.url}/oauth/token`, {
      method: "OPTIONS",
      headers: { Origin: "http://localhost:1", "Access-Control-Request-Method": "POST" },
    });
    expect(cors.headers.get("Access-Control-Allow-Origin")).toBe("http://localhost:1");
    const form = { grant_type: "refresh_token", refresh_token: "x", client_id: "app" };
    expect((await ask(form, { Origin: "http://localhost:1" })).headers.get("Access-Control-Allow-Origin")).toBe("http://localhost:1");
    expect((await ask(form, { Origin: "https://evil.example.com" })).headers.get("Access-Control-Allow-Origin")).toBeNull();
    const posted = await fetch(`${people.url}/oauth/sign-in/x`, {
      method: "POST",
      body: new URLSearchParams({ name: "anna" }),
      headers: { Origin: "https://evil.example.com" },
    });
    expect(posted.status).toBe(403);
  });

  test("what is too large, of another kind, or at no address is refused, without a word of the library", async () => {
    expect((await ask({ grant_type: "x".repeat(70_000) })).status).toBe(413);
    // A name that stands there again and again is looked through again and again.
    const repeated = await fetch(`${people.url}/oauth/authorize`, {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: `client_id=chartulary&${"a=&".repeat(18_000)}`,
    });
    expect([repeated.status, await repeated.text()]).toEqual([400, expect.stringContaining("at most 100 parameters")]);
    expect((await fetch(`${people.url}/oauth/authorize?${"a=&".repeat(2_000)}`)).status).toBe(400);
    expect((await fetch(`${people.url}/oauth/token`, { method: "PUT", body: "x" })).status).toBe(405);
    expect((await fetch(`${people.url}/oauth/nothing`)).status).toBe(404);
    const json = await fetch(`${people.url}/oauth/token`, {
      method: "POST",
      body: "{}",
      headers: { "Content-Type": "application/json", Connection: "close" },
    });
    expect(json.status).toBe(400);
    for (const path of ["/oauth/reg", "/oauth/me", "/oauth/device/auth", "/oauth/request", "/oauth/interaction/x"])
      expect([path, (await fetch(`${people.url}${path}`)).status]).toEqual([path, 404]);
  });

  test("whoever guesses waits, and whose device it is does not", async () => {
    await people.command("users", "enable", "anna");
    const start = async (): Promise<Visitor> => {
      const visitor = new Visitor(people.url);
      const query = new URLSearchParams({
        ...{ response_type: "code", client_id: "app", redirect_uri: REDIRECT, scope: SCOPE, aud: `${people.url}/fhir` },
        ...{ code_challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", code_challenge_method: "S256", prompt: "login" },
      });
      await visitor.go(`${people.url}/oauth/authorize?${query.toString()}`);
      return visitor;
    };
    const own = await start();
    await own.submit({ name: "anna", password: PASSWORD });
    const thief = await start();
    for (let guess = 0; thief.status !== 429 && guess < 12; guess++) await thief.submit({ name: "anna", password: `guess number ${guess}` });
    expect(thief.status).toBe(429);
    expect(await thief.submit({ name: "anna", password: PASSWORD })).toContain("too many attempts");
    await own.go(own.at.replace(/\/oauth\/.*/, "/oauth/sign-in/over"));
    expect(own.status).toBe(410);
  });

  test("no password, token, link or name of a person stands in the log of the service", () => {
    const log = people.service.log();
    for (const word of [PASSWORD, "a wrong password", "guess number", "anna", "eyJ"]) expect([word, log.includes(word)]).toEqual([word, false]);
    expect(log).toContain("/oauth/invitation/:token");
    expect(log).not.toMatch(/invitation\/[\w-]{20}/);
  });

  test("the audit is content with all of it, and a backup has it", async () => {
    const { code, output } = await chartulary(["audit", "--json"], people.environment);
    expect([code, output.includes('"findings":[]') || output.includes('"count":0')]).toEqual([0, true]);
  });
});
