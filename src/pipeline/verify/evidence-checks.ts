/** By when the log held an entry, as time-stamp authorities say. Without trust in them it proves nothing, and nothing else counts less for it. */
import { isValidAt } from "../../core/crypto/certificate.ts";
import { SIGNATURE_LIMITS } from "../../core/crypto/signature-limits.ts";
import { assessEvidence, type AssessedEvidence } from "../../core/evidence/evidence-chain.ts";
import type { Trust } from "../../core/formats/trust.ts";
import { readSeal, sealCertificateState } from "../../core/signatures/seal.ts";
import type { OpenReceipt } from "./log-checks.ts";
import { fail, notMade, pass, type VerificationCheck } from "./report.ts";

const name = "time";
const NOTHING = { lists: [], answers: [] };

/** Lines about it; none of a receipt without time-stamps. */
export async function checkEvidence(receipt: OpenReceipt, trust: Trust | undefined, now: Date): Promise<VerificationCheck[]> {
  const { evidence, leafBytes, index, leaf } = receipt;
  if (evidence.length === 0) return [];
  const authorities = trust && (trust.timeAuthorities ?? []);
  const judged = await assessEvidence(evidence, { leaf: leafBytes, index }, { authorities, revocations: trust?.revocations ?? NOTHING, now });
  if (judged.kind === "false") return [fail(name, `A time-stamp of the log does not prove what the receipt says: ${judged.reason}.`)];
  if (judged.kind === "unchecked") return [notMade(name, `The time-stamps of the log were not checked: ${judged.reason}.`)];
  if (judged.kind === "claimed") return [info(`A time-stamp says that the log held this entry at ${instant(judged)}, by ${judged.name}, which proves nothing: ${judged.reason}.`)]; // prettier-ignore
  if (Date.parse(leaf.receivedAt) - SIGNATURE_LIMITS.clockSkew > judged.at.getTime())
    return [fail(name, `The log's entry says that the document came at ${leaf.receivedAt}, and ${judged.name} had seen it before: at ${instant(judged)}.`)]; // prettier-ignore
  const renewed = judged.links > 1 ? `, and the newest of ${judged.links - 1} renewals, by ${judged.newest.name} at ${instant(judged.newest)}, upholds it` : ""; // prettier-ignore
  return [
    pass(name, `The log held this entry by ${instant(judged)}: ${judged.name}, a time-stamp authority of the trust file, says so${renewed}.`),
    ...sealThen(receipt, judged.at, trust, now),
    ...lostOf(judged),
  ];
}

/** What a seal's key signs later says nothing against it: what the seal is over was in the log before. */
function sealThen({ seals }: OpenReceipt, at: Date, trust: Trust | undefined, now: Date): VerificationCheck[] {
  const certificate = readSeal(seals[0] ?? "")?.certificate;
  if (certificate === undefined || sealCertificateState(certificate, at, trust?.seals) !== "trusted") return [];
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
