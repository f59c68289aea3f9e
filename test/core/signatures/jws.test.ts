import { createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import { calculateJwkThumbprint, CompactSign, FlattenedSign } from "jose";
import { certificatesOf, parseJws, verifyJws, type Jws } from "../../../src/core/signatures/jws.ts";
import { keyThumbprint } from "../../../src/core/jwk.ts";
import { certifiedKey, person } from "./people.ts";

const PAYLOAD = new TextEncoder().encode('{"resourceType":"Bundle"}');
const signer = person("Dr A");

function jwsOf(text: string): Jws {
  const jws = parseJws(text);
  if (jws === undefined) throw new Error("not a JWS");
  return jws;
}

async function detached(header: Readonly<Record<string, unknown>>, key: KeyObject, payload = PAYLOAD): Promise<string> {
  const signed = await new FlattenedSign(payload).setProtectedHeader({ alg: "ES256", ...header }).sign(key, { crit: { sigT: true, odd: true } });
  return `${signed.protected ?? ""}..${signed.signature}`;
}

describe("verifyJws", () => {
  test.each(["ES256", "ES384", "ES512", "RS256", "PS256", "EdDSA"] as const)("accepts %s, over its own payload only", async (alg) => {
    const pair = keyPairFor(alg);
    const jws = jwsOf(await detached({ alg }, pair.privateKey));
    expect(await verifyJws(jws, PAYLOAD, certifiedKey(pair.publicKey))).toEqual({ kind: "valid" });
    expect(await verifyJws(jws, PAYLOAD.with(3, 65), certifiedKey(pair.publicKey))).toEqual({ kind: "invalid" });
    expect(await verifyJws(jws, PAYLOAD, certifiedKey(keyPairFor(alg).publicKey))).toEqual({ kind: "invalid" });
  });

  test("understands sigT as critical and an unencoded payload, and no other critical parameter", async () => {
    const key = signer.certificate.publicKey;
    expect(await verifyJws(jwsOf(await detached({ sigT: "2026-01-01T00:00:00Z", crit: ["sigT"] }, signer.key)), PAYLOAD, key)).toEqual({
      kind: "valid",
    });
    expect(await verifyJws(jwsOf(await detached({ b64: false, crit: ["b64"] }, signer.key)), PAYLOAD, key)).toEqual({ kind: "valid" });
    expect(await verifyJws(jwsOf(await detached({ odd: 1, crit: ["odd"] }, signer.key)), PAYLOAD, key)).toMatchObject({ kind: "unsupported" });
  });

  test.each(["none", "HS256", "RS1", "es256", ""])("does not know algorithm %j", async (alg) => {
    const header = Buffer.from(JSON.stringify({ alg })).toString("base64url");
    expect(await verifyJws(jwsOf(`${header}..AAAA`), PAYLOAD, signer.certificate.publicKey)).toMatchObject({ kind: "unsupported" });
  });

  test("an HMAC keyed with the public key is nothing", async () => {
    const pem = createPublicKey(signer.key).export({ type: "spki", format: "pem" });
    const text = await new CompactSign(PAYLOAD).setProtectedHeader({ alg: "HS256" }).sign(new TextEncoder().encode(pem.toString().padEnd(64)));
    expect(await verifyJws(jwsOf(text), PAYLOAD, signer.certificate.publicKey)).toMatchObject({ kind: "unsupported" });
  });

  test("a key of another type than the algorithm's, or one too short, is not used", async () => {
    const jws = jwsOf(await detached({}, signer.key));
    expect(await verifyJws(jws, PAYLOAD, certifiedKey(keyPairFor("RS256").publicKey))).toMatchObject({ kind: "unsupported" });
    const short = generateKeyPairSync("rsa", { modulusLength: 1024 });
    const header = Buffer.from('{"alg":"RS256"}').toString("base64url");
    expect(await verifyJws(jwsOf(`${header}..AAAA`), PAYLOAD, certifiedKey(short.publicKey))).toMatchObject({ kind: "unsupported" });
  });
});

describe("parseJws", () => {
  test.each([
    "",
    "a",
    "a.b",
    "..",
    "e30..",
    ".e30.AA",
    "e30..A",
    "e30.e30.AA.AA",
    "e3 0..AA",
    "W10..AA",
    "eyJhIjoxLCJhIjoyfQ..AA",
    "e31..AA",
    "e30=..AA==",
  ])("%j is none", (text) => {
    expect(parseJws(text)).toBeUndefined();
  });

  test("an x5c that does not hold certificates says why", () => {
    for (const x5c of ['""', "[]", "[1]", '["AAAA"]', '["%"]']) {
      const header = Buffer.from(`{"alg":"ES256","x5c":${x5c}}`).toString("base64url");
      expect(certificatesOf(jwsOf(`${header}..AAAA`))).toMatch(/^(its|one of its) /);
    }
  });
});

test("keyThumbprint is RFC 7638's", async () => {
  const key = createPublicKey(signer.key);
  expect(keyThumbprint(key)).toBe(await calculateJwkThumbprint(key.export({ format: "jwk" })));
});

function keyPairFor(alg: string): { readonly privateKey: KeyObject; readonly publicKey: KeyObject } {
  if (alg === "EdDSA") return generateKeyPairSync("ed25519");
  if (alg.startsWith("ES")) return generateKeyPairSync("ec", { namedCurve: { ES256: "P-256", ES384: "P-384", ES512: "P-521" }[alg] ?? "P-256" });
  return generateKeyPairSync("rsa", { modulusLength: 2048 });
}
