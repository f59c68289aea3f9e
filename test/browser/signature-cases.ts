import type { SignatureCheck, SignatureResult } from "../../src/core/signatures/signature-check.ts";

const RESULTS: readonly SignatureResult[] = ["valid", "invalid", "not-checked"];
const STANDINGS = ["trusted", "not-trusted", "expired", "none", "unknown"] as const;
const ROLES = ["attester", "author", "other", "unknown"] as const;
const PURPOSES = ["agrees", "differs", "claimed"] as const;

/** Signatures with every result, standing, role and purpose that there is, in every place: whatever words are shown for one are shown for one of these. */
export const SIGNATURE_CASES: readonly SignatureCheck[] = ["seal", "XML seal", "Bundle.signature", "Bundle.entry[3].resource.signature[0]"].flatMap(
  (place) =>
    RESULTS.flatMap((result) =>
      STANDINGS.flatMap((standing, at) =>
        [true, false].map((hasReasons): SignatureCheck => {
          const reasons = { block: "It is.", content: "It is.", certificate: "It is.", signer: "It is." };
          const purpose = { claimed: ["a"], signed: ["b"], result: PURPOSES[at % PURPOSES.length] ?? "claimed" };
          return {
            ...{ place, form: "jws", block: result, content: result, certificate: result, signer: result, standing },
            ...{ role: ROLES[at % ROLES.length] ?? "unknown", signedAt: "2026-03-14T08:00:00Z", signerName: "A. Meyer, MD", purpose },
            ...(hasReasons && { reasons }),
            explanation: "It is.",
          };
        }),
      ),
    ),
);
