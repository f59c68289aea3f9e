import { subjectNameOf } from "../../../src/core/crypto/certificate.ts";
import { shelfOf, type RevocationSource } from "../../../src/core/revocation/revocation-shelf.ts";
import { bytesOf } from "../../core/crypto/certificate-fixtures.ts";
import { afterAll, describe, expect, test } from "@jest/globals";
import { treeOf } from "../../../src/core/fhir/tree/tree.ts";
import { DEFAULT_READ_LIMITS } from "../../../src/core/fhir/reading/read-limits.ts";
import { writeJson } from "../../../src/core/fhir/json/write-json.ts";
import { CHECKER_LIMITS, createSignatureChecker, type SignatureChecker } from "../../../src/pipeline/sign/signature-checker.ts";
import { person } from "../../core/signatures/people.ts";
import { detachedJws, protectedHeaderOf, signingInput } from "../../../src/core/signatures/jws.ts";
import { canonicalDocument } from "../../../src/core/fhir/canonical.ts";
import { sign } from "node:crypto";
import { sampleDocument, treeOfText } from "./deposited.ts";
import { answerHere, R4 } from "../../r4.ts";
import { toBase64 } from "../../../src/core/crypto/base64.ts";

const doctor = person("Dr A. Meyer");
const RECEIVED = new Date("2026-03-14T08:31:00Z");
const checkers: SignatureChecker[] = [];
afterAll(() => Promise.all(checkers.map((checker) => checker.close())));

function checkerWith(limits: Partial<typeof CHECKER_LIMITS>): SignatureChecker {
  const checker = createSignatureChecker(R4.definitions, DEFAULT_READ_LIMITS, { ...CHECKER_LIMITS, ...limits });
  checkers.push(checker);
  return checker;
}

/** A document of about that many bytes, signed. */
function question(size: number, by = doctor) {
  const bundle = treeOfText(sampleDocument("urn:uuid:1", { link: [{ relation: "x", url: "x".repeat(size) }] }));
  const header = { alg: "ES256", x5c: [toBase64(by.certificate.raw)], sigT: "2026-03-14T08:00:00Z" };
  const protectedHeader = protectedHeaderOf(header);
  const input = signingInput(protectedHeader, new TextEncoder().encode(canonicalDocument(bundle)));
  const jws = detachedJws(protectedHeader, sign("sha256", input, { key: doctor.key, dsaEncoding: "ieee-p1363" }));
  bundle.add("signature", treeOf({ who: { display: "A. Meyer" }, data: Buffer.from(jws).toString("base64") }));
  return { bundle, bytes: new TextEncoder().encode(writeJson(bundle)), isXml: false, trust: { signers: [doctor.certificate] }, receivedAt: RECEIVED };
}

describe("the checker of a service", () => {
  test("comes to the same in its worker as here, and asks no more than once", async () => {
    const asked = question(200_000);
    const checker = checkerWith({});
    const [result] = await checker.check(asked);
    expect([result]).toEqual(await answerHere(asked));
    expect(result).toMatchObject({ block: "valid", content: "valid", certificate: "valid", signer: "valid" });
    await checker.close();
    expect(await checker.check(asked)).toEqual([result]);
  });

  test("leaves its asker the bytes, in whatever memory they are", async () => {
    const asked = question(200_000);
    const bytes = Buffer.alloc(asked.bytes.length);
    bytes.set(asked.bytes);
    expect((await checkerWith({}).check({ ...asked, bytes }))[0]).toMatchObject({ block: "valid" });
    expect(bytes.length).toBe(asked.bytes.length);
  });

  test("asks the source of revocations about a large document too, and judges again by what it tells", async () => {
    const authority = person("Authority", { isAuthority: true });
    const signer = person("A. Meyer", { by: authority, key: doctor.key });
    const asked: string[] = [];
    const source: RevocationSource = (certificate, issuer) => {
      asked.push(`${subjectNameOf(certificate)} by ${subjectNameOf(issuer)}`);
      return Promise.resolve(shelfOf([bytesOf("root.crl")]));
    };
    const checker = checkerWith({});
    const large = question(200_000, signer);
    const [result] = await checker.check({ ...large, trust: { signers: [authority.certificate], source } });
    expect(result).toMatchObject({ certificate: "valid", explanation: expect.stringContaining("whether it had been revoked is not known") });
    expect(asked).toEqual(["A. Meyer by Authority"]);
    await checker.close();
  });

  test("gives another answer for another trust, another time and other bytes", async () => {
    const asked = question(200_000);
    const checker = checkerWith({});
    await checker.check(asked);
    await checker.close();
    // What it does not remember it would have to ask.
    for (const other of [
      { trust: undefined },
      { receivedAt: new Date("2027-01-01") },
      { bytes: new TextEncoder().encode(writeJson(asked.bundle, { pretty: true })) },
    ])
      expect((await checker.check({ ...asked, ...other }))[0]?.explanation).toContain("stopping");
    expect((await checker.check(asked))[0]).toMatchObject({ certificate: "valid" });
    expect((await checkerWith({}).check({ ...asked, trust: undefined }))[0]).toMatchObject({ block: "valid", certificate: "not-checked" });
  });

  test("answers what is small at once", async () => {
    const checker = checkerWith({});
    await checker.close();
    expect((await checker.check(question(10)))[0]).toMatchObject({ block: "valid" });
    expect((await checker.check(question(200_000)))[0]).toMatchObject({
      block: "not-checked",
      explanation: expect.stringContaining("stopping"),
    });
  });

  test.each([["time", { time: 1, timePerByte: 0 }, /longer than the 0 seconds/]])(
    "says which limit was met: %s; and goes on",
    async (_, limits, reason) => {
      const checker = checkerWith({ ...limits, overrunRemembered: 0 });
      // An answer that is here before its limit is looked at counts, as it may be when this thread is kept waiting: then another is asked about.
      for (let times = 0, size = 2_000_000; times < 2; size += 1) {
        const [result] = await checker.check(question(size));
        if (result?.block === "valid") continue;
        times += 1;
        expect(result).toMatchObject({
          place: "Bundle.signature",
          block: "not-checked",
          content: "not-checked",
          certificate: "not-checked",
          signer: "not-checked",
        });
        expect(result?.explanation).toMatch(reason);
      }
    },
  );
});
