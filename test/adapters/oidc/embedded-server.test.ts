/** The embedded authorization server by itself: what it issues, to whom, and what it refuses. */
import { beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { createLocalJWKSet, decodeJwt, jwtVerify } from "jose";
import type { EmbeddedServer } from "../../../src/adapters/oidc/embedded-server.ts";
import type { User } from "../../../src/accounts/users.ts";
import {
  APP, ASKED, assertionOf, ASSERTION_TYPE, authorizePath, Browser, FHIR, headerOf, ISSUER, jsonOf, newKey, newPkce, post, REDIRECT, testServer, throughPages,
  type Assertion, type TestServer,
} from "./server.ts"; // prettier-ignore

let made: TestServer;
let server: EmbeddedServer;
let anna: User;
let es: Awaited<ReturnType<typeof newKey>>;
let rs: Awaited<ReturnType<typeof newKey>>;
beforeAll(async () => {
  [es, rs] = await Promise.all([newKey("ES384"), newKey("RS384")]);
});
beforeEach(async () => {
  made = await testServer();
  server = made.server;
  anna = await made.users.add(
    "anna",
    { fullName: "Dr Anna Meyer", roles: ["clinician"], fhirUser: "Practitioner/1", organisations: ["urn:o|1"] },
    ASKED,
  );
  await made.clients.add("app", APP, ASKED);
  const keys = { keys: [es.jwk, rs.jwk] };
  await made.clients.add("backend", { ...APP, label: "Backend", scope: "system/*.rs", redirects: [], keys, roles: ["sender"] }, ASKED);
});

const tokenFor = async (assertion: Assertion, scope = "system/Observation.rs", at: EmbeddedServer = server) =>
  post(at, "/token", {
    ...{ grant_type: "client_credentials", scope, client_assertion_type: ASSERTION_TYPE },
    client_assertion: await assertionOf(assertion),
  });

describe("a system by itself (SMART Backend Services)", () => {
  test.each(["ES384", "RS384"])("gets a token for our FHIR interface by %s, five minutes long", async (alg) => {
    const answer = await tokenFor({ client: "backend", key: alg === "ES384" ? es : rs });
    expect(answer.status).toBe(200);
    expect(jsonOf(answer)).toMatchObject({ token_type: "Bearer", expires_in: 300, scope: "system/Observation.rs" });
    expect(headerOf(answer, "cache-control")).toBe("no-store");
    expect(headerOf(answer, "pragma")).toBe("no-cache");
    const { payload, protectedHeader } = await jwtVerify(String(jsonOf(answer)["access_token"]), createLocalJWKSet(server.publicKeys()), {
      issuer: ISSUER,
      audience: FHIR,
    });
    expect(protectedHeader).toMatchObject({ typ: "at+jwt", alg: "ES256" });
    expect(payload).toMatchObject({ sub: "backend", client_id: "backend", roles: ["sender"], scope: "system/Observation.rs" });
  });

  test("gets what it was registered for and no more: narrower scopes, never wider ones", async () => {
    const scopeOf = async (scope: string): Promise<unknown> => jsonOf(await tokenFor({ client: "backend", key: es }, scope))["scope"];
    expect(await scopeOf("system/*.rs")).toBe("system/*.rs");
    expect(await scopeOf("system/Observation.rs?category=laboratory system/Patient.cruds user/Patient.rs")).toBe(
      "system/Observation.rs?category=laboratory",
    );
    for (const scope of ["system/*.cruds", "system/Patient.sr", "patient/*.rs", "openid"]) {
      const answer = await tokenFor({ client: "backend", key: es }, scope);
      expect([scope, answer.status, jsonOf(answer)["error"]]).toEqual([scope, 400, "invalid_scope"]);
    }
  });

  const now = (): number => Math.floor(Date.now() / 1000);
  test.each<[string, () => Partial<Assertion>]>([
    ["of another audience", () => ({ claims: { aud: "https://elsewhere.example.org/token" } })],
    ["expired", () => ({ claims: { exp: now() - 60 } })],
    ["good for longer than five minutes", () => ({ claims: { exp: now() + 3_600 } })],
    ["without an end", () => ({ claims: { exp: undefined } })],
    ["without a number", () => ({ claims: { jti: undefined } })],
    ["by another subject", () => ({ claims: { sub: "app" } })],
    ["of another issuer", () => ({ claims: { iss: "app" } })],
    ["by a key that has no such name", () => ({ kid: "another" })],
  ])("is refused with an assertion %s", async (_what, over) => {
    const answer = await tokenFor({ client: "backend", key: es, ...over() });
    expect([400, 401]).toContain(answer.status);
    expect(String(jsonOf(answer)["error"])).toMatch(/^invalid_(client|request)$/);
    expect(jsonOf(answer)["access_token"]).toBeUndefined();
  });

  test("is refused with a key of somebody else's, with no signature, and with our own public key as a secret", async () => {
    const other = await newKey("ES384");
    expect((await tokenFor({ client: "backend", key: other })).status).toBe(401);
    const [, body = ""] = (await assertionOf({ client: "backend", key: es })).split(".");
    for (const header of [{ alg: "none" }, { alg: "HS384", kid: "key-ES384" }]) {
      const unsigned = `${Buffer.from(JSON.stringify(header)).toString("base64url")}.${body}.${header.alg === "none" ? "" : "AAAA"}`;
      const form = { grant_type: "client_credentials", scope: "system/*.rs", client_assertion_type: ASSERTION_TYPE, client_assertion: unsigned };
      expect((await post(server, "/token", form)).status).toBe(401);
    }
  });

  test("uses an assertion once: not again, not twice at once, not at another instance", async () => {
    const claims = { jti: "one" };
    const other = await made.another();
    const all = await Promise.all([server, other, server, other].map((at) => tokenFor({ client: "backend", key: es, claims }, undefined, at)));
    expect(all.map(({ status }) => status).sort()).toEqual([200, 401, 401, 401]);
    expect((await tokenFor({ client: "backend", key: es, claims })).status).toBe(401);
  });

  test("that is disabled gets none, and what it has ends", async () => {
    const token = String(jsonOf(await tokenFor({ client: "backend", key: es }))["access_token"]);
    const { jti = "", sub = "" } = decodeJwt(token);
    expect(await server.stillHolds({ jti, sub, client_id: "backend", grant: undefined })).toBe(true);
    const backend = await made.clients.find("backend");
    if (!backend) throw new Error("not there");
    await made.clients.change(backend, { isDisabled: true }, ASKED);
    expect(await server.stillHolds({ jti, sub, client_id: "backend", grant: undefined })).toBe(false);
    expect((await tokenFor({ client: "backend", key: es })).status).toBe(401);
  });
});

describe("an app that a person opens", () => {
  const exchange = (code: string, verifier: string, over: Readonly<Record<string, string>> = {}) =>
    post(server, "/token", { grant_type: "authorization_code", code, redirect_uri: REDIRECT, client_id: "app", code_verifier: verifier, ...over });
  const refresh = (token: string, over: Readonly<Record<string, string>> = {}) =>
    post(server, "/token", { grant_type: "refresh_token", refresh_token: token, client_id: "app", ...over });
  const launched = async (
    over: Readonly<Record<string, string | undefined>> = {},
    browser = new Browser(),
  ): Promise<{ code: string; verifier: string; url: URL }> => {
    const pkce = newPkce();
    const url = await throughPages(server, browser, authorizePath("app", pkce, over), anna.subject);
    return { code: url.searchParams.get("code") ?? "", verifier: pkce.verifier, url };
  };

  test("is led back with a code, and gets tokens with who it is, the patient, and what was allowed", async () => {
    const { code, verifier, url } = await launched();
    expect(url.href.startsWith(REDIRECT)).toBe(true);
    expect(Object.fromEntries(url.searchParams)).toMatchObject({ of: "1", state: "a state", iss: ISSUER });
    const answer = await exchange(code, verifier);
    expect(answer.status).toBe(200);
    const body = jsonOf(answer);
    expect(body).toMatchObject({
      token_type: "Bearer",
      expires_in: 300,
      patient: "p-1",
      scope: "openid fhirUser launch/patient offline_access patient/*.rs",
    });
    const keys = createLocalJWKSet(server.publicKeys());
    const id = await jwtVerify(String(body["id_token"]), keys, { issuer: ISSUER, audience: "app", algorithms: ["RS256"] });
    expect(id.payload).toMatchObject({ sub: anna.subject, fhirUser: `${FHIR}/Practitioner/1` });
    // What the policy goes by is no app's business.
    expect(id.payload["roles"]).toBeUndefined();
    const access = await jwtVerify(String(body["access_token"]), keys, { issuer: ISSUER, audience: FHIR, algorithms: ["ES256"], typ: "at+jwt" });
    expect(access.payload).toMatchObject({
      sub: anna.subject,
      client_id: "app",
      patient: "p-1",
      roles: ["clinician"],
      organisations: ["urn:o|1"],
      scope: body["scope"],
    });
  });

  test("can ask by a form as by an address", async () => {
    const pkce = newPkce();
    const path = authorizePath("app", pkce);
    const answer = await post(server, "/authorize", Object.fromEntries(new URLSearchParams(path.split("?")[1])));
    expect(answer.status).toBe(303);
    expect(headerOf(answer, "location")).toMatch(/\/sign-in\//);
  });

  test.each<[string, Record<string, string | undefined>]>([
    ["a redirect that is not its own", { redirect_uri: "https://app.example.com/back?of=2" }],
    ["a redirect that begins as its own does", { redirect_uri: `${REDIRECT}/..` }],
    ["no redirect", { redirect_uri: "" }],
  ])("is led nowhere with %s", async (_what, over) => {
    const answer = await new Browser().get(server, authorizePath("app", newPkce(), over));
    expect(answer.status).toBe(400);
    expect(headerOf(answer, "location")).toBeUndefined();
    expect(answer.page).toMatchObject({ kind: "error" });
  });

  test.each<[string, Record<string, string | undefined>, string]>([
    ["an answer by a form that a script posts", { response_mode: "form_post" }, "unsupported_response_mode"],
    ["a plain challenge", { code_challenge_method: "plain" }, "invalid_request"],
    ["no method of its challenge", { code_challenge_method: undefined }, "invalid_request"],
    ["no challenge", { code_challenge: undefined, code_challenge_method: undefined }, "invalid_request"],
    ["the address of another server", { aud: "https://elsewhere.example.org/fhir" }, "invalid_request"],
    ["no address of a server", { aud: undefined }, "invalid_request"],
    ["a token without a code", { response_type: "token" }, "unsupported_response_type"],
    ["a request within its request", { request: "a.b.c" }, "request_not_supported"],
    ["what is to be fetched", { request_uri: "https://app.example.com/request" }, "request_uri_not_supported"],
    ["another resource", { resource: "https://elsewhere.example.org/" }, "invalid_target"],
  ])("is refused when it asks with %s", async (_what, over, error) => {
    const answer = await new Browser().get(server, authorizePath("app", newPkce(), over));
    const { search, hash } = new URL(headerOf(answer, "location") ?? "");
    expect(new URLSearchParams(hash === "" ? search : hash.slice(1)).get("error")).toBe(error);
  });

  test("gets nothing for a code with another verifier, another redirect, or as another client", async () => {
    await made.clients.add("app-2", { ...APP, label: "Another" }, ASKED);
    for (const over of [{ code_verifier: newPkce().verifier }, { redirect_uri: "https://app.example.com/" }, { client_id: "app-2" }]) {
      const { code, verifier } = await launched();
      expect(jsonOf(await exchange(code, verifier, over))["error"]).toBe("invalid_grant");
    }
  });

  test("a code that comes again ends all that came of it", async () => {
    const { code, verifier } = await launched();
    const body = jsonOf(await exchange(code, verifier));
    const { jti = "", sub = "", gid } = decodeJwt<{ gid: string }>(String(body["access_token"]));
    const token = { jti, sub, client_id: "app", grant: gid };
    expect(await server.stillHolds(token)).toBe(true);
    expect(jsonOf(await exchange(code, verifier))["error"]).toBe("invalid_grant");
    expect(await server.stillHolds(token)).toBe(false);
    expect(jsonOf(await refresh(String(body["refresh_token"])))["error"]).toBe("invalid_grant");
  });

  test("of two that bring one code at once, one at most gets tokens, and these end", async () => {
    const { code, verifier } = await launched();
    const answers = await Promise.all([exchange(code, verifier), exchange(code, verifier), exchange(code, verifier)]);
    const tokens = answers.filter(({ status }) => status === 200).map(jsonOf);
    expect(tokens.length).toBeLessThanOrEqual(1);
    for (const { refresh_token: token } of tokens) expect(jsonOf(await refresh(String(token)))["error"]).toBe("invalid_grant");
  });

  test("refreshes, each time with another token; a stolen one ends the whole family", async () => {
    const { code, verifier } = await launched();
    const first = String(jsonOf(await exchange(code, verifier))["refresh_token"]);
    const answer = jsonOf(await refresh(first));
    const second = String(answer["refresh_token"]);
    expect(second).not.toBe(first);
    expect(answer).toMatchObject({ patient: "p-1", expires_in: 300 });
    const third = String(jsonOf(await refresh(second))["refresh_token"]);
    // Whoever stole the first one comes, or its owner after the thief.
    expect(jsonOf(await refresh(first))["error"]).toBe("invalid_grant");
    expect(jsonOf(await refresh(third))["error"]).toBe("invalid_grant");
  });

  test("refreshes with fewer scopes, never with more, and never as another client", async () => {
    const { code, verifier } = await launched({ scope: "openid offline_access launch/patient patient/Observation.rs patient/Patient.r" });
    const token = String(jsonOf(await exchange(code, verifier))["refresh_token"]);
    await made.clients.add("app-2", { ...APP, label: "Another" }, ASKED);
    expect(jsonOf(await refresh(token, { client_id: "app-2" }))["error"]).toBe("invalid_grant");
    expect(jsonOf(await refresh(token, { scope: "patient/*.rs" }))["error"]).toBe("invalid_scope");
    const answer = jsonOf(await refresh(token, { scope: "patient/Patient.r" }));
    expect(decodeJwt(String(answer["access_token"]))["scope"]).not.toContain("Observation");
  });

  test("gets no refresh token unless it asks for one", async () => {
    const { code, verifier } = await launched({ scope: "openid launch/patient patient/*.rs" });
    expect(jsonOf(await exchange(code, verifier))["refresh_token"]).toBeUndefined();
  });

  test("asks each time: what was allowed for one patient is not another's, and who is signed in does not sign in again", async () => {
    const browser = new Browser();
    await launched({}, browser);
    const answer = await browser.get(server, authorizePath("app", newPkce()));
    const uid = (headerOf(answer, "location") ?? "").split("/").at(-1) ?? "";
    expect(await server.interaction(uid, browser.cookie)).toMatchObject({
      prompt: "patient",
      client: { label: "Growth charts" },
      redirect: REDIRECT,
      subject: anna.subject,
    });
  });

  test("another browser has no part in an interaction", async () => {
    const browser = new Browser();
    const answer = await browser.get(server, authorizePath("app", newPkce()));
    const uid = (headerOf(answer, "location") ?? "").split("/").at(-1) ?? "";
    expect(await server.interaction(uid, "")).toBeUndefined();
    const stranger = new Browser();
    await stranger.get(server, authorizePath("app", newPkce()));
    expect(await server.interaction(uid, stranger.cookie)).toBeUndefined();
    await expect(server.finish(uid, stranger.cookie, { kind: "login", subject: anna.subject, by: "password" })).rejects.toMatchObject({
      code: "gone",
    });
  });

  test("is told when the person does not allow it", async () => {
    const browser = new Browser();
    const answer = await browser.get(server, authorizePath("app", newPkce()));
    const uid = (headerOf(answer, "location") ?? "").split("/").at(-1) ?? "";
    const next = await server.finish(uid, browser.cookie, { kind: "refused" });
    const back = new URL(headerOf(await browser.get(server, next.slice(ISSUER.length)), "location") ?? "");
    expect(back.searchParams.get("error")).toBe("access_denied");
  });

  test("of somebody who is disabled gets nothing more", async () => {
    const { code, verifier } = await launched();
    const body = jsonOf(await exchange(code, verifier));
    await made.users.change(anna, { isDisabled: true }, ASKED);
    const { jti = "", sub = "", gid } = decodeJwt<{ gid: string }>(String(body["access_token"]));
    expect(await server.stillHolds({ jti, sub, client_id: "app", grant: gid })).toBe(false);
    expect(jsonOf(await refresh(String(body["refresh_token"])))["error"]).toBe("invalid_grant");
  });

  test("whoever signs out everywhere ends every token", async () => {
    const browser = new Browser();
    const { code, verifier } = await launched({}, browser);
    const body = jsonOf(await exchange(code, verifier));
    await server.signOutEverywhere(anna.subject);
    expect(jsonOf(await refresh(String(body["refresh_token"])))["error"]).toBe("invalid_grant");
    const answer = await browser.get(server, authorizePath("app", newPkce()));
    const uid = (headerOf(answer, "location") ?? "").split("/").at(-1) ?? "";
    expect(await server.interaction(uid, browser.cookie)).toMatchObject({ prompt: "login" });
  });

  test.each(["/AUTHORIZE", "/authorize/", "/Token", "/token/", "/introspect/", "/revoke/", "/JWKS", "/sign-out/"])(
    "%s is no address: nothing gets past what is asked at those that are",
    async (path) => {
      const [, query = ""] = authorizePath("app", newPkce()).split("?");
      for (const method of ["GET", "POST"])
        expect((await server.answer({ method, target: `${path}?${query}`, headers: {}, body: new Uint8Array() })).status).toBe(404);
    },
  );

  test("what a request says of host and protocol changes no address", async () => {
    const headers = {
      host: "evil.example.com",
      "x-forwarded-host": "evil.example.com",
      "x-forwarded-proto": "http",
      forwarded: "host=evil.example.com",
    };
    const answer = await server.answer({ method: "GET", target: "/.well-known/openid-configuration", headers, body: new Uint8Array() });
    expect(Buffer.from(answer.body).toString()).not.toContain("evil");
    const led = await server.answer({ method: "GET", target: authorizePath("app", newPkce()), headers, body: new Uint8Array() });
    expect(headerOf(led, "location")).toMatch(/^https:\/\/records\.example\.org\/sign-in\//);
    expect(headerOf(led, "set-cookie")).toMatch(/^chartulary-sign-in=[^;]+; path=\/sign-in\/[^;]+; expires=[^;]+; samesite=lax; secure; httponly/);
  });
});

describe("introspection and revocation of tokens that are JWT", () => {
  const about = async (path: string, token: string): Promise<Record<string, unknown> | number> => {
    const form = { token, client_assertion_type: ASSERTION_TYPE, client_assertion: await assertionOf({ client: "backend", key: es }) };
    const answer = await post(server, path, form);
    return answer.status === 200 && path === "/introspect" ? jsonOf(answer) : answer.status;
  };

  test("tell whoever it was issued to what it is, until it is revoked", async () => {
    const token = String(jsonOf(await tokenFor({ client: "backend", key: es }))["access_token"]);
    expect(await about("/introspect", token)).toMatchObject({
      active: true,
      client_id: "backend",
      scope: "system/Observation.rs",
      iss: ISSUER,
      aud: FHIR,
    });
    expect(await about("/revoke", token)).toBe(200);
    expect(await about("/introspect", token)).toEqual({ active: false });
    const { jti = "", sub = "" } = decodeJwt(token);
    expect(await server.stillHolds({ jti, sub, client_id: "backend", grant: undefined })).toBe(false);
  });

  test("tell nobody else, and not without proof of who asks", async () => {
    const token = String(jsonOf(await tokenFor({ client: "backend", key: es }))["access_token"]);
    expect((await post(server, "/introspect", { token, client_id: "backend" })).status).toBe(401);
    expect(jsonOf(await post(server, "/introspect", { token, client_id: "app" }))).toEqual({ active: false });
    await made.clients.add(
      "guard",
      { ...APP, label: "Guard", scope: "system/*.rs", redirects: [], keys: { keys: [rs.jwk] }, roles: ["resource-server"] },
      ASKED,
    );
    const form = { token, client_assertion_type: ASSERTION_TYPE, client_assertion: await assertionOf({ client: "guard", key: rs }) };
    expect(jsonOf(await post(server, "/introspect", form))).toMatchObject({ active: true, client_id: "backend" });
  });

  test("know no token that is not ours", async () => {
    const token = String(jsonOf(await tokenFor({ client: "backend", key: es }))["access_token"]);
    const [head = "", , tail = ""] = token.split(".");
    const forged = `${head}.${Buffer.from(JSON.stringify({ ...decodeJwt(token), scope: "system/*.cruds" })).toString("base64url")}.${tail}`;
    expect(await about("/introspect", forged)).toEqual({ active: false });
  });
});

test("instances share their keys: a token of one is good at another, and new keys are known at once", async () => {
  const other = await made.another();
  expect(other.publicKeys()).toEqual(server.publicKeys());
  expect(JSON.stringify(server.publicKeys())).not.toContain('"d"');
  expect(await server.metadata()).toMatchObject({ issuer: ISSUER, token_endpoint: `${ISSUER}/token`, code_challenge_methods_supported: ["S256"] });
});
