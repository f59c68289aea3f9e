/** What a receipt proves about the log. */
import { parseCheckpoint, type Checkpoint } from "../../core/crypto/checkpoint.ts";
import { leafHash } from "../../core/crypto/merkle.ts";
import { verifyInclusion } from "../../core/crypto/merkle-verify.ts";
import { logOf, openedUnder, type OpenedCheckpoint } from "../../core/crypto/log-keys.ts";
import { openNote } from "../../core/crypto/signed-note.ts";
import { AppError } from "../../core/errors.ts";
import type { JsonObject } from "../../core/fhir/tree/tree.ts";
import { commitmentTo, identifierOf } from "../../core/formats/identifier.ts";
import type { Leaf } from "../../core/formats/leaf.ts";
import { outerCommitment, outerDigests } from "../../core/formats/outer.ts";
import type { Receipt } from "../../core/formats/receipt.ts";
import { logsOf, type Trust, type TrustedLog } from "../../core/formats/trust.ts";
import type { LedTrust } from "./led-trust.ts";
import type { CheckName, VerificationCheck } from "./report.ts";

/** A receipt with its leaf taken apart. */
export interface OpenReceipt extends Omit<Receipt, "leaf"> {
  readonly leaf: Leaf;
  readonly leafBytes: Uint8Array;
}

/** Whether the audit path leads from the leaf to the root of the checkpoint's tree. */
export function checkInclusion(receipt: OpenReceipt): VerificationCheck {
  const name = "inclusion";
  const checkpoint = readCheckpoint(receipt);
  if (checkpoint === undefined) return { name, result: "fail", text: "The receipt's checkpoint cannot be read." };
  const { size, root } = checkpoint;
  const isIncluded = size === receipt.treeSize && verifyInclusion(leafHash(receipt.leafBytes), receipt.index, size, receipt.inclusionProof, root);
  if (!isIncluded) return { name, result: "fail", text: "The receipt does not prove that the log holds this entry." };
  return { name, result: "pass", text: `The log holds this document's entry: number ${receipt.index} of ${size}.` };
}

/** Whether the log that the trust file names signed the checkpoint. @param led what the trust file leads to */
export function checkCheckpoint(receipt: OpenReceipt, trust: Trust | undefined, led?: Pick<LedTrust, "logs">): VerificationCheck {
  const name = "checkpoint";
  if (trust === undefined)
    return { name, result: "not-confirmed", text: "Whether the log signed its checkpoint was not checked: that takes a trust file (--trust)." };
  const log = logOf(receipt.checkpoint, logsOf(trust));
  const opened = log && openCheckpoint(receipt, log);
  if (log === undefined || opened === undefined || opened.signed === "unsigned") {
    const reasons = [...(led?.logs.faults ?? [])].map(([vkey, fault]) => ` To the key ${vkey} nothing leads: ${fault}.`);
    if (led !== undefined && led.logs.omitted > 0)
      reasons.push(` The receipt brings ${led.logs.omitted} more entries about keys of the log than are looked into.`);
    return { name, result: "fail", text: `The checkpoint is not one that the log ${trust.log.origin} signed.${reasons.join("")}` };
  }
  if (opened.signed === "followed")
    return { name, result: "fail", text: `The checkpoint is signed by a key of the log ${log.origin} alone that another one had followed by then.` };
  const which = log === trust.log ? `The log ${log.origin}` : `The log ${log.origin}, an earlier one of this repository,`;
  if (opened.signed === "ended") return { name, result: "not-confirmed", text: endedText(log, which) };
  const by = log.verifiers.find(({ vkey, keyId }) => led?.logs.led.has(vkey) === true && opened.signatures.some((one) => one.keyId === keyId));
  const way = by === undefined ? "" : `, by a key to which the trust file leads by ${led?.logs.led.get(by.vkey) ?? ""}`;
  return { name, result: "pass", text: `${which} signed the checkpoint${way}.` };
}

function endedText({ keys = [] }: TrustedLog, which: string): string {
  const [ended] = keys.flatMap((key) => key.ended ?? []);
  const when = ended === undefined ? "" : ` as of ${ended.since.toISOString()} (${ended.reason})`;
  return `${which} signed the checkpoint by a key alone that was ended${when}, so that it may be somebody else's: fetch the receipt anew, under a key that counts.`;
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

function openCheckpoint(receipt: OpenReceipt, log: TrustedLog): OpenedCheckpoint | undefined {
  return read(() => openedUnder(receipt.checkpoint, log));
}

/** What it says, whoever signed it. */
function readCheckpoint({ checkpoint }: OpenReceipt): Checkpoint | undefined {
  return read(() => parseCheckpoint(openNote(checkpoint, []).text));
}

function read<Value>(parse: () => Value): Value | undefined {
  try {
    return parse();
  } catch (error) {
    if (error instanceof AppError) return undefined;
    throw error;
  }
}
