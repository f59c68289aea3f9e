import { describe, expect, test } from "@jest/globals";
import { formatDepositRecord, parseDepositRecord } from "../../../src/core/formats/deposit-record.ts";
import { canonicalJson } from "../../../src/core/fhir/canonical.ts";
import type { SignatureCheck } from "../../../src/core/signatures/signature-check.ts";
import { CONTENT_DIFFERS } from "../../../src/core/signatures/signature-finding.ts";
import { DEPOSIT } from "./samples.ts";

const NAMELESS = { block: "not-checked", content: "not-checked", certificate: "not-checked", standing: "unknown" } as const;

describe("deposit record (chartulary-deposit/1)", () => {
  test("is read as it was written", () => {
    const read = parseDepositRecord(formatDepositRecord(DEPOSIT));
    expect({ ...read, outcome: canonicalJson(read.outcome) }).toEqual({ ...DEPOSIT, outcome: canonicalJson(DEPOSIT.outcome) });
  });

  test("says less, never more, where version 1 has no words for it", () => {
    const [good] = DEPOSIT.signatures;
    if (good === undefined) throw new Error("no signature");
    const read = (check: Partial<SignatureCheck>) =>
      parseDepositRecord(formatDepositRecord({ ...DEPOSIT, signatures: [{ ...good, ...check }] })).signatures[0];
    expect(read({ certificate: "valid", standing: "trusted", signer: "valid" })).toMatchObject({ certificate: "valid", signer: "not-checked" });
    expect(read({ certificate: "invalid", standing: "expired" })).toMatchObject({ certificate: "invalid" });
    expect(read({ certificate: "invalid", standing: "not-trusted" })).toMatchObject({ certificate: "not-checked" });
    expect(read({ content: "not-checked" })).toMatchObject({ block: "not-checked", content: "not-checked" });
    const altered = { block: "valid", content: "invalid", explanation: `The signature of Dr A is not valid: ${CONTENT_DIFFERS}.` } as const;
    expect(read(altered)).toMatchObject({ block: "valid", content: "invalid", signerName: "Dr A" });
    expect(read({ block: "invalid", content: "not-checked" })).toMatchObject({ block: "invalid", content: "not-checked" });
  });

  test.each([
    ["a valid one", {}, { block: "valid", content: "valid", certificate: "valid", signerName: "Dr A" }],
    ["no time at which its certificate was asked about", { certificate: "expired", signedAt: undefined }, { certificate: "not-checked" }],
    [
      "an algorithm none beside a copied certificate",
      { integrity: "unsupported", explanation: "The signature of Dr A was not checked; it cannot be checked: algorithm none." },
      NAMELESS,
    ],
    [
      "what it could not read",
      { integrity: "invalid", explanation: "The signature of Dr A is not valid: its data is no JSON Web Signature." },
      NAMELESS,
    ],
    [
      "another content",
      { form: "xml-dsig", integrity: "invalid", explanation: "The signature is not valid: the document is not the one that was signed." },
      { block: "valid", content: "invalid" },
    ],
    [
      "a false block",
      {
        integrity: "invalid",
        explanation: "The signature of Dr A is not valid: the document is not the one that was signed, or the signature was altered.",
      },
      { block: "invalid", content: "not-checked", certificate: "not-checked" },
    ],
    ["a claimed name without a certificate", { certificate: "none" }, { certificate: "not-checked", standing: "none" }],
  ])("of version 0.1.0, about %s, is read for what it is worth", (_, changed, expected) => {
    const recorded = {
      place: "Bundle.signature",
      form: "jws",
      integrity: "valid",
      certificate: "trusted",
      signer: "author",
      signerName: "Dr A",
      signedAt: "2026-03-14T08:00:00Z",
      explanation: "Good.",
      ...changed,
    };
    const text = formatDepositRecord({ ...DEPOSIT, signatures: [] }).replace('"signatures":[]', `"signatures":[${JSON.stringify(recorded)}]`);
    const [read] = parseDepositRecord(text).signatures;
    expect(read).toMatchObject(expected);
    const showsName = read?.block === "valid" && read.standing !== "none";
    expect([read?.signerName, /Dr A/.test(read?.explanation ?? "")]).toEqual(showsName ? ["Dr A", expect.any(Boolean)] : [undefined, false]);
  });

  test("is canonical JSON, which begins thus", () => {
    expect(formatDepositRecord(DEPOSIT)).toMatch(/^\{"format":"chartulary-deposit\/1","id":"3f1c1c3e-/);
    expect(formatDepositRecord(DEPOSIT)).toContain('"versions":{"policy":"default/1","rules":"r4/1","software":"chartulary/0.1.0"}');
  });

  test.each([
    ["without a version", '"rules":"r4/1",', ""],
    ["with an unknown integrity", '"integrity":"valid"', '"integrity":"perfect"'],
    ["without an outcome", /"outcome":\{.*\},"receivedAt/, '"outcome":null,"receivedAt'],
    ["with something unknown in a signature's results", '"place"', '"pluck":1,"place"'],
  ])("%s it is malformed", (_, from, to) => {
    expect(() => parseDepositRecord(formatDepositRecord(DEPOSIT).replace(from, to))).toThrow(expect.objectContaining({ code: "malformed" }));
  });
});
