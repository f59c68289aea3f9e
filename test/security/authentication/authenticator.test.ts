import { beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { exportSPKI, generateKeyPair, SignJWT } from "jose";
import type { Credentials, Proof } from "../../../src/security/authentication/authenticator.ts";
import { createAuthenticator } from "../../../src/security/authentication/create-authenticator.ts";
import { RefusedProof } from "../../../src/security/authentication/refusals.ts";
import type { KnownCaller } from "../../../src/core/asked.ts";
import { AUDIENCE, NOW, testIssuer, type TestIssuer } from "./tokens.ts";

const CLAIMS = { roles: "realm_access.roles", organisations: "org", clearance: "clearance", patient: "patient", purpose: "purpose_of_use" };
const OURS = { thumbprint: "T".repeat(43), isTrusted: true };
const SENDER: KnownCaller = {
  ...{ kind: "system", issuer: "certificate", subject: OURS.thumbprint, name: "Laboratory", client: "lab" },
  ...{ roles: [], organisations: [], clearance: [], scopes: [] },
};
const SIGNED_IN: Proof = { by: "session", caller: { ...SENDER, kind: "person", name: "Anna" } };

let issuer: TestIssuer;
let other: TestIssuer;
let stranger: TestIssuer;
let answers: Record<string, unknown>[];
let asked: { url: string; body: string; authorization: string | null }[];
const prove = (credentials: Partial<Credentials>, types = ["at+jwt"]): Promise<Proof> => {
  const introspected = {
    ...issuer,
    ask: (url: string, { headers, body }: RequestInit) => {
      asked.push({ url, body: String(body as URLSearchParams), authorization: new Headers(headers).get("authorization") });
      const answer = answers.shift();
      return answer ? Promise.resolve(Response.json(answer)) : Promise.reject(new Error("silent"));
    },
  };
  const authenticator = createAuthenticator({
    issuers: [issuer, other],
    introspecting: [{ issuer: introspected, clientId: "us", clientSecret: "hunter2" }],
    audience: AUDIENCE,
    tokenTypes: types,
    claims: CLAIMS,
    certificates: { find: (thumbprint) => Promise.resolve(thumbprint === OURS.thumbprint ? SENDER : undefined) },
    sessions: { proofOf: (cookie) => Promise.resolve(cookie === "good" ? SIGNED_IN : undefined) },
    now: () => NOW,
  });
  return authenticator.prove({ authorization: [], hasTokenInQuery: false, session: undefined, certificate: undefined, ...credentials });
};
const bearer = (token: string, more: Partial<Credentials> = {}, types?: string[]): Promise<Proof> =>
  prove({ authorization: [`Bearer ${token}`], ...more }, types);
const reasonOf = async (proof: Promise<Proof>): Promise<string> => {
  const error = await proof.then(
    () => undefined,
    (fault: unknown) => fault,
  );
  if (!(error instanceof RefusedProof)) throw new Error(`not refused: ${String(error)}`);
  expect([error.code, error.challenge]).toEqual(["unauthenticated", expect.stringMatching(/^Bearer error="invalid_(?:token|request)"/)]);
  return error.reason;
};
beforeAll(async () => {
  [issuer, other, stranger] = await Promise.all([
    testIssuer(),
    testIssuer("https://other.example.org", "RS256"),
    testIssuer("https://stranger.example.org"),
  ]);
});
beforeEach(() => {
  answers = [];
  asked = [];
});

describe("a token that holds", () => {
  test("says who it is, what narrows it and what it is for", async () => {
    const token = await issuer.sign({
      ...{ name: "Anna Brandt", realm_access: { roles: ["physician", 7] }, org: "urn:oid:1.2.3|4711", clearance: ["R", "PSY"] },
      ...{ patient: "Patient/p1", fhirUser: "Practitioner/9", purpose_of_use: [{ system: "x", code: "TREAT" }], scope: "openid patient/*.rs admin" },
    });
    expect(await bearer(token)).toEqual({
      by: "token",
      caller: {
        ...{ kind: "person", issuer: issuer.issuer, subject: "anna", name: "Anna Brandt", client: "app", patient: "p1", fhirUser: "Practitioner/9" },
        ...{ roles: ["physician"], organisations: ["urn:oid:1.2.3|4711"], clearance: ["R", "PSY"] },
        ...{ scopes: [{ level: "patient", type: "*", rights: ["r", "s"] }], token: "urn:ietf:params:oauth:jti:j1" },
      },
      purpose: "TREAT",
    });
  });

  test.each([
    ["its client is its subject", { sub: "app" }, "system"],
    ["it opens the system level alone", { sub: "service-account-7", scope: "system/*.rs" }, "system"],
    ["it opens the system level beside another", { scope: "system/*.rs patient/*.rs" }, "person"],
    ["it names a person", { scope: "system/*.rs", fhirUser: "Practitioner/9" }, "person"],
  ])("is a system's when %s", async (_what, claims, kind) => expect((await bearer(await issuer.sign(claims))).caller.kind).toBe(kind));

  test("without a scope opens nothing", async () => {
    expect((await bearer(await issuer.sign({ scope: undefined }))).caller).toMatchObject({ scopes: [] });
  });

  test.each([
    ["of several audiences", { aud: ["x", AUDIENCE] }, {}],
    ["of another issuer that is listed", {}, {}],
    ["written in full", {}, { typ: "application/AT+JWT" }],
    ["a little early and a little late", { nbf: NOW / 1_000 + 20, exp: NOW / 1_000 - 20 }, {}],
  ])("%s", async (what, claims, header) => {
    expect((await bearer(await (what.includes("another") ? other : issuer).sign(claims, header))).by).toBe("token");
  });

  test("Keycloak's says JWT and azp: taken where that type is", async () => {
    const token = await issuer.sign({ client_id: undefined, azp: "app", jti: undefined }, { typ: "JWT" });
    expect(await reasonOf(bearer(token))).toBe("type");
    expect((await bearer(token, {}, ["at+jwt", "jwt"])).caller).toMatchObject({ client: "app", token: undefined });
  });

  test("claims of what every object has say nothing", async () => {
    const { caller } = await bearer(await issuer.sign({ realm_access: "toString", org: { value: 1 }, clearance: 5, patient: "../x", name: ["x"] }));
    expect(caller).toMatchObject({ roles: [], organisations: [], clearance: [], patient: undefined, name: "anna" });
  });
});

describe("a token that does not", () => {
  test.each<[string, Record<string, unknown>, Record<string, unknown>, string]>([
    ["for another audience", { aud: "https://elsewhere.example.org/fhir" }, {}, "audience"],
    ["for our address without /fhir", { aud: "https://documents.example.org" }, {}, "audience"],
    ["for nobody", { aud: undefined }, {}, "audience"],
    ["expired", { exp: NOW / 1_000 - 31 }, {}, "expired"],
    ["without an end", { exp: undefined }, {}, "claims"],
    ["not yet", { nbf: NOW / 1_000 + 31 }, {}, "not-yet"],
    ["of nobody", { sub: "" }, {}, "claims"],
    ["of a number", { sub: 7 }, {}, "claims"],
    ["without a client", { client_id: undefined }, {}, "claims"],
    ["without a name", { jti: undefined }, {}, "claims"],
    ["of another issuer's name", { iss: "https://stranger.example.org" }, {}, "issuer"],
    ["of an issuer that is spelled otherwise", { iss: "https://login.example.org/" }, {}, "issuer"],
    ["of a listed issuer, by another's key", { iss: "https://other.example.org" }, {}, "key"],
    ["by a key that nobody knows", {}, { kid: "two" }, "key"],
    ["of no type", {}, { typ: undefined }, "type"],
    ["an ID token", {}, { typ: "JWT" }, "type"],
    ["a logout token", {}, { typ: "logout+jwt" }, "type"],
    ["bound to a certificate that did not come", { cnf: { "x5t#S256": OURS.thumbprint } }, {}, "bound"],
    ["bound by a key proof", { cnf: { jkt: "x" } }, {}, "binding"],
    ["bound twice", { cnf: { "x5t#S256": OURS.thumbprint, jkt: "x" } }, {}, "binding"],
    ["bound to nothing", { cnf: {} }, {}, "binding"],
    ["bound in words", { cnf: "x" }, {}, "binding"],
  ])("%s", async (_what, claims, header, reason) => expect(await reasonOf(bearer(await issuer.sign(claims, header)))).toBe(reason));

  test("of an issuer that is not listed", async () => expect(await reasonOf(bearer(await stranger.sign()))).toBe("issuer"));

  test("unsigned, or signed by what is no secret", async () => {
    const [, payload] = (await issuer.sign()).split(".");
    const head = (header: object): string => Buffer.from(JSON.stringify(header)).toString("base64url");
    for (const alg of ["none", "NONE", "None", ""])
      expect(await reasonOf(bearer(`${head({ alg, typ: "at+jwt" })}.${payload ?? ""}.`))).toBe("algorithm");
    const { publicKey } = await generateKeyPair("RS256", { extractable: true });
    const secret = new TextEncoder().encode(await exportSPKI(publicKey));
    const confused = await new SignJWT({ iss: issuer.issuer, aud: AUDIENCE, sub: "anna" })
      .setProtectedHeader({ alg: "HS256", typ: "at+jwt", kid: "one" })
      .sign(secret);
    expect(await reasonOf(bearer(confused))).toBe("algorithm");
  });

  test("with its own key, or an address of one, in its header", async () => {
    const { privateKey, publicKey } = await generateKeyPair("ES256", { extractable: true });
    const claims = { iss: issuer.issuer, aud: AUDIENCE, sub: "anna", client_id: "app", jti: "1", iat: NOW / 1_000, exp: NOW / 1_000 + 60 };
    const jwk = await (await import("jose")).exportJWK(publicKey);
    for (const more of [{ jwk }, { jku: "https://evil.example/jwks" }, { kid: "one" }]) {
      const token = await new SignJWT(claims).setProtectedHeader({ alg: "ES256", typ: "at+jwt", ...more }).sign(privateKey);
      expect(await reasonOf(bearer(token))).toBe("signature");
    }
    const critical = await new SignJWT(claims)
      .setProtectedHeader({ alg: "ES256", typ: "at+jwt", kid: "one", crit: ["x"], x: 1 })
      .sign(privateKey, { crit: { x: true } });
    expect(["malformed", "algorithm"]).toContain(await reasonOf(bearer(critical)));
  });

  test("altered in any part, or cut", async () => {
    const token = await issuer.sign();
    const [header = "", payload = "", signature = ""] = token.split(".");
    const widened = Buffer.from(JSON.stringify({ ...(JSON.parse(Buffer.from(payload, "base64url").toString()) as object), sub: "root" })).toString(
      "base64url",
    );
    expect(await reasonOf(bearer(`${header}.${widened}.${signature}`))).toBe("signature");
    for (const spoilt of [
      `${header}.${payload}.`,
      `${header}..${signature}`,
      `.${payload}.${signature}`,
      `${header}.${payload}.${signature.slice(2)}`,
      "e30.e30.e30",
    ])
      await expect(bearer(spoilt)).rejects.toBeInstanceOf(RefusedProof);
    expect(await reasonOf(bearer(`${header}.${"a".repeat(1_000_000)}.${signature}`))).toBe("too-large");
  });
});

describe("a token that is bound to a certificate", () => {
  test("is taken with it, whoever vouches for it, and with no other", async () => {
    const token = await issuer.sign({ cnf: { "x5t#S256": OURS.thumbprint } });
    expect((await bearer(token, { certificate: { ...OURS, isTrusted: false } })).by).toBe("token");
    expect(await reasonOf(bearer(token, { certificate: { thumbprint: "U".repeat(43), isTrusted: true } }))).toBe("bound");
    expect(await reasonOf(bearer(token, { certificate: { thumbprint: "T", isTrusted: true } }))).toBe("bound");
  });
});

describe("what is carried", () => {
  test.each<[string, Partial<Credentials>, string]>([
    ["two headers", { authorization: ["Bearer a", "Bearer a"] }, "more-than-one"],
    ["a password", { authorization: ["Basic YTpi"] }, "scheme"],
    ["a scheme alone", { authorization: ["Bearer"] }, "scheme"],
    ["two tokens in one", { authorization: ["Bearer a, Bearer b"] }, "scheme"],
    ["a key proof's scheme", { authorization: ["DPoP a"] }, "scheme"],
    ["an empty header beside a session", { authorization: [""], session: "good" }, "scheme"],
    ["a token in the address", { hasTokenInQuery: true, session: "good" }, "in-query"],
  ])("%s is refused", async (_what, credentials, reason) => expect(await reasonOf(prove(credentials))).toBe(reason));

  test("a session, a certificate, in that order; nothing is anonymous", async () => {
    expect(await prove({ session: "good", certificate: OURS })).toBe(SIGNED_IN);
    expect(await prove({ session: "old", certificate: OURS })).toEqual({ by: "certificate", caller: SENDER });
    const nobody = { by: "nothing", caller: { kind: "anonymous" } };
    expect(await prove({})).toEqual(nobody);
    expect(await prove({ session: "old" })).toEqual(nobody);
    expect(await prove({ certificate: { ...OURS, isTrusted: false } })).toEqual(nobody);
    expect(await prove({ certificate: { thumbprint: "U".repeat(43), isTrusted: true } })).toEqual(nobody);
  });
});

describe("an opaque token", () => {
  const active = { active: true, sub: "anna", client_id: "app", aud: AUDIENCE, exp: NOW / 1_000 + 60, scope: "user/Bundle.rs" };

  test("is asked about with our own proof, and named by its end alone", async () => {
    answers = [active];
    const { caller } = await bearer("0123456789abcdef0123456789abcdef0123456789");
    expect(caller).toMatchObject({ subject: "anna", issuer: issuer.issuer, token: "56789abcdef0123456789" });
    expect(asked).toEqual([
      {
        url: `${issuer.issuer}/introspect`,
        body: expect.stringContaining("token=0123456789"),
        authorization: `Basic ${Buffer.from("us:hunter2").toString("base64")}`,
      },
    ]);
  });

  test.each<[string, Record<string, unknown>, string]>([
    ["inactive", { active: false }, "inactive"],
    ["for another", { ...active, aud: "https://elsewhere.example.org" }, "audience"],
    ["for nobody in particular", { ...active, aud: undefined }, "audience"],
    ["of another issuer", { ...active, iss: "https://stranger.example.org" }, "issuer"],
    ["expired", { ...active, exp: NOW / 1_000 - 31 }, "expired"],
    ["without an end", { ...active, exp: undefined }, "claims"],
    ["not yet", { ...active, nbf: NOW / 1_000 + 31 }, "not-yet"],
    ["bound", { ...active, cnf: { "x5t#S256": OURS.thumbprint } }, "bound"],
  ])("%s is refused", async (_what, answer, reason) => {
    answers = [answer];
    expect(await reasonOf(bearer("opaque"))).toBe(reason);
  });

  test("whose issuer is silent is neither good nor bad", async () => {
    await expect(bearer("opaque")).rejects.toMatchObject({ code: "unavailable", message: expect.not.stringContaining("opaque") });
  });
});
