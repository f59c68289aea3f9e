/** What other tools sign, we call valid, and altered it is invalid (fixtures/PROVENANCE.md, "signatures/xml"). */
import { describe, expect, test } from "@jest/globals";
import { DEFAULT_READ_LIMITS } from "../../../src/core/fhir/reading/read-limits.ts";
import type { SignatureCheck } from "../../../src/core/signatures/signature-check.ts";
import { utf8 } from "../../../src/core/crypto/bytes.ts";
import { answerHere, readResource } from "../../r4.ts";
import { signedXml, xmlFixtures } from "./xml-fixtures.ts";

const FIXTURES = xmlFixtures();

async function checkXml(text: string): Promise<SignatureCheck> {
  const bytes = utf8(text);
  const { resource } = readResource(bytes, "application/fhir+xml", DEFAULT_READ_LIMITS);
  if (resource === undefined) throw new Error("not read");
  const [check] = await answerHere({ bundle: resource, bytes, isXml: true, trust: undefined, receivedAt: new Date() });
  if (check === undefined) throw new Error("no signature");
  return check;
}

describe.each(FIXTURES)("$name", ({ name, signature }) => {
  test("is valid over the document", async () => {
    const { block, content, explanation } = await checkXml(signedXml(signature));
    expect({ block, content, explanation }).toMatchObject({ block: "valid", content: "valid" });
  });

  test("is not, over another", async () => {
    const altered = signedXml(signature).replace("Histologie", "Histologia");
    // By an address a reference may mean something else than this document.
    const content = /detached/.test(name) ? "not-checked" : "invalid";
    expect(await checkXml(altered)).toMatchObject({ block: "valid", content });
  });

  test("is not, with another value or digest", async () => {
    const flipped = (text: string, tag: string): string =>
      text.replace(new RegExp(`(<(?:ds:)?${tag}[^>]*>\\s*)(.)`), (_, before: string, first: string) => before + (first === "A" ? "B" : "A"));
    for (const tag of ["SignatureValue", "DigestValue"]) {
      expect(flipped(signature, tag)).not.toBe(signature);
      // Java leaves the mask unsaid here, which may be read in two ways: nothing is proved by a value that does not fit.
      const block = name === "jdk-enveloped-rsa-pss-short-salt" ? "not-checked" : "invalid";
      expect(await checkXml(signedXml(flipped(signature, tag)))).toMatchObject({ block, content: "not-checked" });
    }
  });
});
