/** Which time counts for a certificate: issue by issue, what nothing protects is never asked, and nothing lies after the receipt. */
import { describe, expect, test } from "@jest/globals";
import type { TimeStamp } from "../../../src/core/cms/check-time-stamp.ts";
import { checkCertificate } from "../../../src/core/signatures/signer-certificate.ts";
import { decisiveTime } from "../../../src/core/signatures/decisive-time.ts";
import type { StampedFinding } from "../../../src/core/signatures/signature-finding.ts";
import { shelfOf } from "../../../src/core/revocation/revocation-shelf.ts";
import { bytesOf, certificateOf, BRAIN, ROOT } from "../crypto/certificate-fixtures.ts";
import { person } from "./people.ts";

const RECEIVED = new Date("2026-03-14T08:31:00Z");
const root = person("Test root", { isAuthority: true });
const period = { validFrom: new Date("2025-01-01"), validTo: new Date("2026-01-01") };
const lapsed = person("Lapsed", { by: root, ...period });
const future = person("Future", { by: root, validFrom: new Date("2034-01-01") });
const timeRoot = person("Root of time", { isAuthority: true });
const clock = person("Clock", { by: timeRoot });
const trust = { signers: [root.certificate], timeAuthorities: [timeRoot.certificate] };

function stamp(at: string, by = clock): TimeStamp {
  return { at: new Date(at), accuracy: undefined, policy: "1.2.3", nonce: undefined, hashes: ["sha256"], chain: [by.certificate] };
}

function check(by: typeof lapsed, more: Partial<StampedFinding> = {}) {
  const finding: StampedFinding = { form: "jws", block: "valid", content: "valid", chain: [by.certificate], ...more };
  return checkCertificate(finding, trust, RECEIVED);
}

describe("the decisive time", () => {
  test("is what the signature covers, when that lies before the receipt", async () => {
    expect(await check(lapsed, { signedAt: "2025-07-01T00:00:00Z" })).toMatchObject({
      certificate: "valid",
      sentence: expect.stringContaining("when it was signed"),
    });
    expect(await check(lapsed, { signedAt: "2026-02-01T00:00:00Z" })).toMatchObject({ certificate: "invalid", standing: "expired" });
  });

  test("is the receipt, when the signature covers none: an expired certificate is then neither valid nor false", async () => {
    const unknown = { certificate: "not-checked", standing: "unknown" };
    for (const signedAt of [undefined, "yesterday", ""])
      expect(await check(lapsed, signedAt === undefined ? {} : { signedAt })).toMatchObject({
        ...unknown,
        sentence: expect.stringContaining("no time of signing is proved"),
      });
    expect(await check(person("Still", { by: root }))).toMatchObject({
      certificate: "valid",
      sentence: expect.stringContaining("when it was received"),
    });
  });

  test("is never later than the receipt, clocks apart: what a signature of 2034 says proves nothing", async () => {
    const result = await check(future, { signedAt: "2034-06-01T00:00:00Z" });
    expect(result).toMatchObject({
      certificate: "not-checked",
      sentence: expect.stringMatching(/^the signing time that it states lies after its receipt/),
    });
    expect((await check(person("Still", { by: root }), { signedAt: "2034-06-01T00:00:00Z" })).certificate).toBe("not-checked");
    const soon = new Date(RECEIVED.getTime() + 299_000).toISOString();
    expect((await check(person("Still", { by: root }), { signedAt: soon })).certificate).toBe("valid");
  });

  test("is a time-stamp's, of an authority that is trusted for time", async () => {
    const unprotected = await check(lapsed, { timeStamps: [stamp("2025-07-01T00:00:00Z")] });
    expect(unprotected).toMatchObject({ certificate: "valid", sentence: expect.stringContaining("when it was time-stamped") });
    const stranger = stamp("2025-07-01T00:00:00Z", person("Clock", { by: person("Root of time", { isAuthority: true }) }));
    expect((await check(lapsed, { timeStamps: [stranger] })).certificate).toBe("not-checked");
    // A signer's authority is none of time.
    expect((await check(lapsed, { timeStamps: [stamp("2025-07-01T00:00:00Z", person("Clock", { by: root }))] })).certificate).toBe("not-checked");
  });

  test("is not what a signature covers, when somebody had seen it before", async () => {
    const result = await check(person("Still", { by: root }), { signedAt: "2025-09-01T00:00:00Z", timeStamps: [stamp("2025-07-01T00:00:00Z")] });
    expect(result).toMatchObject({ certificate: "not-checked", sentence: expect.stringContaining("proves nothing") });
  });

  test("a time-stamp after the receipt, or a later of several, changes nothing; the first proves most", async () => {
    const surroundings = { receivedAt: RECEIVED, timeAuthorities: trust.timeAuthorities };
    expect(await decisiveTime(undefined, [stamp("2030-01-01T00:00:00Z")], surroundings)).toMatchObject({ moment: RECEIVED, basis: "received" });
    const several = [stamp("2025-08-01T00:00:00Z"), stamp("2025-07-01T00:00:00Z"), stamp("2025-09-01T00:00:00Z")];
    expect(await decisiveTime(undefined, several, surroundings)).toMatchObject({ existedBy: new Date("2025-07-01T00:00:00Z"), basis: "stamped" });
  });
});

describe("a certificate that was revoked", () => {
  const revocations = ["root.crl", "later.brain.crl"].map(bytesOf);
  const ward = { signers: [ROOT], timeAuthorities: trust.timeAuthorities };
  const ask = (name: string, more: Partial<StampedFinding>, operator = {}) => {
    const finding: StampedFinding = { form: "jws", block: "valid", content: "valid", chain: [certificateOf(name), BRAIN], ...more };
    return checkCertificate(finding, { ...ward, ...operator }, RECEIVED);
  };

  test("before the time that it covers is invalid, by what came along or what the operator gives", async () => {
    const late = { signedAt: "2025-10-01T00:00:00Z" };
    const proved = { certificate: "invalid", sentence: "the certificate was revoked on 2025-09-01T00:00:00Z (it was superseded)" };
    expect(await ask("revoked-later", { ...late, revocations })).toMatchObject(proved);
    expect(await ask("revoked-later", late, { revocations: shelfOf(revocations) })).toMatchObject(proved);
    expect(await ask("revoked-later", late)).toMatchObject({
      certificate: "valid",
      revocation: "unknown",
      sentence: expect.stringContaining("not known"),
    });
  });

  test("later is valid only where more than the signer's word places the signature before", async () => {
    const before = { signedAt: "2025-07-01T00:00:00Z", revocations };
    expect(await ask("revoked-later", before)).toMatchObject({
      certificate: "not-checked",
      sentence: expect.stringContaining("only the signature itself says"),
    });
    const stamped = await ask("revoked-later", { ...before, timeStamps: [stamp("2025-07-02T00:00:00Z")] });
    expect(stamped).toMatchObject({ certificate: "valid", revocation: "good", sentence: expect.stringContaining("had not been revoked") });
    expect(stamped.evidence?.path).toEqual([ROOT, BRAIN, certificateOf("revoked-later")].map((one) => expect.objectContaining({ raw: one.raw })));
    expect(stamped.evidence?.revocations).toEqual(revocations);
  });

  test("where the operator asks for it, nothing known is nothing valid", async () => {
    const good = { signedAt: "2025-07-01T00:00:00Z" };
    expect(await ask("good", good, { needsRevocation: true })).toMatchObject({ certificate: "not-checked", standing: "unknown" });
    expect(await ask("good", { ...good, revocations }, { needsRevocation: true })).toMatchObject({ certificate: "valid" });
  });

  test("more and larger lists than there may be are not looked at", async () => {
    const late = { signedAt: "2025-10-01T00:00:00Z" };
    const many = [...Array.from({ length: 10 }, () => bytesOf("root.crl")), ...revocations];
    expect(await ask("revoked-later", { ...late, revocations: many })).toMatchObject({ certificate: "valid", revocation: "unknown" });
    const large = revocations.map((list) => Uint8Array.from([...list, ...new Uint8Array(200_000)]));
    expect(await ask("revoked-later", { ...late, revocations: large })).toMatchObject({ certificate: "valid", revocation: "unknown" });
  });
});
