import { createPublicKey, generateKeyPairSync, X509Certificate } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import { issueCertificate, selfSignedCertificate } from "../../../src/adapters/keys/issue-certificate.ts";

const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });

describe("selfSignedCertificate", () => {
  test("is one that OpenSSL reads and verifies, for the key and the time asked for", () => {
    const certificate = selfSignedCertificate(privateKey, "Chartulary seal ü", new Date("2026-03-14T08:31:00Z"), new Date("2056-03-14T08:31:00Z"));
    const read = new X509Certificate(certificate.raw);
    expect(read.subject).toBe("CN=Chartulary seal ü");
    expect(read.issuer).toBe(read.subject);
    expect(read.validFromDate).toEqual(new Date("2026-03-14T08:31:00Z"));
    expect(read.validToDate).toEqual(new Date("2056-03-14T08:31:00Z"));
    expect(read.verify(createPublicKey(privateKey))).toBe(true);
    expect(read.checkPrivateKey(privateKey)).toBe(true);
    expect(read.ca).toBe(false);
  });

  test("has a serial number of its own each time: positive, 16 bytes", () => {
    const serials = Array.from({ length: 20 }, () => {
      const { raw } = selfSignedCertificate(privateKey, "a", new Date(), new Date("2056-01-01"));
      return new X509Certificate(raw).serialNumber;
    });
    expect(new Set(serials).size).toBe(20);
    for (const serial of serials) expect(serial).toMatch(/^40[0-9A-F]{30}$/);
  });
});

test("issueCertificate makes authorities, and certificates that lead to them", async () => {
  const authority = { issuer: "CA", issuerKey: privateKey, validFrom: new Date("2026-01-01"), validTo: new Date("2027-01-01") };
  const root = issueCertificate({ ...authority, subject: "CA", publicKey: createPublicKey(privateKey), isAuthority: true });
  const issued = issueCertificate({
    ...authority,
    subject: "Dr A",
    publicKey: generateKeyPairSync("ec", { namedCurve: "P-384" }).publicKey,
    isAuthority: false,
  });
  expect(root.isAuthority).toBe(true);
  expect(issued.namesIssuer(root)).toBe(true);
  expect(await issued.isSignedBy(root)).toBe(true);
  expect(await root.isSignedBy(issued)).toBe(false);
});
