/** What somebody sends who wants in, over HTTP, with tokens of an issuer of another implementation: each is refused, says nothing of why others would not be, and is noted. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { createHash, generateKeyPairSync } from "node:crypto";
import { connect } from "node:net";
import { exportJWK, exportSPKI, generateKeyPair, importJWK, SignJWT, type JWK } from "jose";
import { Events } from "oauth2-mock-server";
import type { OAuth2Server } from "oauth2-mock-server";
import { issueCertificate } from "../../../src/adapters/keys/issue-certificate.ts";
import type { Certificate } from "../../../src/core/crypto/certificate.ts";
import { openHouse, type House } from "../house.ts";
import { ask, type RawAnswer } from "../local-server.ts";
import { AUDIENCE, BASE_URL, believing, startIssuer, tokenOf, type Believing } from "./issuer.ts";

let issuer: OAuth2Server;
let stranger: OAuth2Server;
let door: Believing;
let house: House;
/** The same, behind a proxy at the address that the test comes from. */
let proxied: { door: Believing; house: House };
let certificate: Certificate;
let thumbprint: string;

const now = Math.floor(Date.now() / 1000);
beforeAll(async () => {
  [issuer, stranger] = [await startIssuer(), await startIssuer()];
  certificate = certificateUntil(new Date("2099-01-01"));
  thumbprint = createHash("sha256").update(certificate.raw).digest("base64url");
  const sender = {
    kind: "system",
    issuer: "certificate",
    subject: thumbprint,
    name: "Laboratory",
    client: "lab",
    roles: [],
    organisations: [],
    clearance: [],
    scopes: [],
  } as const;
  const certificates = new Map([[thumbprint, sender]]);
  door = believing([issuer], { certificates });
  house = await openHouse({ door: door.door, baseUrl: BASE_URL });
  const named = believing([issuer], { certificates, proxies: ["127.0.0.1"] });
  proxied = { door: named, house: await openHouse({ door: named.door, baseUrl: BASE_URL, rateLimit: 2 }) };
});
afterAll(async () => {
  await Promise.all([house.close(), proxied.house.close(), issuer.stop(), stranger.stop()]);
});
beforeEach(() => {
  door.refused.length = 0;
});

function certificateUntil(validTo: Date): Certificate {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return issueCertificate({
    subject: "lab",
    publicKey,
    issuer: "lab",
    issuerKey: privateKey,
    validFrom: new Date("2020-01-01"),
    validTo,
    isAuthority: false,
  });
}
const get = (headers: Record<string, string>, path = "/fhir/Bundle/7"): Promise<RawAnswer> => ask(house.port, { path, headers });
const bearer = (token: string): Promise<RawAnswer> => get({ Authorization: `Bearer ${token}` });
const wire = (lines: readonly string[], port = house.port): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1");
    let text = "";
    socket.on("data", (data) => (text += String(data)));
    socket.on("close", () => resolve(text));
    socket.on("error", reject);
    socket.write([...lines, "Connection: close", "", ""].join("\r\n"));
  });

/** The answer is 401 with a challenge and an OperationOutcome, and the reason was noted before it. */
function expectRefused(answer: RawAnswer, reason: string): void {
  const outcome = JSON.parse(answer.body.toString()) as { resourceType: string; issue: { code: string }[] };
  expect([answer.status, outcome.resourceType, outcome.issue[0]?.code]).toEqual([401, "OperationOutcome", "login"]);
  expect(answer.headers["www-authenticate"]).toMatch(/^Bearer error="invalid_(?:token|request)", error_description="[^"]+"$/);
  expect(answer.headers["cache-control"]).toBe("no-store");
  expect(door.refused).toMatchObject([
    { requestId: answer.headers["x-request-id"], address: "127.0.0.1", method: "GET", path: "/fhir/Bundle/7", reason },
  ]);
  expect(door.refused[0]?.detail ?? "").toMatch(/^\w*$/);
}

test("a token that holds comes in: what is not there is not found", async () => {
  expect((await bearer(await tokenOf(issuer))).status).toBe(404);
  expect(door.refused).toEqual([]);
});

test.each<[string, () => Promise<string>, string]>([
  ["of another audience", () => tokenOf(issuer, { aud: "https://elsewhere.example.org/fhir" }), "audience"],
  ["expired", () => tokenOf(issuer, { exp: now - 60 }), "expired"],
  ["not yet", () => tokenOf(issuer, { nbf: now + 36_000 }), "not-yet"],
  ["of an issuer that is not listed", () => tokenOf(stranger), "issuer"],
  ["of one that calls itself by a listed name", () => tokenOf(stranger, { iss: String(issuer.issuer.url) }), "signature"],
  ["an ID token", () => tokenOf(issuer, {}, "JWT"), "type"],
  ["without a signature", async () => `${encoded({ alg: "none", typ: "at+jwt" })}.${(await tokenOf(issuer)).split(".")[1] ?? ""}.`, "algorithm"],
  ["by the published key as a secret", () => confused(), "algorithm"],
  ["by a key that nobody published", () => unknownKey(), "key"],
  ["bound to a certificate", () => tokenOf(issuer, { cnf: { "x5t#S256": thumbprint } }), "bound"],
  ["bound to a key (DPoP)", () => tokenOf(issuer, { cnf: { jkt: "x" } }), "binding"],
])("a token %s is refused, and that is noted", async (_what, make, reason) => {
  expectRefused(await bearer(await make()), reason);
});

function encoded(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}
async function confused(): Promise<string> {
  const [jwk] = issuer.issuer.keys.toJSON() as JWK[];
  const secret = new TextEncoder().encode(await exportSPKI((await importJWK(jwk ?? {}, "RS256", { extractable: true })) as CryptoKey));
  const claims = { iss: String(issuer.issuer.url), aud: AUDIENCE, sub: "anna", client_id: "app", jti: "j", iat: now, exp: now + 3_600 };
  return new SignJWT(claims).setProtectedHeader({ alg: "HS256", typ: "at+jwt", kid: "one" }).sign(secret);
}
async function unknownKey(): Promise<string> {
  const { privateKey, publicKey } = await generateKeyPair("ES256", { extractable: true });
  const claims = { iss: String(issuer.issuer.url), aud: AUDIENCE, sub: "anna", client_id: "app", jti: "j", iat: now, exp: now + 3_600 };
  return new SignJWT(claims).setProtectedHeader({ alg: "ES256", typ: "at+jwt", kid: "two", jwk: await exportJWK(publicKey) }).sign(privateKey);
}

describe("a token in the wrong place", () => {
  test("in the address, beside a good one", async () => {
    const token = await tokenOf(issuer);
    const answer = await get({ Authorization: `Bearer ${token}` }, `/fhir/Bundle/7?access_token=${token}`);
    expectRefused(answer, "in-query");
    expect(house.logged.join("")).not.toContain(token.slice(0, 40));
  });

  test("in two headers, or one header twice over", async () => {
    const token = await tokenOf(issuer);
    const answer = await wire(["GET /fhir/Bundle/7 HTTP/1.1", "Host: localhost", `Authorization: Bearer ${token}`, `Authorization: Bearer ${token}`]);
    expect(answer).toMatch(/^HTTP\/1\.1 401 /);
    expect(door.refused).toMatchObject([{ reason: "more-than-one" }]);
    door.refused.length = 0;
    expectRefused(await get({ Authorization: `Bearer ${token}, Bearer ${token}` }), "scheme");
  });

  test("in a form", async () => {
    const body = `access_token=${await tokenOf(issuer)}`;
    const headers = { "Content-Type": "application/x-www-form-urlencoded" };
    expect((await ask(house.port, { method: "POST", path: "/fhir/Bundle/_search", headers, body })).status).toBe(401);
  });

  test("of a megabyte ends the request, and nothing else", async () => {
    const answer = await wire(["GET /fhir/Bundle/7 HTTP/1.1", "Host: localhost", `Authorization: Bearer ${"e30.".repeat(250_000)}`]).catch(() => "");
    expect(answer).toMatch(/^(?:HTTP\/1\.1 431 .*)?/);
    expect((await get({}, "/healthz")).status).toBe(200);
  });
});

describe("an opaque token", () => {
  const introspected = (body: Record<string, unknown>): void =>
    void issuer.service.once(Events.BeforeIntrospect, (answer: { body: unknown }) => (answer.body = body));

  test("is taken for as long as its issuer says, and only for us", async () => {
    introspected({ active: true, sub: "anna", client_id: "app", aud: AUDIENCE, exp: now + 3_600, scope: "user/*.rs" });
    expect((await bearer("opaque-one")).status).toBe(404);
    introspected({ active: true, sub: "anna", client_id: "app", aud: "https://elsewhere.example.org", exp: now + 3_600 });
    expectRefused(await bearer("opaque-two"), "audience");
    door.refused.length = 0;
    introspected({ active: false });
    expectRefused(await bearer("opaque-three"), "inactive");
  });
});

describe("headers that only a proxy may set", () => {
  const passed = (one: Certificate): string => `:${Buffer.from(one.raw).toString("base64")}:`;
  const pem = (one: Certificate): string =>
    encodeURIComponent(
      `-----BEGIN CERTIFICATE-----\n${(
        Buffer.from(one.raw)
          .toString("base64")
          .match(/.{1,64}/g) ?? []
      ).join("\n")}\n-----END CERTIFICATE-----\n`,
    );

  test("say nothing when they come from anybody else", async () => {
    const forged = {
      "Client-Cert": passed(certificate),
      "X-Forwarded-Client-Cert": `Cert="${pem(certificate)}"`,
      "X-SSL-Client-Cert": pem(certificate),
      "X-Forwarded-For": "10.0.0.1",
      Forwarded: "for=10.0.0.1;host=documents.example.org;proto=https",
      "X-Forwarded-Host": "evil.example",
      "X-Forwarded-User": "anna",
      "X-Remote-User": "anna",
    };
    expect((await get(forged)).status).toBe(401);
    expect(door.refused).toMatchObject([{ reason: "missing", address: "127.0.0.1" }]);
    const token = await tokenOf(issuer, { cnf: { "x5t#S256": thumbprint } });
    expect((await get({ ...forged, Authorization: `Bearer ${token}` })).status).toBe(401);
    expect((await get({ ...forged, Host: "evil.example" })).status).toBe(421);
  });

  test("are believed from a proxy that is named: certificate and address", async () => {
    const from = (headers: Record<string, string>): Promise<RawAnswer> => ask(proxied.house.port, { path: "/fhir/Bundle/7", headers });
    let client = 0;
    const fresh = (): string => `192.0.2.${++client}`;
    const statusOf = async (headers: Record<string, string>): Promise<number> => (await from({ "X-Forwarded-For": fresh(), ...headers })).status;
    for (const value of [passed(certificate), pem(certificate)]) expect(await statusOf({ "Client-Cert": value })).toBe(404);
    const token = await tokenOf(issuer, { cnf: { "x5t#S256": thumbprint } });
    expect(await statusOf({ "Client-Cert": passed(certificate), Authorization: `Bearer ${token}` })).toBe(404);
    // One that is nobody's, has ended, is none, or comes under another name.
    const [other, ended] = [certificateUntil(new Date("2099-01-01")), certificateUntil(new Date("2021-01-01"))];
    for (const value of [
      passed(other),
      passed(ended),
      ":e30=:",
      "x",
      pem(certificate).slice(0, -30),
      `${passed(certificate)}, ${passed(certificate)}`,
    ])
      expect(await statusOf({ "Client-Cert": value })).toBe(401);
    expect(await statusOf({ "X-Forwarded-Client-Cert": passed(certificate) })).toBe(401);
    expect(await statusOf({ "Client-Cert": passed(other), Authorization: `Bearer ${token}` })).toBe(401);
    const twice = await wire(
      [
        "GET /fhir/Bundle/7 HTTP/1.1",
        "Host: localhost",
        `X-Forwarded-For: ${fresh()}`,
        `Client-Cert: ${passed(certificate)}`,
        `Client-Cert: ${passed(certificate)}`,
      ],
      proxied.house.port,
    );
    expect(twice).toMatch(/^HTTP\/1\.1 401 /);
    // The last before the proxies counts, whatever the client wrote before it.
    await from({ "X-Forwarded-For": "10.9.9.9, 198.51.100.7, 127.0.0.1" });
    expect(proxied.door.refused.at(-1)).toMatchObject({ address: "198.51.100.7" });
    await from({ "X-Forwarded-For": "10.9.9.9, nonsense" });
    expect(proxied.door.refused.at(-1)).toMatchObject({ address: "127.0.0.1" });
    // And each has a rate of its own.
    const flood = await Promise.all(Array.from({ length: 20 }, () => from({ "X-Forwarded-For": "203.0.113.9" })));
    expect(flood.some(({ status }) => status === 429)).toBe(true);
    expect(await statusOf({})).toBe(401);
  });
});

test("no token, cookie or certificate stands in the log", async () => {
  const token = await tokenOf(issuer);
  await get({ Authorization: `Bearer ${token}`, Cookie: `__Host-chartulary=${"s".repeat(43)}` }, "/documents/7");
  const log = house.logged.join("");
  for (const secret of [token.split(".")[2] ?? "-", "s".repeat(43), thumbprint]) expect(log).not.toContain(secret);
});

test("readiness says which issuer is silent, and that nobody can come in when none is known", async () => {
  const ready = JSON.parse((await get({}, "/readyz")).body.toString()) as Record<string, unknown>;
  expect([ready["status"], ready["silentIssuers"]]).toEqual(["ready", undefined]);
  const gone = await startIssuer();
  const url = String(gone.issuer.url);
  const lonely = await openHouse({ door: believing([gone]).door, baseUrl: BASE_URL });
  await gone.stop();
  const answer = await ask(lonely.port, { path: "/readyz" });
  expect([answer.status, JSON.parse(answer.body.toString())]).toEqual([
    503,
    { status: "not-ready", reason: expect.stringContaining("nobody can come in"), silentIssuers: [{ issuer: url, silentSince: expect.any(String) }] },
  ]);
  expect((await ask(lonely.port, { path: "/fhir/Bundle/7", headers: { Authorization: `Bearer ${await tokenOf(issuer)}` } })).status).toBe(401);
  await lonely.close();
});
