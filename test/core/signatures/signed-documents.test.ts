import { expect, test } from "@jest/globals";
import { parseCertificate } from "../../../src/core/crypto/certificate.ts";
import { stateOf } from "../../../src/core/signatures/signature-check.ts";
import { treeOfText } from "../../pipeline/sign/deposited.ts";
import { checkDocumentSignatures } from "../../r4.ts";
import { signedDocuments } from "./signed-documents.ts";

const SIGNED = signedDocuments();

test("keys of every kind sign by every algorithm that takes them", () => {
  expect(SIGNED.filter(({ isUsual }) => isUsual).length).toBeGreaterThan(25);
  expect(SIGNED.filter(({ isUsual }) => !isUsual).length).toBeGreaterThan(5);
});

// A trusted certificate on a brainpool curve once ended the process, within Node's own toLegacyObject.
test.each(SIGNED)(
  "$name: proven of whom the document names, or not checked where the algorithm takes no such key",
  async ({ text, signer, isUsual }) => {
    const [check] = await checkDocumentSignatures(treeOfText(text), { signers: [parseCertificate(signer)] });
    expect(check && stateOf(check)).toBe(isUsual ? "proven" : "unchecked");
    const altered = treeOfText(text.replace("Discharge summary", "Discharge report"));
    const [other] = await checkDocumentSignatures(altered, { signers: [parseCertificate(signer)] });
    expect(other && stateOf(other)).toBe(isUsual ? "false" : "unchecked");
  },
);
