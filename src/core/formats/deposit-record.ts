import { AppError } from "../errors.ts";
import type { SignatureCheck } from "../crypto/signature-check.ts";
import { canonicalJson } from "../fhir/canonical.ts";
import { JsonArray, treeOf, type JsonObject } from "../fhir/json/tree.ts";
import { checkNames, INSTANT, readFormat, textField, UUID } from "./fields.ts";

/** What an auditor asks about a deposit years later. The leaf covers it through its digest. */
export interface DepositRecord {
  readonly id: string;
  readonly receivedAt: string;
  /** `application/fhir+json` or `application/fhir+xml`. */
  readonly mediaType: string;
  readonly submitter: string;
  readonly requestId: string;
  /** Under what it was accepted: name and version of the program, of its rules and of the policy. */
  readonly versions: { readonly software: string; readonly rules: string; readonly policy: string };
  /** The OperationOutcome under which it was accepted. */
  readonly outcome: JsonObject;
  /** The results about the signature that it came with. */
  readonly signatures: readonly SignatureCheck[];
}

const SHAPE = {
  format: "chartulary-deposit/1",
  required: ["id", "receivedAt", "mediaType", "submitter", "requestId", "versions", "outcome", "signatures"],
};
const VERSIONS = { format: SHAPE.format, required: ["software", "rules", "policy"] };
const CHECK = {
  format: SHAPE.format,
  required: ["place", "form", "integrity", "certificate", "signer", "explanation"],
  optional: ["signerName", "signedAt"],
};

/** The record's text: canonical JSON, whose UTF-8 bytes the leaf's depositDigest is of. docs/formats.md, "Deposit record". */
export function formatDepositRecord(record: DepositRecord): string {
  const { id, receivedAt, mediaType, submitter, requestId, versions, outcome, signatures } = record;
  return canonicalJson(treeOf({ format: SHAPE.format, id, receivedAt, mediaType, submitter, requestId, versions, outcome, signatures }));
}

/** Reads a deposit record. AppError `malformed`. */
export function parseDepositRecord(text: string): DepositRecord {
  const object = readFormat(text, SHAPE);
  const versions = object.object("versions");
  const outcome = object.object("outcome");
  const checks = object.get("signatures");
  if (!versions || !outcome || !(checks instanceof JsonArray))
    throw new AppError("malformed", `not a ${SHAPE.format}: versions, outcome or signatures are of another type`);
  checkNames(versions, VERSIONS);
  return {
    id: textField(object, "id", UUID),
    receivedAt: textField(object, "receivedAt", INSTANT),
    mediaType: textField(object, "mediaType"),
    submitter: textField(object, "submitter"),
    requestId: textField(object, "requestId"),
    versions: { software: textField(versions, "software"), rules: textField(versions, "rules"), policy: textField(versions, "policy") },
    outcome,
    signatures: object.objects("signatures").map(parseCheck),
  };
}

function parseCheck(object: JsonObject): SignatureCheck {
  checkNames(object, CHECK);
  const signerName = object.string("signerName");
  const signedAt = object.string("signedAt");
  return {
    place: textField(object, "place"),
    form: oneOf(object, "form", ["jws", "xml-dsig", "other"]),
    integrity: oneOf(object, "integrity", ["valid", "invalid", "unsupported"]),
    certificate: oneOf(object, "certificate", ["trusted", "not-trusted", "expired", "none", "unknown"]),
    signer: oneOf(object, "signer", ["attester", "author", "other", "unknown"]),
    ...(signerName !== undefined && { signerName }),
    ...(signedAt !== undefined && { signedAt }),
    explanation: textField(object, "explanation"),
  };
}

function oneOf<const Choice extends string>(object: JsonObject, name: string, choices: readonly Choice[]): Choice {
  const value = object.string(name);
  const choice = choices.find((known) => known === value);
  if (choice === undefined) throw new AppError("malformed", `${name} is none of ${choices.join(", ")}`);
  return choice;
}
