/** The results about signatures as a deposit record holds them. docs/formats.md, "Deposit record". */
import { AppError } from "../errors.ts";
import type { JsonObject } from "../fhir/tree/tree.ts";
import { stringsOf } from "../fhir/datatypes.ts";
import {
  SIGNATURE_RESULTS,
  type Judgement,
  type SignatureCheck,
  type SignatureReasons,
  type SignatureResult,
  type SigningPurpose,
} from "../signatures/signature-check.ts";
import { DIGEST, INSTANT, optionalText, textField } from "./fields.ts";

const RESULTS: readonly SignatureResult[] = ["valid", "invalid", "not-checked"];
const FORMS: readonly SignatureCheck["form"][] = ["jws", "xml-dsig", "cms", "picture", "other"];
const STANDINGS: readonly SignatureCheck["standing"][] = ["trusted", "not-trusted", "expired", "none", "unknown"];
const BASES: readonly Judgement["basis"][] = ["signed", "stamped", "received"];
const AGREEMENTS: readonly SigningPurpose["result"][] = ["agrees", "differs", "claimed"];
const ROLES: readonly SignatureCheck["role"][] = ["attester", "author", "other", "unknown"];

/** What is written for a check; what interfaces tell of it too, so that all say the same. */
export function recordedSignature(check: SignatureCheck): object {
  const { place, form, block, content, certificate, signer, standing, role, signerName, signedAt, covers, reasons, judged, purpose, explanation } =
    check;
  const told = { signerName, signedAt, covers, reasons, judged, purpose };
  const known = Object.fromEntries(Object.entries(told).filter(([, value]) => value !== undefined));
  return { place, form, block, content, certificate, signer, standing, role, ...known, explanation };
}

/** Reads what was written; a form, standing or role of a later version is read as another or an unknown one. AppError `malformed`: a result is none that there is. */
export function readRecordedSignature(object: JsonObject): SignatureCheck {
  const signerName = optionalText(object, "signerName");
  const signedAt = optionalText(object, "signedAt");
  const covers = optionalText(object, "covers");
  const reasons = object.object("reasons");
  const judged = readJudgement(object.object("judged"));
  const purpose = readPurpose(object.object("purpose"));
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
    ...(covers !== undefined && { covers }),
    ...(reasons && { reasons: readReasons(reasons) }),
    ...(judged && { judged }),
    ...(purpose && { purpose }),
    explanation: textField(object, "explanation"),
  };
}

function readReasons(object: JsonObject): SignatureReasons {
  const [block, content, certificate, signer] = SIGNATURE_RESULTS.map((name) => textField(object, name));
  return { block, content, certificate, signer } as SignatureReasons;
}

/** A basis of a later version is not known: then nothing is said of it. */
function readJudgement(object: JsonObject | undefined): Judgement | undefined {
  const basis = BASES.find((known) => known === object?.string("basis"));
  if (object === undefined || basis === undefined) return undefined;
  return {
    at: textField(object, "at", INSTANT),
    basis,
    certificate: textField(object, "certificate", DIGEST),
    trust: textField(object, "trust", DIGEST),
  };
}

function readPurpose(object: JsonObject | undefined): SigningPurpose | undefined {
  const result = AGREEMENTS.find((known) => known === object?.string("result"));
  if (object === undefined || result === undefined) return undefined;
  return { claimed: stringsOf(object, "claimed"), signed: stringsOf(object, "signed"), result };
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
