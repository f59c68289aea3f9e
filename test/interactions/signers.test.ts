import { expect, test } from "@jest/globals";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openKeyFolder } from "../../src/adapters/keys/key-folder.ts";
import { fingerprintOf, pemOf } from "../../src/core/crypto/certificate.ts";
import { formatTrust, trustOf } from "../../src/core/formats/trust.ts";
import { readSigners } from "../../src/interactions/signers.ts";

test("trusted signers are read from PEM certificates, among other text, or from a trust file", async () => {
  const folder = mkdtempSync(join(tmpdir(), "chartulary-signers-"));
  const keys = await openKeyFolder(join(folder, "keys"));
  rmSync(folder, { recursive: true });
  const [certificate] = keys.seal.chain;
  if (!certificate) throw new Error("a seal has a certificate");
  const pem = pemOf(certificate);
  expect(readSigners(`Ward 7\n${pem}\n${pem}`).signers.map(fingerprintOf)).toEqual([fingerprintOf(certificate), fingerprintOf(certificate)]);
  expect(readSigners(formatTrust(trustOf(keys, [certificate]))).signers.map(fingerprintOf)).toEqual([fingerprintOf(certificate)]);
});

test.each([[""], ["hello"], ["{}"], ["-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"]])("%p is refused", (text) =>
  expect(() => readSigners(text)).toThrow(expect.objectContaining({ code: "malformed" })),
);

test("lists of revoked certificates may stand among them; one that cannot be read is refused", () => {
  const file = (name: string): Buffer => readFileSync(new URL(`../../fixtures/certificates/${name}`, import.meta.url));
  const list = (bytes: Buffer): string => `-----BEGIN X509 CRL-----\n${bytes.toString("base64").replace(/.{64}/g, "$&\n")}\n-----END X509 CRL-----\n`;
  const root = file("root.pem").toString("utf8");
  const { signers, revocations } = readSigners(root + list(file("root.crl")) + list(file("brain.crl")));
  expect([signers.length, revocations?.lists.length]).toEqual([1, 2]);
  expect(() => readSigners(root + list(file("root.crl").subarray(1)))).toThrow(expect.objectContaining({ code: "malformed" }));
});
