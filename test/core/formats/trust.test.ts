import { createPrivateKey, generateKeyPairSync } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import { selfSignedCertificate } from "../../../src/adapters/keys/issue-certificate.ts";
import { noteSigner } from "../../../src/adapters/keys/note-signer.ts";
import { formatTrust, parseTrust, trustOf } from "../../../src/core/formats/trust.ts";

function certificate(name: string) {
  const key = createPrivateKey(generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ type: "pkcs8", format: "pem" }));
  return selfSignedCertificate(key, name, new Date("2026-01-01"), new Date("2055-01-01"));
}

const log = noteSigner("chartulary.local/log/00000000", generateKeyPairSync("ed25519").privateKey);
const TRUST = trustOf(
  {
    log: { origin: log.name, vkey: log.vkey },
    sealCertificates: [
      { certificate: certificate("new"), isCurrent: true },
      { certificate: certificate("old"), isCurrent: false },
    ],
  },
  [certificate("Dr A")],
);

describe("trust file (chartulary-trust/1)", () => {
  test("is read as it was written", () => {
    const read = parseTrust(formatTrust(TRUST));
    expect(formatTrust(read)).toBe(formatTrust(TRUST));
    expect(read.log).toMatchObject({ origin: log.name, verifiers: [{ vkey: log.vkey }] });
    expect(read.seals.map((seal) => [seal.certificate.subject, seal.isCurrent])).toEqual([
      ["CN=new", true],
      ["CN=old", false],
    ]);
    expect(read.signers.map((signer) => signer.subject)).toEqual(["CN=Dr A"]);
  });

  test.each([
    ["a certificate that is none", /-----BEGIN/, "-----BEGUN"],
    ["dates that the certificate does not have", '"notAfter": "2055', '"notAfter": "2056'],
    ["a verifier key that is none", log.vkey, "key"],
    ["a property less", /,\s+"signers": \[[^\]]+\]/, ""],
  ])("with %s it is malformed", (_, from, to) => {
    const changed = formatTrust(TRUST).replace(from, to);
    expect(changed).not.toBe(formatTrust(TRUST));
    expect(() => parseTrust(changed)).toThrow(expect.objectContaining({ code: "malformed" }));
  });
});
