import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { expect, test } from "@jest/globals";
import { createLocalJWKSet, flattenedVerify, type JSONWebKeySet } from "jose";
import { issueCertificate } from "../../../src/adapters/keys/issue-certificate.ts";
import { parseSeal } from "../../../src/adapters/keys/key-files.ts";
import { sealSigner } from "../../../src/adapters/keys/seal-signer.ts";
import { pemOf, type Certificate } from "../../../src/core/crypto/certificate.ts";
import { toBase64 } from "../../../src/core/crypto/base64.ts";
import { formatKeySet } from "../../../src/core/formats/key-set.ts";
import { makeSeal } from "../../../src/core/signatures/seal.ts";

const CONTENT = new TextEncoder().encode('{"resourceType":"Bundle"}');
const AT = new Date("2026-03-14T08:31:00Z");
const authority = generateKeyPairSync("ec", { namedCurve: "P-256" });
const certify = (subject: string, publicKey: KeyObject, isAuthority = false): Certificate =>
  issueCertificate({
    ...{ subject, publicKey, isAuthority, issuer: "The authority", issuerKey: authority.privateKey },
    ...{ validFrom: new Date("2026-01-01T00:00:00Z"), validTo: new Date("2036-01-01T00:00:00Z") },
  });
const root = certify("The authority", authority.publicKey, true);
const PAIRS = [
  generateKeyPairSync("ec", { namedCurve: "P-256" }),
  generateKeyPairSync("ec", { namedCurve: "P-384" }),
  generateKeyPairSync("ec", { namedCurve: "P-521" }),
  generateKeyPairSync("rsa", { modulusLength: 2048 }),
  generateKeyPairSync("ed25519"),
];
const files = PAIRS.map(({ publicKey, privateKey }) =>
  parseSeal(pemOf(certify("A seal", publicKey)) + pemOf(root) + privateKey.export({ type: "pkcs8", format: "pem" }).toString()),
);
const known = files.map(({ certificate, chain }, at) => ({ certificate, chain, isCurrent: at === 0 }));

test("a JOSE library finds in the set by what key each seal was made, and believes no other", async () => {
  const set = createLocalJWKSet(JSON.parse(formatKeySet(known)) as JSONWebKeySet);
  const without = createLocalJWKSet(JSON.parse(formatKeySet(known.slice(1))) as JSONWebKeySet);
  for (const file of files) {
    const [header = "", , signature = ""] = (await makeSeal(CONTENT, sealSigner([file], "keys"), AT)).split(".");
    const sealed = { protected: header, payload: Buffer.from(CONTENT).toString("base64url"), signature };
    const { protectedHeader } = await flattenedVerify(sealed, set);
    expect(protectedHeader?.x5c).toEqual([file.certificate, root].map(({ raw }) => Buffer.from(raw).toString("base64")));
    await expect(flattenedVerify({ ...sealed, payload: `${sealed.payload}AA` }, set)).rejects.toThrow(/signature verification failed/);
    if (file === files[0]) await expect(flattenedVerify(sealed, without)).rejects.toThrow(/no applicable key/);
  }
});

test("a key whose certificate was renewed stands in it once, with the newer certificate", () => {
  const [{ publicKey }] = PAIRS as [(typeof PAIRS)[0]];
  const renewed = certify("A seal", publicKey);
  const { keys } = JSON.parse(formatKeySet([{ certificate: renewed, isCurrent: true }, ...known])) as JSONWebKeySet;
  expect(keys).toHaveLength(PAIRS.length);
  expect(keys[0]).toMatchObject({ use: "sig", alg: "ES256", x5c: [Buffer.from(renewed.raw).toString("base64")] });
  expect(keys.flatMap((key) => Object.keys(key)).filter((name) => ["d", "p", "q", "k"].includes(name))).toEqual([]);
});

test("a key that others may have is none to verify by", () => {
  const [{ certificate }] = known as [(typeof known)[0]];
  const ended = { since: new Date(), before: 3, reason: "a copy was lost" };
  const { keys } = JSON.parse(formatKeySet([{ certificate, isCurrent: false, ended }, ...known.slice(1)])) as JSONWebKeySet;
  expect(keys).toHaveLength(PAIRS.length - 1);
  expect(JSON.stringify(keys)).not.toContain(toBase64(certificate.raw));
});
