import { stateOf, type SignatureCheck } from "../../core/signatures/signature-check.ts";
import { fail, notMade, pass, type VerificationCheck } from "./report.ts";

/** The lines of a report about the senders' signatures. */
export function linesOf(signatures: readonly SignatureCheck[], requireTrusted: boolean): VerificationCheck[] {
  const lines = signatures.flatMap((check) => [...linesOfOne(check, requireTrusted), ...lineOfPurpose(check)]);
  const isSigned = signatures.some(({ place }) => place === "Bundle.signature");
  if (requireTrusted && !isSigned) lines.push(fail("signature", "The document came without a sender's signature (--require-trusted)."));
  return lines;
}

function linesOfOne(check: SignatureCheck, requireTrusted: boolean): VerificationCheck[] {
  const { place, explanation, signerName = "The signer" } = check;
  const isOwn = place === "Bundle.signature";
  const state = stateOf(check);
  const text = isOwn ? explanation : `${place}: ${explanation}`;
  if (state === "false") return [fail("signature", text)];
  const unconfirmed = requireTrusted && isOwn ? "fail" : "not-confirmed";
  if (state === "unchecked")
    return [notMade("signature", text), ...(unconfirmed === "fail" ? [fail("signer", "Nothing confirms who signed (--require-trusted).")] : [])];
  if (state === "proven")
    return [pass("signature", text), pass("signer", `${signerName} is the party that the document names, and trusted by the trust file.`)];
  const reason = check.certificate === "valid" ? CLAIMED : (check.reasons?.certificate ?? NOT_JUDGED);
  return [pass("signature", text), { name: "signer", result: unconfirmed, text: `${signerName} is not confirmed: ${reason}.` }];
}

/** What the document says that it was signed for, where the signature says something else: nothing is altered, and the document is not believed in that. */
function lineOfPurpose({ place, purpose }: SignatureCheck): VerificationCheck[] {
  if (purpose?.result !== "differs") return [];
  const text = `${place}: the document says that it was signed for ${purpose.claimed.join(", ")}, and the signature says ${purpose.signed.join(", ")}.`;
  return [{ name: "signature", result: "not-confirmed", text }];
}

const CLAIMED = "the certificate is trusted, but does not name the party that the document says signed";
const NOT_JUDGED = "its certificate was not judged";
