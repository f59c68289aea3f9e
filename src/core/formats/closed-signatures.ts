/**
 * The results about signatures as a deposit record of version 1 holds them, which knows three where the program knows four. What version 1 could not say is read weaker, never stronger:
 * - `integrity` is block and content together. Which of the two is invalid stands in the explanation, whose sentence for the content is fixed.
 * - `certificate` is its standing; it says nothing where the block is not valid, and a record that names one there, as early ones did, is read without.
 * - `signer` is the role that Signature.who claims. That it was proved cannot be said, so it is read as not checked.
 */
import { AppError } from "../errors.ts";
import type { SignatureCheck, SignatureResult } from "../signatures/signature-check.ts";
import { CONTENT_DIFFERS } from "../signatures/signature-finding.ts";
import type { JsonObject } from "../fhir/tree/tree.ts";
import { checkNames, textField } from "./fields.ts";

const CHECK = {
  format: "chartulary-deposit/1",
  required: ["place", "form", "integrity", "certificate", "signer", "explanation"],
  optional: ["signerName", "signedAt"],
};

/** Reads what earlier versions of the program wrote. AppError `malformed`. */
export function readClosedSignature(object: JsonObject): SignatureCheck {
  checkNames(object, CHECK);
  const integrity = oneOf(object, "integrity", ["valid", "invalid", "unsupported"]);
  const recorded = oneOf(object, "certificate", ["trusted", "not-trusted", "expired", "none", "unknown"]);
  const explanation = textField(object, "explanation");
  const { block, content } = resultsOf(integrity, explanation);
  const standing = block === "valid" || recorded === "none" ? recorded : "unknown";
  const signerName = object.string("signerName");
  const signedAt = object.string("signedAt");
  return {
    place: textField(object, "place"),
    form: oneOf(object, "form", ["jws", "xml-dsig", "other"]),
    block,
    content,
    certificate: certificateResult(standing, signedAt),
    signer: "not-checked",
    standing,
    role: oneOf(object, "signer", ["attester", "author", "other", "unknown"]),
    // Of a signature without a certificate, early records give the name that the document claims.
    ...(signerName !== undefined && block === "valid" && standing !== "none" && { signerName }),
    ...(signedAt !== undefined && block === "valid" && { signedAt }),
    explanation: isOfUnknownForm(explanation) ? UNKNOWN_FORM : block === "valid" ? explanation : withoutName(explanation, signerName),
  };
}

function resultsOf(integrity: "valid" | "invalid" | "unsupported", explanation: string): { block: SignatureResult; content: SignatureResult } {
  if (integrity === "valid") return { block: "valid", content: "valid" };
  if (integrity === "unsupported" || isOfUnknownForm(explanation)) return { block: "not-checked", content: "not-checked" };
  const isAboutContent = [CONTENT_DIFFERS, ...EARLIER_CONTENT_REASONS].some((reason) => explanation.endsWith(`: ${reason}.`));
  return isAboutContent ? { block: "valid", content: "invalid" } : { block: "invalid", content: "not-checked" };
}

/** `expired` was also recorded where no time of signing was known at all. */
function certificateResult(standing: SignatureCheck["standing"], signedAt: string | undefined): SignatureResult {
  if (standing === "trusted") return "valid";
  return standing === "expired" && signedAt !== undefined ? "invalid" : "not-checked";
}

/** How version 0.1.0 said that of an XML signature whose SignedInfo its key had signed. */
const EARLIER_CONTENT_REASONS = ["the document is not the one that was signed"];

/** What version 0.1.0 called invalid, though it only could not read it. */
const EARLIER_UNREADABLE = ["its data is no JSON Web Signature", "its certificate (x5c) cannot be read", "its SignatureValue is not base64"];
const UNKNOWN_FORM = "The signature was not checked: it is in a form that was not known when the document was deposited.";

function isOfUnknownForm(explanation: string): boolean {
  return (
    EARLIER_UNREADABLE.some((reason) => explanation.endsWith(` is not valid: ${reason}.`)) ||
    / is not valid: not XML that we accept: /.test(explanation)
  );
}

/** Early records name in the sentence whom the certificate names, also where the signature is not that of its key. */
function withoutName(explanation: string, signerName: string | undefined): string {
  const beginning = `The signature of ${signerName ?? ""} `;
  return signerName !== undefined && explanation.startsWith(beginning) ? `The signature ${explanation.slice(beginning.length)}` : explanation;
}

function oneOf<const Choice extends string>(object: JsonObject, name: string, choices: readonly Choice[]): Choice {
  const value = object.string(name);
  const choice = choices.find((known) => known === value);
  if (choice === undefined) throw new AppError("malformed", `${name} is none of ${choices.join(", ")}`);
  return choice;
}
