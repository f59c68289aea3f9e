/** The results about signatures as a deposit record holds them. docs/formats.md, "Deposit record". */
import { AppError } from "../errors.ts";
import type { JsonObject } from "../fhir/tree/tree.ts";
import type { SignatureCheck, SignatureResult } from "../signatures/signature-check.ts";
import { optionalText, textField } from "./fields.ts";

const RESULTS: readonly SignatureResult[] = ["valid", "invalid", "not-checked"];
const FORMS: readonly SignatureCheck["form"][] = ["jws", "xml-dsig", "cms", "picture", "other"];
const STANDINGS: readonly SignatureCheck["standing"][] = ["trusted", "not-trusted", "expired", "none", "unknown"];
const ROLES: readonly SignatureCheck["role"][] = ["attester", "author", "other", "unknown"];

/** What is written for a check. */
export function recordedSignature(check: SignatureCheck): object {
  const { place, form, block, content, certificate, signer, standing, role, signerName, signedAt, explanation } = check;
  const claims = { ...(signerName !== undefined && { signerName }), ...(signedAt !== undefined && { signedAt }) };
  return { place, form, block, content, certificate, signer, standing, role, ...claims, explanation };
}

/** Reads what was written; a form, standing or role of a later version is read as another or an unknown one. AppError `malformed`: a result is none that there is. */
export function readRecordedSignature(object: JsonObject): SignatureCheck {
  const signerName = optionalText(object, "signerName");
  const signedAt = optionalText(object, "signedAt");
  return {
    place: textField(object, "place"),
    form: oneOf(object, "form", FORMS, "other"),
    block: resultAt(object, "block"),
    content: resultAt(object, "content"),
    certificate: resultAt(object, "certificate"),
    signer: resultAt(object, "signer"),
    standing: oneOf(object, "standing", STANDINGS, "unknown"),
    role: oneOf(object, "role", ROLES, "unknown"),
    ...(signerName !== undefined && { signerName }),
    ...(signedAt !== undefined && { signedAt }),
    explanation: textField(object, "explanation"),
  };
}

function resultAt(object: JsonObject, name: string): SignatureResult {
  const value = textField(object, name);
  const result = RESULTS.find((known) => known === value);
  if (result === undefined) throw new AppError("malformed", `${name} is none of ${RESULTS.join(", ")}`);
  return result;
}

function oneOf<const Choice extends string>(object: JsonObject, name: string, choices: readonly Choice[], unknown: Choice): Choice {
  const value = textField(object, name);
  return choices.find((known) => known === value) ?? unknown;
}
