/** What a receipt proves about the log. */
import { parseCheckpoint, type Checkpoint } from "../../core/crypto/checkpoint.ts";
import { leafHash } from "../../core/crypto/merkle.ts";
import { verifyInclusion } from "../../core/crypto/merkle-verify.ts";
import { openNote, type OpenedNote } from "../../core/crypto/signed-note.ts";
import { AppError } from "../../core/errors.ts";
import type { JsonObject } from "../../core/fhir/tree/tree.ts";
import { commitmentTo, identifierOf } from "../../core/formats/identifier.ts";
import type { Leaf } from "../../core/formats/leaf.ts";
import { outerCommitment, outerDigests } from "../../core/formats/outer.ts";
import type { Receipt } from "../../core/formats/receipt.ts";
import { logNamed, type Trust } from "../../core/formats/trust.ts";
import type { CheckName, VerificationCheck } from "./report.ts";

/** A receipt with its leaf taken apart. */
export interface OpenReceipt extends Omit<Receipt, "leaf"> {
  readonly leaf: Leaf;
  readonly leafBytes: Uint8Array;
}

/** Whether the audit path leads from the leaf to the root of the checkpoint's tree. */
export function checkInclusion(receipt: OpenReceipt): VerificationCheck {
  const name = "inclusion";
  const opened = openCheckpoint(receipt, undefined);
  if (opened === undefined) return { name, result: "fail", text: "The receipt's checkpoint cannot be read." };
  const { size, root } = opened.checkpoint;
  const isIncluded = size === receipt.treeSize && verifyInclusion(leafHash(receipt.leafBytes), receipt.index, size, receipt.inclusionProof, root);
  if (!isIncluded) return { name, result: "fail", text: "The receipt does not prove that the log holds this entry." };
  return { name, result: "pass", text: `The log holds this document's entry: number ${receipt.index} of ${size}.` };
}

/** Whether the log that the trust file names signed the checkpoint. */
export function checkCheckpoint(receipt: OpenReceipt, trust: Trust | undefined): VerificationCheck {
  const name = "checkpoint";
  if (trust === undefined)
    return { name, result: "not-confirmed", text: "Whether the log signed its checkpoint was not checked: that takes a trust file (--trust)." };
  const opened = openCheckpoint(receipt, trust);
  const log = logNamed(opened?.checkpoint.origin, trust);
  const ofThisLog = opened?.note.signatures.filter((signature) => signature.name === log?.origin) ?? [];
  const isSigned = log !== undefined && ofThisLog.some(({ result }) => result === "valid") && !ofThisLog.some(({ result }) => result === "invalid");
  if (!isSigned) return { name, result: "fail", text: `The checkpoint is not one that the log ${trust.log.origin} signed.` };
  const which = log === trust.log ? `The log ${log.origin}` : `The log ${log.origin}, an earlier one of this repository,`;
  return { name, result: "pass", text: `${which} signed the checkpoint.` };
}

/** Whether the leaf's commitment is to this document's identifier. */
export function checkIdentifier(receipt: OpenReceipt, bundle: JsonObject | undefined): VerificationCheck {
  const name = "identifier";
  if (bundle === undefined) return unread(name);
  const identifier = identifierOf(bundle);
  const isCommitted = identifier !== undefined && commitmentTo(identifier, receipt.salt) === receipt.leaf.identifierCommitment;
  if (!isCommitted) return { name, result: "fail", text: "The log's entry is not about a document with this identifier." };
  return { name, result: "pass", text: `The log's entry is about the document with the identifier ${identifier.value}.` };
}

/** Whether the leaf's commitment is to this Bundle's signature and meta. `isUnsigned`: the signature that it carries is our seal. */
export function checkOuter(receipt: OpenReceipt, bundle: JsonObject | undefined, isUnsigned: boolean): VerificationCheck {
  const name = "signature and meta";
  if (bundle === undefined) return unread(name);
  if (!isOuter(receipt, bundle, isUnsigned))
    return { name, result: "fail", text: "The Bundle's own signature or meta is not what it was deposited with." };
  return { name, result: "pass", text: "The Bundle's own signature and meta are those that it was deposited with." };
}

/** What cannot be written as canonical JSON was never deposited. */
function isOuter({ salt, leaf }: OpenReceipt, bundle: JsonObject, isUnsigned: boolean): boolean {
  try {
    return outerCommitment(outerDigests(bundle, { isUnsigned }), salt) === leaf.outerCommitment;
  } catch (error) {
    if (error instanceof AppError) return false;
    throw error;
  }
}

/** Nothing can be said of what a file holds that cannot be read; that it is not the deposited one, its digest says. */
function unread(name: CheckName): VerificationCheck {
  return { name, result: "not-made", text: "Not checked: the file cannot be read as a Bundle." };
}

function openCheckpoint(receipt: OpenReceipt, trust: Trust | undefined): { note: OpenedNote; checkpoint: Checkpoint } | undefined {
  try {
    const note = openNote(receipt.checkpoint, trust ? [trust.log, ...(trust.pastLogs ?? [])].flatMap(({ verifiers }) => verifiers) : []);
    return { note, checkpoint: parseCheckpoint(note.text) };
  } catch (error) {
    if (error instanceof AppError) return undefined;
    throw error;
  }
}
