/** By when the log held an entry, as time-stamp authorities say. Without trust in them it proves nothing, and nothing else counts less for it. */
import { isValidAt } from "../../core/crypto/certificate.ts";
import { SIGNATURE_LIMITS } from "../../core/crypto/signature-limits.ts";
import { assessEvidence, type AssessedEvidence } from "../../core/evidence/evidence-chain.ts";
import { readSeal, sealCertificateState, type SealProof } from "../../core/signatures/seal.ts";
import { assessRenewals, faultOfItem } from "../../core/evidence/renewal-proof.ts";
import { treeOfStamped } from "../../core/evidence/stamped-tree.ts";
import { logOf } from "../../core/crypto/log-keys.ts";
import { logsOf, type Trust } from "../../core/formats/trust.ts";
import { isInLog } from "../../core/signatures/led-logs.ts";
import type { OpenReceipt } from "./log-checks.ts";
import { fail, notMade, pass, type VerificationCheck } from "./report.ts";

const name = "time";
const NOTHING = { lists: [], answers: [] };

/** Lines about it; and by when the log is proved to have held the entry, and who says so. */
export interface CheckedEvidence {
  readonly lines: readonly VerificationCheck[];
  /** Only of a tree that a log of the trust file signed: whoever likes has a tree of their own time-stamped. */
  readonly seen?: Pick<SealProof, "stampedAt" | "stampedBy">;
}

/** Nothing of a receipt without time-stamps. */
export async function checkEvidence(receipt: OpenReceipt, trust: Trust | undefined, now: Date): Promise<CheckedEvidence> {
  const { evidence, leafBytes, index, leaf } = receipt;
  const [first] = evidence;
  if (first === undefined) return { lines: [] };
  const authorities = trust && (trust.timeAuthorities ?? []);
  const judged = await assessEvidence(evidence, { leaf: leafBytes, index }, { authorities, revocations: trust?.revocations ?? NOTHING, now });
  const one = (line: VerificationCheck): CheckedEvidence => ({ lines: [line] });
  if (judged.kind === "false") return one(fail(name, `A time-stamp of the log does not prove what the receipt says: ${judged.reason}.`));
  if (judged.kind === "unchecked") return one(notMade(name, `The time-stamps of the log were not checked: ${judged.reason}.`));
  if (judged.kind === "claimed") return one(info(`A time-stamp says that the log held this entry at ${instant(judged)}, by ${judged.name}, which proves nothing: ${judged.reason}.`)); // prettier-ignore
  if (Date.parse(leaf.receivedAt) - SIGNATURE_LIMITS.clockSkew > judged.at.getTime())
    return one(fail(name, `The log's entry says that the document came at ${leaf.receivedAt}, and ${judged.name} had seen it before: at ${instant(judged)}.`)); // prettier-ignore
  const renewed = judged.links > 1 ? `, and the newest of ${judged.links - 1} renewals, by ${judged.newest.name} at ${instant(judged.newest)}, upholds it` : ""; // prettier-ignore
  const log = trust && logOf(first.stamped, logsOf(trust));
  const entry = { leaf: leafBytes, index, treeSize: treeOfStamped(first.stamped).size, inclusionProof: first.inclusionProof, checkpoint: first.stamped }; // prettier-ignore
  const isSigned = log !== undefined && isInLog(entry, log);
  const seen = { stampedAt: judged.at, stampedBy: judged.name };
  return {
    lines: [
      pass(name, `The log held this entry by ${instant(judged)}: ${judged.name}, a time-stamp authority of the trust file, says so${renewed}.`),
      ...sealThen(receipt, { at: judged.at, ...(isSigned && { seen }) }, trust, now),
      ...lostOf(judged),
    ],
    ...(isSigned && { seen }),
  };
}

/** Whether the log hashed anew by SHA-512 has this document, its seal and the time-stamps of before; nothing of a receipt without. */
export async function checkRenewals(
  { renewals = [], evidence, leafBytes, index, seals }: OpenReceipt,
  document: { readonly bytes: Uint8Array; readonly canonicalForm: Uint8Array | undefined },
  trust: Trust | undefined,
  now: Date,
): Promise<VerificationCheck[]> {
  if (renewals.length === 0) return [];
  const authorities = trust && (trust.timeAuthorities ?? []);
  const judged = await assessRenewals(renewals, evidence, { leaf: leafBytes, index }, { authorities, revocations: trust?.revocations ?? NOTHING, now }); // prettier-ignore
  if (judged.kind === "false") return [fail(name, `What was hashed anew by SHA-512 does not prove what the receipt says: ${judged.reason}.`)];
  if (judged.kind === "unchecked") return [notMade(name, `What was hashed anew by SHA-512 was not checked: ${judged.reason}.`)];
  if (judged.kind === "claimed") return [info(`A time-stamp over the log hashed anew by SHA-512 says ${instant(judged)}, by ${judged.name}, which proves nothing: ${judged.reason}.`)]; // prettier-ignore
  const fault = faultOfItem(judged.item, { ...document, seal: seals[0] });
  if (fault !== undefined) return [fail(name, `What was hashed anew by SHA-512 is something else: ${fault}.`)];
  const before = judged.before ? `, with the time-stamp of ${instant(judged.before)} by ${judged.before.name}` : "";
  const newest = judged.newest ? `, and so again at ${instant(judged.newest)} by ${judged.newest.name}` : "";
  return [pass(name, `This document and its seal were hashed anew by SHA-512${before}: ${judged.name} time-stamped it at ${instant(judged)}${newest}. From then on it is proved also where SHA-256 no longer holds.`)]; // prettier-ignore
}

/** What a seal's key signs later says nothing against it: what the seal is over was in the log before. */
function sealThen(
  { seals }: OpenReceipt,
  { at, seen }: { readonly at: Date } & Pick<CheckedEvidence, "seen">,
  trust: Trust | undefined,
  now: Date,
): VerificationCheck[] {
  const certificate = readSeal(seals[0] ?? "")?.certificate;
  if (certificate === undefined || sealCertificateState(certificate, at, trust?.seals, seen) !== "trusted") return [];
  return [info(`The certificate of the seal was valid at that time${isValidAt(certificate, now) ? "" : ", and has ended since"}.`)];
}

function lostOf({ lost }: Extract<AssessedEvidence, { kind: "proven" }>): VerificationCheck[] {
  return lost === undefined ? [] : [info(`An earlier time-stamp says ${instant(lost)}, by ${lost.name}, which is proved no more: ${lost.reason}.`)];
}

function info(text: string): VerificationCheck {
  return { name, result: "info", text };
}

function instant({ at }: { readonly at: Date }): string {
  return at.toISOString();
}
