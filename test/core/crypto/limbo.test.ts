import { describe, expect, test } from "@jest/globals";
import { checkLimbo, LIMBO, readCases } from "./limbo.ts";

/** What is judged otherwise than the cases ask, by why (docs/design/certificates.md). */
const OTHERWISE: readonly (readonly [why: string, cases: RegExp])[] = [
  ["it is about the name of a host, which no signer has", /^webpki::(cn|san)::|^rfc5280::san::(underscore-dns|ip-in-dns)$/],
  ["a longest path is asked for, and ours is a fixed one", /^pathlen::max-chain-depth-\d-exhausted$/],
  ["an authority signs no documents here", /^pathlen::validation-ignores-pathlen-in-leaf$|^rfc5280::ca-as-leaf$/],
  [
    "it is a duty of whoever issues (what must be there, or be critical, or be short), and nothing is trusted by it that should not be",
    /^crl::crlnumber-|^rfc5280::(aki|ski|serial)::|^rfc5280::(nc::permitted-dns-match-noncritical|pc::ica-noncritical-pc|san::noncritical-with-empty-subject|root-non-critical-basic-constraints|leaf-ku-keycertsign)$|^webpki::(aki::root-with-aki-|v1-cert$)/,
  ],
  ["it is a rule of the CA/Browser Forum for TLS", /^webpki::(eku::|forbidden-rsa-)/],
  ["the signer's own key is judged with its signature", /^webpki::forbidden-(p192|dsa|weak-rsa-in)-leaf$|^webpki::forbidden-weak-rsa-in-leaf$/],
  ["OpenSSL knows a curve that is written out by its values", /^webpki::explicit-curve$/],
];

if (LIMBO === undefined) test.skip("x509-limbo (no x509-limbo in CASES)", () => undefined);
else {
  const isOtherwise = ({ id }: { readonly id: string }): boolean => OTHERWISE.some(([, pattern]) => pattern.test(id));
  // Those of BetterTLS, which it carries too, are about names of hosts.
  const cases = readCases(LIMBO).filter(({ id }) => !id.startsWith("bettertls"));
  describe("x509-limbo", () => {
    test("asks mostly what we ask", () => expect(cases.filter(isOtherwise).length).toBeLessThan(cases.length / 2));

    test.each(cases.filter((one) => !isOtherwise(one)))("$id", async (one) => {
      const { state } = await checkLimbo(one);
      expect(state === "trusted").toBe(one.expected_result === "SUCCESS");
    });
  });
}
