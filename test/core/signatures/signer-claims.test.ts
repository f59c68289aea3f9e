/** What a signer says, and what the document says of a signer: nothing of it is taken for more than it is. */
import { createHash, sign } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import { toBase64 } from "../../../src/core/crypto/base64.ts";
import { subjectNameOf } from "../../../src/core/crypto/certificate.ts";
import { canonicalDocument } from "../../../src/core/fhir/canonical.ts";
import { treeOf, type JsonObject } from "../../../src/core/fhir/tree/tree.ts";
import { instantIn } from "../../../src/core/signatures/decisive-time.ts";
import { detachedJws, protectedHeaderOf, signingInput } from "../../../src/core/signatures/jws.ts";
import type { SignatureCheck } from "../../../src/core/signatures/signature-check.ts";
import { Parties, partyProof } from "../../../src/core/signatures/signer-role.ts";
import { sampleDocument, treeOfText } from "../../pipeline/sign/deposited.ts";
import { checkDocumentSignatures } from "../../r4.ts";
import { person, type Person } from "./people.ts";

const root = person("Test root", { isAuthority: true });
const doctor = person("A. Meyer", { by: root });
const nurse = person("B. Vogt", { by: root });
const trust = { signers: [root.certificate] };

/** The sample, with these attesters, signed by the doctor. */
async function judge(attesters: readonly object[], who: object, header: object = {}): Promise<SignatureCheck | undefined> {
  const sample = JSON.parse(sampleDocument("urn:uuid:1")) as { entry: { resource: object }[] };
  const [{ resource: composition }, ...others] = sample.entry as [{ resource: object }];
  const bundle = treeOfText(JSON.stringify({ ...sample, signature: undefined, entry: [{ ...sample.entry[0], resource: { ...composition, attester: attesters } }, ...others] })); // prettier-ignore
  const named = protectedHeaderOf({ alg: "ES256", x5c: [toBase64(doctor.certificate.raw)], ...header });
  const content = new TextEncoder().encode(canonicalDocument(bundle));
  const value = sign("sha256", signingInput(named, content), { key: doctor.key, dsaEncoding: "ieee-p1363" });
  const data = toBase64(new TextEncoder().encode(detachedJws(named, value)));
  const [check] = await checkDocumentSignatures(bundle.add("signature", treeOf({ who, sigFormat: "application/jose", data })), trust);
  return check;
}

const attester = (party: object): object => ({ mode: "legal", party });

describe("whose signature it is", () => {
  test("nobody signs as another by sharing a reference or an identifier that nothing protects", async () => {
    const identifier = { system: "https://ward.example.org/staff", value: "4711" };
    for (const shared of [{ reference: "Practitioner/77" }, { identifier }]) {
      const who = { ...shared, display: "A. Meyer" };
      expect(await judge([attester({ ...shared, display: "B. Vogt" })], who)).toMatchObject({ content: "valid", signer: "valid", role: "other" });
      expect(await judge([attester({ ...shared, display: "Dr A. Meyer" })], who)).toMatchObject({ signer: "valid", role: "attester" });
      // Of a party that has no name nobody can say that it is another one.
      expect(await judge([attester(shared)], who)).toMatchObject({ signer: "valid", role: "attester" });
      // What is not proved stays what the document claims.
      expect(await judge([attester({ ...shared, display: "B. Vogt" })], { ...shared, display: "B. Vogt" })).toMatchObject({
        signer: "not-checked",
        role: "attester",
      });
    }
  });

  const isSame = (certified: string, told: string): boolean => {
    const who = treeOf({ display: told }) as JsonObject;
    return partyProof(person(certified).certificate, who, new Parties(treeOf({}) as JsonObject)) === "name";
  };

  test("names differ by vowels that are marks, and not by accents and points that people leave out", () => {
    for (const [one, other] of [
      ["\u0915\u0941\u092e\u093e\u0930", "\u0915\u092e\u0930"], // Kumar, Kamar
      ["\u30ac\u30ac", "\u30ab\u30ab"], // Gaga, Kaka
      ["\u0e2a\u0e21\u0e28\u0e23\u0e35", "\u0e2a\u0e21\u0e28\u0e23"], // Somsri, Somsr
    ] as const) {
      expect(isSame(one, other)).toBe(false);
      expect(isSame(one, one)).toBe(true);
    }
    expect(isSame("Jose Munoz", "Dr Jos\u00e9 Mu\u00f1oz")).toBe(true);
    expect(isSame("\u0645\u062d\u0645\u062f", "\u0645\u064f\u062d\u064e\u0645\u0651\u064e\u062f")).toBe(true);
    expect(isSame("\u05d3\u05d5\u05d3", "\u05d3\u05bc\u05d5\u05b4\u05d3")).toBe(true);
  });

  test("a name cannot turn about the words in which it stands, or break their line", () => {
    const told = (name: string): string => subjectNameOf(person(name).certificate);
    expect(told("A. Meyer\u202e detsurt")).toBe("A. Meyer\\202E detsurt");
    expect(told("A\u2066B\u2028C\nD")).toBe("A\\2066B\\2028C\\0AD");
    // Scripts need these.
    expect(told("\u0645\u06cc\u200c\u062e")).toBe("\u0645\u06cc\u200c\u062e");
  });

  test("a certificate that a thumbprint by SHA-1 contradicts has no name", async () => {
    const thumbprint = (of: Person): string => createHash("sha1").update(of.certificate.raw).digest("base64url");
    expect(await judge([], {}, { x5t: thumbprint(doctor) })).toMatchObject({ certificate: "valid", signerName: "A. Meyer" });
    const other = await judge([], {}, { x5t: thumbprint(nurse) });
    expect(other).toMatchObject({ block: "valid", certificate: "invalid" });
    expect(other).not.toHaveProperty("signerName");
  });
});

describe("a time that is signed", () => {
  test("is an instant with its zone, and nothing else", async () => {
    for (const told of ["2026-03-14T08:00:00Z", "2026-03-14T08:00:00.25+01:00"]) expect(instantIn(told)).toBe(told);
    for (const told of [
      "2026-03-14",
      "2026-03-14T08:00:00",
      "14 Mar 2026 (call 123)",
      "2026-03-14T08:00:00Z (x)",
      "+002026-03-14T08:00:00Z",
      "2026-13-14T08:00:00Z",
      "",
    ])
      // prettier-ignore
      expect(instantIn(told)).toBeUndefined();
    expect(await judge([], {}, { sigT: "2026-03-14T08:00:00Z" })).toMatchObject({ signedAt: "2026-03-14T08:00:00Z", judged: { basis: "signed" } });
    const told = await judge([], {}, { sigT: "14 Mar 2026 (call 123)" });
    expect(told).toMatchObject({ certificate: "valid", judged: { basis: "received" } });
    expect(told).not.toHaveProperty("signedAt");
  });
});
