import { createPrivateKey, generateKeyPairSync, X509Certificate, type KeyObject } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import { calculateJwkThumbprint, flattenedVerify } from "jose";
import { issueCertificate } from "../../../src/adapters/keys/issue-certificate.ts";
import { parseSeal } from "../../../src/adapters/keys/key-files.ts";
import { sealSigner } from "../../../src/adapters/keys/seal-signer.ts";
import { checkSignature } from "../../../src/core/cms/check-signature.ts";
import { makeSignature } from "../../../src/core/cms/make-signature.ts";
import { pemOf, type Certificate } from "../../../src/core/crypto/certificate.ts";
import { checkSeal, makeSeal } from "../../../src/core/signatures/seal.ts";
import { checkXmlSeal, makeXmlSeal } from "../../../src/core/signatures/xml-seal.ts";
import { sha256 } from "../../../src/core/crypto/digest.ts";

const CONTENT = new TextEncoder().encode('{"resourceType":"Bundle"}');
const AT = new Date("2026-03-14T08:31:00.999Z");
const PERIOD = { validFrom: new Date("2026-01-01T00:00:00Z"), validTo: new Date("2036-01-01T00:00:00Z") };
const authority = generateKeyPairSync("ec", { namedCurve: "P-256" });

function certify(subject: string, publicKey: KeyObject, isAuthority: boolean): Certificate {
  return issueCertificate({ ...PERIOD, subject, publicKey, issuer: "The authority", issuerKey: authority.privateKey, isAuthority });
}

const root = certify("The authority", authority.publicKey, true);
const keyPem = (key: KeyObject): string => key.export({ type: "pkcs8", format: "pem" }).toString();
const KINDS: readonly [string, { readonly privateKey: KeyObject; readonly publicKey: KeyObject }][] = [
  ["ES256", generateKeyPairSync("ec", { namedCurve: "P-256" })],
  ["ES384", generateKeyPairSync("ec", { namedCurve: "P-384" })],
  ["ES512", generateKeyPairSync("ec", { namedCurve: "P-521" })],
  ["PS256", generateKeyPairSync("rsa", { modulusLength: 2048 })],
  ["EdDSA", generateKeyPairSync("ed25519")],
];

describe.each(KINDS)("a seal by %s", (algorithm, { privateKey, publicKey }) => {
  const certificate = certify("A seal", publicKey, false);
  const file = parseSeal(pemOf(certificate) + pemOf(root) + keyPem(privateKey));
  const signer = sealSigner([file], "keys");
  const known = [{ certificate, isCurrent: true }];

  test("has the key's own algorithm, brings its chain, and is verified by us and by a JOSE library", async () => {
    expect(signer.algorithm).toBe(algorithm);
    const seal = await makeSeal(CONTENT, signer, AT);
    expect(await checkSeal(seal, CONTENT, known)).toMatchObject({
      block: "valid",
      content: "valid",
      certificate: "valid",
      signedAt: "2026-03-14T08:31:00Z",
    });
    expect(await checkSeal(seal, CONTENT.with(3, 65), known)).toMatchObject({ block: "invalid" });
    const [header = "", , signature = ""] = seal.split(".");
    const flattened = { protected: header, payload: Buffer.from(CONTENT).toString("base64url"), signature };
    const { protectedHeader } = await flattenedVerify(flattened, new X509Certificate(certificate.raw).publicKey);
    expect(protectedHeader).toMatchObject({ alg: algorithm, kid: await calculateJwkThumbprint(publicKey.export({ format: "jwk" })) });
    expect(protectedHeader?.x5c).toEqual([certificate, root].map(({ raw }) => Buffer.from(raw).toString("base64")));
  });

  test("stands in CMS too, as in a PDF, and over XML", async () => {
    const { encoded } = await makeSignature([CONTENT], signer);
    expect(await checkSignature(encoded, [CONTENT.subarray(0, 5), CONTENT.subarray(5)])).toMatchObject({ kind: "valid" });
    expect(await checkSignature(encoded, [CONTENT.with(3, 65)])).toMatchObject({ kind: "invalid" });
    const xml = await makeXmlSeal({ documentId: "0a1b2c3d-0000-4000-8000-000000000000", digest: sha256(CONTENT) }, signer, AT);
    expect(await checkXmlSeal(xml, CONTENT, known)).toMatchObject({ block: "valid", content: "valid", certificate: "valid" });
    expect(await checkXmlSeal(xml, CONTENT.with(3, 65), known)).toMatchObject({ block: "valid", content: "invalid" });
  });
});

describe("a seal's file", () => {
  const [, { privateKey, publicKey }] = KINDS[0]!;
  const certificate = certify("A seal", publicKey, false);

  test("is refused where its certificates do not lead on from the first, or its key is another's", () => {
    expect(() => parseSeal(pemOf(certificate) + pemOf(certify("Another", publicKey, false)) + keyPem(privateKey))).toThrow(/issuers/);
    expect(() => parseSeal(pemOf(certificate) + keyPem(generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey))).toThrow(
      /not that of its certificate/,
    );
  });

  test("with a key by which no seal can be verified everywhere is told so", () => {
    for (const odd of [generateKeyPairSync("ec", { namedCurve: "secp256k1" }), generateKeyPairSync("rsa", { modulusLength: 1024 })]) {
      const seal = parseSeal(pemOf(certify("A seal", odd.publicKey, false)) + keyPem(createPrivateKey(keyPem(odd.privateKey))));
      expect(() => sealSigner([seal], "keys")).toThrow(/under which no seal is made/);
    }
  });
});
