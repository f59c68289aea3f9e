/** Everything secret, and everything about patients, is recognisable here: whatever writes one of them where it does not belong is found by looking. */
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey } from "jose";
import * as oidc from "openid-client";
import { documentJson } from "./documents.ts";
import { freePort } from "./support/free-port.ts";
import { beginWithPeople, PASSWORD, Visitor, type People } from "./support/people.ts";

const canary = (name: string): string => `canary-${name}-${randomBytes(6).toString("hex")}`;
const REDIRECT = "http://localhost:1/back";
const FAMILY = "Brandt";
/** What nobody but its owner knows, by name; answers to whom it belongs may bear it. */
const SECRETS = new Map<string, string>([["password", PASSWORD]]);
/** What is about a patient, or was typed to find one. */
const PATIENTS = new Map<string, string>([
  ["family name", FAMILY],
  ["title", canary("title")],
  ["narrative", canary("words")],
  ["search", canary("search")],
]);
/** Answers that refuse something. */
const refusals: string[] = [];
const commandLines: string[] = [];

let people: People;
let adminPort: number;
let privateKey: CryptoKey;

const secret = (name: string, value: string | undefined): string => {
  if (value === undefined || value.length < 8) throw new Error(`there is no ${name}`);
  SECRETS.set(name, value);
  return value;
};
const of = (kind: ReadonlyMap<string, string>, name: string): string => kind.get(name) ?? "";

beforeAll(async () => {
  adminPort = await freePort();
  people = await beginWithPeople({ LOG_LEVEL: "trace", ADMIN_PORT: String(adminPort) });
  const pair = await generateKeyPair("ES384", { extractable: true });
  privateKey = pair.privateKey;
  const file = join(people.environment["DATA_DIR"] ?? "", "keys.json");
  await writeFile(file, JSON.stringify({ keys: [{ ...(await exportJWK(pair.publicKey)), kid: "one", alg: "ES384" }] }));
  await people.command("clients", "add", "--id", "ward", "--scope", "system/*.cruds", "--jwks", file, "--role", "depositor", "--role", "reader");
  await people.command("clients", "add", "--id", "app", "--scope", "patient/*.rs", "--redirect", REDIRECT);
  secret("invitation", (await people.command("users", "add", "otto", "--role", "clinician")).trim().split("/").at(-1));
  await system();
  await person();
  await app();
  await refused();
});
afterAll(() => people.end());

async function asked(path: string, init: RequestInit = {}): Promise<string> {
  const answer = await fetch(`${people.url}${path}`, { redirect: "manual", ...init });
  const text = await answer.text();
  if (answer.status >= 400) refusals.push(`${path} ${JSON.stringify([...answer.headers])} ${text}`.replaceAll(path, ""));
  return text;
}

async function system(): Promise<void> {
  const claims = { iss: "ward", sub: "ward", aud: `${people.url}/oauth/token`, exp: Math.floor(Date.now() / 1000) + 120, jti: canary("jti") };
  const assertion = secret("assertion", await new SignJWT(claims).setProtectedHeader({ alg: "ES384", kid: "one" }).sign(privateKey));
  const type = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
  const body = { grant_type: "client_credentials", scope: "system/*.cruds", client_assertion_type: type, client_assertion: assertion };
  const post = (): Promise<string> => asked("/oauth/token", { method: "POST", body: new URLSearchParams(body) });
  const token = secret("bearer token", (JSON.parse(await post()) as { readonly access_token?: string }).access_token);
  await post();
  const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/fhir+json", Accept: "application/fhir+json" };
  const document = documentJson({ title: of(PATIENTS, "title"), words: of(PATIENTS, "narrative") });
  await asked("/fhir/Bundle", { method: "POST", body: document, headers });
  await asked("/fhir/Bundle", { method: "POST", body: document.slice(0, -40), headers });
  const search = of(PATIENTS, "search");
  for (const query of [`Patient?family=${search}`, `Observation?_bogus=${search}`, `Composition?_content=${search}`, `Bundle/${search}`])
    await asked(`/fhir/${query}`, { headers });
  await asked(`/fhir/Patient?family=${FAMILY}`, { headers });
  await asked(`/fhir/Bundle?access_token=${token}`, { headers });
}

async function person(): Promise<void> {
  const visitor = new Visitor(people.url);
  await visitor.go(`${people.url}/sign-in?to=${encodeURIComponent(`/?q=${of(PATIENTS, "search")}`)}`);
  await visitor.submit({ name: "anna", password: secret("wrong password", canary("wrong")) });
  await visitor.submit({ name: secret("password in the wrong place", canary("name")), password: PASSWORD });
  await visitor.submit({ name: "anna", password: PASSWORD });
  expect(visitor.status).toBe(200);
  secret("session", visitor.cookie("chartulary"));
  const [path] = /\/documents\/[0-9a-f-]{36}/.exec(await visitor.go(`${people.url}/?q=${FAMILY}`)) ?? [];
  const printed = visitor.go(`${people.url}${path ?? ""}.pdf`);
  // The browser that prints has a process of its own, and its command line.
  for (let look = 0; look < 20; look++) {
    commandLines.push(...allCommandLines());
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await printed;
  expect(visitor.status).toBe(200);
}

async function app(): Promise<void> {
  // The service is on this machine, without TLS.
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- marked so to make it stand out
  const allowed = { execute: [oidc.allowInsecureRequests] };
  const configuration = await oidc.discovery(new URL(`${people.url}/oauth`), "app", undefined, oidc.None(), allowed);
  const verifier = secret("verifier", oidc.randomPKCECodeVerifier());
  const state = secret("state", canary("state"));
  const visitor = new Visitor(people.url);
  const scope = "openid launch/patient patient/*.rs offline_access";
  const query = { redirect_uri: REDIRECT, scope, state, aud: `${people.url}/fhir`, code_challenge_method: "S256" };
  await visitor.go(oidc.buildAuthorizationUrl(configuration, { ...query, code_challenge: await oidc.calculatePKCECodeChallenge(verifier) }).href);
  await visitor.submit({ name: "anna", password: PASSWORD });
  const [, patient = ""] = /name="patient" value="([^"]+)"/.exec(visitor.page) ?? [];
  await visitor.submit({ patient });
  await visitor.submit({ answer: "allow" });
  const back = visitor.away;
  if (!back) throw new Error(visitor.page);
  secret("code", back.searchParams.get("code") ?? undefined);
  const tokens = await oidc.authorizationCodeGrant(configuration, back, { pkceCodeVerifier: verifier, expectedState: state });
  secret("refresh token", tokens.refresh_token);
  secret("access token of an app", tokens.access_token);
  secret("ID token", tokens.id_token);
  await oidc.refreshTokenGrant(configuration, tokens.refresh_token ?? "");
}

/** Everything once more, where it means nothing. */
async function refused(): Promise<void> {
  for (const value of SECRETS.values()) {
    const word = encodeURIComponent(value);
    await asked(`/fhir/Bundle?x=1`, { headers: { Authorization: `Bearer ${value.replaceAll(" ", "")}` } });
    await asked(`/fhir/Bundle?y=1`, { headers: { Authorization: `Basic ${Buffer.from(`anna:${value}`).toString("base64")}` } });
    await asked(`/fhir/Bundle?z=1`, { headers: { Cookie: `chartulary=${word}` } });
    await asked("/oauth/token", {
      method: "POST",
      body: new URLSearchParams({ grant_type: "refresh_token", refresh_token: value, client_id: "app" }),
    });
    await asked("/oauth/introspect", { method: "POST", body: new URLSearchParams({ token: value, client_id: "app" }) });
    await asked(`/sign-in/callback?code=${word}&state=${word}`);
    await asked(`/oauth/invitation/${word}`);
    await asked("/sign-in/back-channel-logout", { method: "POST", body: new URLSearchParams({ logout_token: value }) });
  }
}

function allCommandLines(): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        return [readFileSync(`/proc/${name}/cmdline`, "utf8")];
      } catch {
        return [];
      }
    });
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile());
}

const found = (text: string | Buffer, ...kinds: readonly ReadonlyMap<string, string>[]): string[] =>
  kinds.flatMap((kind) => [...kind]).flatMap(([name, value]) => (text.includes(value) ? [name] : []));

test("all of them were used, and things were refused", () => {
  expect([SECRETS.size, PATIENTS.size, refusals.length > 40]).toEqual([13, 4, true]);
  expect(commandLines.some((line) => line.includes("chartulary"))).toBe(true);
});

test("none stands in the log, at its most talkative", () => {
  const log = people.service.log();
  expect(log).toContain("/oauth/invitation/:token");
  expect(found(log, SECRETS, PATIENTS)).toEqual([]);
});

test("no refusal says one back that its address did not say", () => {
  expect(refusals.flatMap((refusal) => found(refusal, SECRETS).map((name) => `${name}: ${refusal.slice(0, 200)}`))).toEqual([]);
});

test("none stands in metrics or on a command line, the printing browser's among them", async () => {
  const metrics = await (await fetch(`http://127.0.0.1:${adminPort}/metrics`)).text();
  expect([metrics.includes("http"), found(metrics, SECRETS, PATIENTS)]).toEqual([true, []]);
  const own = commandLines.filter((line) => !line.includes("jest"));
  expect(found(own.join("\n"), SECRETS, PATIENTS)).toEqual([]);
});

test("no secret lies in a file of the data folder, nor a patient anywhere but in the index", () => {
  for (const path of filesBelow(people.environment["DATA_DIR"] ?? "")) {
    const kinds = path.includes("index.db") ? [SECRETS] : [SECRETS, PATIENTS];
    expect([path, found(readFileSync(path), ...kinds)]).toEqual([path, []]);
  }
});

test("the audit trail tells auditors no secret, whatever it stands in", async () => {
  const visitor = new Visitor(people.url);
  await visitor.go((await people.command("users", "add", "olga", "--role", "auditor")).trim());
  await visitor.submit({ way: "password", password: PASSWORD, again: PASSWORD });
  await visitor.go(`${people.url}/sign-in`);
  await visitor.submit({ name: "olga", password: PASSWORD });
  let text = "";
  for (let next: string | undefined = `${people.url}/fhir/AuditEvent?_count=100&_format=json`; next !== undefined;) {
    const page = await visitor.go(next);
    expect(visitor.status).toBe(200);
    text += page;
    const { link } = JSON.parse(page) as { readonly link: readonly { readonly relation: string; readonly url: string }[] };
    next = link.find(({ relation }) => relation === "next")?.url;
  }
  // IHE BALP keeps what was asked in base64.
  const asked = [...text.matchAll(/"query" ?: ?"([^"]+)"/g)].map(([, query = ""]) => Buffer.from(query, "base64").toString());
  expect(asked.join("\n")).toContain(of(PATIENTS, "search"));
  expect(found(`${text}\n${asked.join("\n")}`, SECRETS)).toEqual([]);
});
