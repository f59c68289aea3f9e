import { describe, expect, test } from "@jest/globals";
import { checkCase, PKITS, readSuite } from "./pkits.ts";

/** Within the validity of all of it. */
const MOMENT = new Date("2020-06-01T00:00:00Z");

/** What is judged otherwise than the suite asks, each on the safe side, and why (docs/design/certificates.md). */
const OTHERWISE: Readonly<Record<string, string>> = {
  ValidDSASignaturesTest4: "nothing is checked with DSA",
  ValidDSAParameterInheritanceTest5: "nothing is checked with DSA",
};

if (PKITS === undefined) test.skip("NIST's PKITS (no pkits in CASES)", () => undefined);
else {
  const suite = readSuite(PKITS);
  describe("NIST's PKITS", () => {
    test("is there as a whole", () => expect(suite.cases.length).toBe(223));

    test.each(suite.cases)("$name", async ({ name, signer, expected }) => {
      for (const [isTrusted, policies] of expected) {
        const { state, reason } = await checkCase(suite, signer, policies, MOMENT);
        const told = { policies: policies && [...(policies.accepted ?? [])], reason, isTrusted: state === "trusted" };
        expect(told).toEqual({ ...told, isTrusted: isTrusted && !(name in OTHERWISE) });
      }
    });
  });
}
