import { describe, expect, test } from "@jest/globals";
import { parseCertificate, pemOf, readChain, subjectNameOf } from "../../../src/core/crypto/certificate.ts";
import { person } from "../signatures/people.ts";
import { toBase64 } from "../../../src/core/crypto/base64.ts";

const doctor = person("Dr A. Meyer");

describe("parseCertificate", () => {
  test("reads PEM and DER, and the name of the subject", () => {
    expect(subjectNameOf(parseCertificate(pemOf(doctor.certificate)))).toBe("Dr A. Meyer");
    expect(subjectNameOf(parseCertificate(doctor.certificate.raw))).toBe("Dr A. Meyer");
    expect(subjectNameOf(person('Ä. "M" Özil, MD + Łódź').certificate)).toBe('Ä. "M" Özil, MD + Łódź');
    expect(() => parseCertificate("-----BEGIN")).toThrow(expect.objectContaining({ code: "malformed" }));
  });
});

describe("readChain", () => {
  const text = toBase64(doctor.certificate.raw);
  test("reads base64 of DER, and says why a list is not used", () => {
    expect(readChain([text, `\n${text}\n`])).toHaveLength(2);
    expect(readChain([text.slice(4)])).toMatch(/cannot be read/);
    expect(readChain(["!"])).toMatch(/not base64/);
    expect(readChain(["A".repeat(100_000)])).toMatch(/too large/);
    expect(readChain(Array<string>(11).fill(text))).toMatch(/more than 10/);
  });
});
