import { AppError } from "../errors.ts";
import type { SignatureCheck } from "../signatures/signature-check.ts";
import { canonicalJson } from "../fhir/canonical.ts";
import { JsonArray, treeOf, type JsonObject } from "../fhir/tree/tree.ts";
import { readRecordedSignature, recordedSignature } from "./deposit-signatures.ts";
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

/** The record's text: canonical JSON, whose UTF-8 bytes the leaf's depositDigest is of. docs/formats.md, "Deposit record". */
export function formatDepositRecord(record: DepositRecord): string {
  const { id, receivedAt, mediaType, submitter, requestId, versions, outcome, signatures } = record;
  return canonicalJson(
    treeOf({
      format: SHAPE.format,
      id,
      receivedAt,
      mediaType,
      submitter,
      requestId,
      versions,
      outcome,
      signatures: signatures.map(recordedSignature),
    }),
  );
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
    signatures: object.objects("signatures").map(readRecordedSignature),
  };
}
