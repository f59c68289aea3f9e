import { createPrivateKey, generateKeyPairSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { selfSignedCertificate } from "../../../src/adapters/keys/issue-certificate.ts";
import { noteSigner } from "../../../src/adapters/keys/note-signer.ts";
import { shelfOf } from "../../../src/core/revocation/revocation-shelf.ts";
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

describe("whose a certificate is, as the trust file says", () => {
  const certificate = `sha256:${"a".repeat(64)}`;
  const parties = [{ certificate, identifiers: [{ system: "urn:oid:1.2.3", value: "4711" }, { value: "Ward 7" }] }];

  test("is read as it was written, in version 2", () => {
    const text = formatTrust({ ...TRUST, parties });
    expect((JSON.parse(text) as { format: string }).format).toBe("chartulary-trust/2");
    expect(parseTrust(text).parties).toEqual(parties);
  });

  test.each([
    ["of no digest", [{ ...parties[0], certificate: "4711" }]],
    ["of nobody", [{ certificate, identifiers: [] }]],
    ["that is no object", ["4711"]],
    ["with an identifier without a value", [{ certificate, identifiers: [{ system: "a" }] }]],
  ])("%s is malformed", (_, told) => {
    const text = formatTrust({ ...TRUST, parties });
    const changed = JSON.stringify({ ...(JSON.parse(text) as object), parties: told });
    expect(() => parseTrust(changed)).toThrow(expect.objectContaining({ code: "malformed" }));
  });
});

describe("trust file with revocations (chartulary-trust/2)", () => {
  const list = new Uint8Array(readFileSync(new URL("../../../fixtures/certificates/brain.crl", import.meta.url)));
  const knowing = { ...TRUST, revocations: shelfOf([list]), needsRevocation: true };

  test("is read as it was written; without any it is of version 1", () => {
    const read = parseTrust(formatTrust(knowing));
    expect(formatTrust(read)).toBe(formatTrust(knowing));
    expect([read.needsRevocation, read.revocations?.lists.map(({ raw }) => raw)]).toEqual([true, [list]]);
    expect(formatTrust(knowing)).toContain("chartulary-trust/2");
    expect(parseTrust(formatTrust(TRUST))).toMatchObject({ needsRevocation: false, revocations: { lists: [], answers: [] } });
    expect(formatTrust(TRUST)).toContain("chartulary-trust/1");
  });

  test("with a list that is none it is malformed", () => {
    const changed = formatTrust(knowing).replace(/("revocations": \[\s*")MIH/, "$1MIJ");
    expect(changed).not.toBe(formatTrust(knowing));
    expect(() => parseTrust(changed)).toThrow(expect.objectContaining({ code: "malformed" }));
  });
});
