/** Files that OpenSSL and Java make, in today's form and in those of ten years ago: made anew on each run. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createPublicKey, generateKeyPairSync, X509Certificate, type KeyObject } from "node:crypto";
import { afterAll, describe, expect, test } from "@jest/globals";
import { issueCertificate } from "../../../src/adapters/keys/issue-certificate.ts";
import { readPkcs12 } from "../../../src/adapters/keys/pkcs12.ts";
import { pemOf, type Certificate } from "../../../src/core/crypto/certificate.ts";

const folder = mkdtempSync(join(tmpdir(), "pkcs12-"));
afterAll(() => rmSync(folder, { recursive: true }));
const PASSWORD = "Grüße 7";
const authority = generateKeyPairSync("ec", { namedCurve: "P-256" });
const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-384" });
const certify = (subject: string, key: KeyObject, isAuthority = false): Certificate =>
  issueCertificate({
    ...{ subject, publicKey: key, isAuthority, issuer: "The authority", issuerKey: authority.privateKey },
    ...{ validFrom: new Date("2026-01-01T00:00:00Z"), validTo: new Date("2036-01-01T00:00:00Z") },
  });
const [leaf, root] = [certify("A seal", publicKey), certify("The authority", authority.publicKey, true)];
const other = certify("Another", generateKeyPairSync("ed25519").publicKey);
const at = (name: string): string => join(folder, name);
const pemOfKey = (key: KeyObject): string => key.export({ type: "pkcs8", format: "pem" }).toString();
writeFileSync(at("key.pem"), pemOfKey(privateKey));
writeFileSync(at("leaf.pem"), pemOf(leaf));
writeFileSync(at("more.pem"), pemOf(other) + pemOf(root));

/** As `openssl pkcs12 -export` makes it. */
function exported(name: string, ...options: readonly string[]): Uint8Array {
  const from = ["-inkey", at("key.pem"), "-in", at("leaf.pem"), "-certfile", at("more.pem"), "-out", at(name), "-passout", `pass:${PASSWORD}`];
  execFileSync("openssl", ["pkcs12", "-export", ...from, ...options], { stdio: "pipe" });
  return readFileSync(at(name));
}

const hasLegacy = spawnSync("openssl", ["list", "-providers", "-provider", "legacy"], { encoding: "utf8" }).stdout.includes("legacy");
const hasKeytool = spawnSync("keytool", ["-help"]).error === undefined;

const FORMS: readonly (readonly [string, ...string[]])[] = [
  ["today's"],
  ["AES-128 and a MAC with SHA-512", "-keypbe", "AES-128-CBC", "-certpbe", "AES-192-CBC", "-macalg", "sha512"],
  ["3DES, MAC with SHA-1", "-keypbe", "PBE-SHA1-3DES", "-certpbe", "PBE-SHA1-3DES", "-macalg", "sha1"],
  ["3DES with two keys", "-keypbe", "PBE-SHA1-2DES", "-certpbe", "PBE-SHA1-2DES", "-macalg", "sha384"],
  ["certificates in the clear", "-certpbe", "NONE"],
  ["no MAC", "-nomac"],
];

describe.each(FORMS)("%s", (_form, ...options) => {
  test("gives key and chain, and nothing to another password", () => {
    const bytes = exported("form.p12", ...options);
    const read = readPkcs12(bytes, PASSWORD);
    expect(createPublicKey(read.privateKey).equals(publicKey)).toBe(true);
    expect(read.chain.map(({ subject }) => subject)).toEqual(["CN=A seal", "CN=The authority"]);
    for (const wrong of ["", "Gruesse 7", `${PASSWORD} `]) expect(() => readPkcs12(bytes, wrong)).toThrow(/password/);
  });
});

(hasLegacy ? test : test.skip)("RC2 with 40 and 128 bits, as files of ten years ago have it", () => {
  for (const cipher of ["PBE-SHA1-RC2-40", "PBE-SHA1-RC2-128"]) {
    const bytes = exported("old.p12", "-legacy", "-keypbe", cipher, "-certpbe", cipher);
    expect(readPkcs12(bytes, PASSWORD).chain).toHaveLength(2);
    expect(() => readPkcs12(bytes, "another")).toThrow(/password/);
  }
});

(hasKeytool ? test : test.skip)("Java's keytool", () => {
  const store = ["-keystore", at("java.p12"), "-storetype", "PKCS12", "-storepass", "changeit"];
  for (const form of [[], ["-J-Dkeystore.pkcs12.legacy"]]) {
    rmSync(at("java.p12"), { force: true });
    execFileSync("keytool", ["-genkeypair", "-alias", "seal", "-keyalg", "EC", "-groupname", "secp256r1", "-dname", "CN=Java", ...store, ...form], {
      stdio: "pipe",
    });
    const { privateKey: key, chain } = readPkcs12(readFileSync(at("java.p12")), "changeit");
    expect(new X509Certificate(chain[0]?.raw ?? "").checkPrivateKey(key)).toBe(true);
    expect(() => readPkcs12(readFileSync(at("java.p12")), "changed")).toThrow(/password/);
  }
});

test("no altered or shortened file gives another key", () => {
  const bytes = exported("whole.p12");
  const step = Math.ceil(bytes.length / 150);
  for (let place = 0; place < bytes.length; place += step) {
    const altered = bytes.with(place, (bytes[place] ?? 0) ^ 1);
    try {
      // The salt's and the number of turns' encodings leave no bit free; only what nobody reads may differ.
      expect(createPublicKey(readPkcs12(altered, PASSWORD).privateKey).equals(publicKey)).toBe(true);
    } catch (error) {
      expect((error as { readonly code?: string }).code).toMatch(/^(?:invalid|malformed|unsupported)$/);
    }
    expect(() => readPkcs12(bytes.subarray(0, place), PASSWORD)).toThrow();
  }
});

test("says what is wrong with a file that cannot be a seal's", () => {
  execFileSync("openssl", ["pkcs12", "-export", "-nokeys", "-in", at("leaf.pem"), "-out", at("none.p12"), "-passout", "pass:x"], { stdio: "pipe" });
  expect(() => readPkcs12(readFileSync(at("none.p12")), "x")).toThrow(/no private key/);
  for (const bytes of [new Uint8Array(), new TextEncoder().encode(pemOf(leaf)), leaf.raw]) expect(() => readPkcs12(bytes, "x")).toThrow();
});
