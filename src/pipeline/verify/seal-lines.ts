/** The lines of a report about our own seals. */
import type { Certificate } from "../../core/crypto/certificate.ts";
import { endingText } from "../../core/signatures/seal.ts";
import { stateOf, type SignatureCheck } from "../../core/signatures/signature-check.ts";
import type { LedTrust } from "./led-trust.ts";
import { damaged, fail, notMade, pass, type VerificationCheck } from "./report.ts";

/** @param certificate under which the seal was made */
export function sealLines(check: SignatureCheck, certificate: Certificate | undefined, led: LedTrust | undefined): VerificationCheck[] {
  const state = stateOf(check);
  if (state === "false") return [fail("seal", check.explanation)];
  if (state === "unchecked") return [notMade("seal", check.explanation)];
  return [pass("seal", check.explanation), certificateLine(check, certificate, led)];
}

/** The same of an XML seal, beside which the compact one counts by itself: where its key was ended and nothing proves when it was made, it says nothing. */
export function xmlSealLines(check: SignatureCheck, certificate: Certificate | undefined, led: LedTrust | undefined): VerificationCheck[] {
  const isEnded = certificate !== undefined && check.standing === "expired" && check.certificate === "not-checked";
  if (isEnded && check.block === "valid" && check.content === "valid") return [{ name: "seal", result: "info", text: check.explanation }];
  return sealLines(check, certificate, led);
}

/**
 * What an XML seal's lines come to beside a compact seal that holds: that one, and the log, prove the document. What is false in the XML seal says that this seal was damaged, and takes nothing from the document; what
 * nobody confirms of it is told.
 */
export function besideSeal(line: VerificationCheck): VerificationCheck {
  const { result, name, text } = line;
  if (result === "fail") return damaged(name, `${text} The document is proved without it: by the seal of its deposit.`);
  return result === "not-confirmed" || result === "not-made" ? { name, result: "info", text: `Of the XML seal: ${text}` } : line;
}

function certificateLine(
  { standing, certificate: result }: SignatureCheck,
  certificate: Certificate | undefined,
  led: LedTrust | undefined,
): VerificationCheck {
  const name = "seal certificate";
  if (standing === "trusted") {
    const by = certificate && led?.ledBy(certificate);
    const way = by === undefined ? "" : ` ${ledText(by)}`;
    return pass(name, `The seal's certificate is the repository's and was valid when it was made.${way}`);
  }
  const text = {
    unknown: "Whether the seal's certificate is the repository's was not checked: that takes a trust file (--trust).",
    expired:
      result === "not-checked" && certificate
        ? `The seal's certificate is the repository's, but nothing proves that it was made before somebody else may have had the key${endingText("ended", certificate, led?.trust.seals)}.`
        : "The seal's certificate is the repository's, but was not valid when it was made.",
    "not-trusted": unnamed("The seal's certificate", certificate, led),
    none: "The seal has no certificate.",
  }[standing];
  return { name, result: "not-confirmed", text };
}

/** By what a certificate was led to that the trust file itself does not name. */
export function ledText(by: string): string {
  return `The trust file names an earlier one, which leads to it by ${by}.`;
}

/** That a certificate is in no trust file, and why what the receipt brings does not lead to it. */
export function unnamed(what: string, certificate: Certificate | undefined, led: LedTrust | undefined): string {
  const fault = certificate && led?.faultOf(certificate);
  return `${what} is not one that the trust file names${fault === undefined ? "" : `, and the receipt does not lead to it: ${fault}`}.`;
}
