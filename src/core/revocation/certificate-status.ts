/** Whether a certificate had been revoked at a moment (RFC 5280 section 6.3, RFC 6960), by what is at hand. */
import { checkPath, type CheckedSums } from "../crypto/certificate-path.ts";
import { readRules, USAGE } from "../crypto/certificate-rules.ts";
import { isValidAt, type Certificate } from "../crypto/certificate.ts";
import { FOR_REVOCATION_LISTS } from "../crypto/path-rules.ts";
import { isSameName } from "../crypto/platform/der-names.ts";
import { SIGNATURE_LIMITS } from "../crypto/signature-limits.ts";
import { verifyValue } from "../crypto/signed-value.ts";
import type { RevocationList } from "./revocation-list.ts";
import { attempt, listsAbout, type RevocationShelf } from "./revocation-shelf.ts";
import { answerAbout, needsNoCheck, responderOf, type StatusAnswer } from "./status-answer.ts";

/** `good`: it had not been revoked. `unknown`: nothing that counts tells; `reason` is a clause about *it*, what was there. */
export type CertificateStatus =
  | { readonly kind: "good"; readonly raw: Uint8Array }
  | { readonly kind: "revoked"; readonly at: Date; readonly reason: number | undefined; readonly raw: Uint8Array }
  | { readonly kind: "unknown"; readonly reason: string };

export interface StatusQuestion {
  readonly certificate: Certificate;
  readonly issuer: Certificate;
  /** Where the path begins, and other certificates that may have signed lists. */
  readonly anchor: Certificate;
  readonly others: readonly Certificate[];
  /** At which it is asked whether the certificate was good. */
  readonly moment: Date;
  readonly now: Date;
  readonly sums: CheckedSums;
  /** Whether this is asked about whoever signed a list: then lists of the issuer itself alone count, so that no list vouches for its own signer. */
  readonly isAboutSigner?: boolean;
}

/** What lists and answers say; a revocation before whatever says otherwise. Undefined where none is about the certificate. */
export async function statusBy(shelf: RevocationShelf, question: StatusQuestion): Promise<CertificateStatus | undefined> {
  let best: CertificateStatus | undefined;
  const take = (status: CertificateStatus): void => {
    const isWorse = best !== undefined && WEIGHT[best.kind] >= WEIGHT[status.kind];
    // Of several revocations the first counts.
    const isEarlier = best?.kind === "revoked" && status.kind === "revoked" && status.at < best.at;
    if (!isWorse || isEarlier) best = status;
  };
  for (const answer of shelf.answers) {
    const status = await statusByAnswer(answer, shelf, question);
    if (status) take(status);
  }
  const lists = listsAbout(shelf, question.certificate);
  for (const list of lists) {
    const status = await statusByList(list, shelf, question);
    if (status) take(status);
  }
  return best?.kind === "revoked" && best.reason === ON_HOLD && (await isTakenBack(lists, shelf, question))
    ? unknown("it was on hold, and that was taken back in a way that is not worked out")
    : best;
}

const WEIGHT = { unknown: 0, good: 1, revoked: 2 } as const;

/** Values of reasonCode. */
const [ON_HOLD, TAKEN_BACK] = [6, 8];

/** Whether a list of changes says that a certificate is on hold no more. */
async function isTakenBack(lists: readonly RevocationList[], shelf: RevocationShelf, question: StatusQuestion): Promise<boolean> {
  const rules = readRules(question.certificate);
  for (const list of lists)
    if (list.isDelta && attempt(() => list.find(rules))?.reason === TAKEN_BACK && (await isByIssuer(list, shelf, question))) return true;
  return false;
}

async function statusByList(list: RevocationList, shelf: RevocationShelf, question: StatusQuestion): Promise<CertificateStatus | undefined> {
  const { certificate, now } = question;
  if (list.unusable !== undefined) return unknown(list.unusable);
  if (list.issuedAt.getTime() > now.getTime() + SIGNATURE_LIMITS.clockSkew) return unknown("it is of a time that is still to come");
  if (!(await isByIssuer(list, shelf, question))) return unknown("it is not signed by a key that the authority has for it");
  try {
    const entry = list.find(readRules(certificate));
    if (list.isDelta && (entry === undefined || entry.reason === TAKEN_BACK)) return undefined;
    if (entry === undefined) return freshness(list, question, list.keepsExpired) ?? { kind: "good", raw: list.raw };
    const since = entry.invalidSince && entry.invalidSince < entry.at ? entry.invalidSince : entry.at;
    return { kind: "revoked", at: since, reason: entry.reason, raw: list.raw };
  } catch {
    return unknown("its entry cannot be understood");
  }
}

async function statusByAnswer(answer: StatusAnswer, shelf: RevocationShelf, question: StatusQuestion): Promise<CertificateStatus | undefined> {
  const { certificate, issuer, now } = question;
  const single = attempt(() => answerAbout(answer, certificate, issuer));
  if (single === undefined) return undefined;
  if (answer.isConditional || single.isConditional) return unknown("it has a critical extension that is not known here");
  const latest = Math.max(single.issuedAt.getTime(), answer.producedAt.getTime());
  if (latest > now.getTime() + SIGNATURE_LIMITS.clockSkew) return unknown("it is of a time that is still to come");
  if (!isValidAt(issuer, answer.producedAt)) return unknown("it was given when the authority's certificate was not valid");
  const responder = await safely(() => responderOf(answer, issuer));
  if (responder === undefined) return unknown("it is not signed by the authority, nor by whom it named for that");
  if (responder !== issuer && !needsNoCheck(responder)) {
    const own = await statusBy({ lists: shelf.lists, answers: [] }, { ...question, certificate: responder, moment: answer.producedAt });
    if (own?.kind === "revoked" && own.at <= answer.producedAt) return unknown("the certificate of whoever gave it was revoked");
  }
  if (single.status === "unknown") return unknown("it does not know the certificate");
  if (single.status === "good") return freshness(single, question, false) ?? { kind: "good", raw: answer.raw };
  return single.revokedAt && { kind: "revoked", at: single.revokedAt, reason: single.reason, raw: answer.raw };
}

/** Why what says nothing against a certificate does not speak for it at the moment; undefined where it does. */
function freshness(
  { issuedAt, nextAt }: { readonly issuedAt: Date; readonly nextAt: Date | undefined },
  { certificate, moment }: StatusQuestion,
  keepsExpired: boolean,
): CertificateStatus | undefined {
  const isAfter = issuedAt.getTime() >= moment.getTime() - SIGNATURE_LIMITS.clockSkew;
  if (!isAfter && (nextAt === undefined || nextAt < moment)) return unknown("it is too old");
  // Whose time is over may be taken off the list.
  return issuedAt > certificate.validTo && !keepsExpired ? unknown("it is of a time after the certificate's end") : undefined;
}

/** By the issuer's key, or by another of its keys for lists, whose certificate leads to the same anchor (section 6.3.3 f). */
async function isByIssuer(list: RevocationList, shelf: RevocationShelf, question: StatusQuestion): Promise<boolean> {
  const { issuer, anchor, others, moment, sums, isAboutSigner = false } = question;
  const isRight = async (certificate: Certificate): Promise<boolean> => (await safely(() => verifyValue(list, certificate))) === true;
  if (maySignLists(issuer) && isValidAt(issuer, list.issuedAt) && (await isRight(issuer))) return true;
  if (isAboutSigner) return false;
  const namesakes = others.filter((other) => other !== issuer && isNamesake(other, list)).slice(0, MOST_NAMESAKES);
  for (const other of namesakes) {
    if (!maySignLists(other) || !isValidAt(other, list.issuedAt) || !(await isRight(other))) continue;
    const { path = [] } = await checkPath({ chain: [other, ...others], anchors: [anchor], moment, use: FOR_REVOCATION_LISTS, sums });
    const above = path.at(-2);
    if (above === undefined) continue;
    const own = await statusBy({ ...shelf, answers: [] }, { ...question, certificate: other, issuer: above, isAboutSigner: true });
    if (own?.kind !== "revoked") return true;
  }
  return false;
}

/** Keys that an authority may have for its lists. */
const MOST_NAMESAKES = 3;

function isNamesake(certificate: Certificate, list: RevocationList): boolean {
  return attempt(() => isSameName(readRules(certificate).subject, list.issuer)) === true;
}

function maySignLists(certificate: Certificate): boolean {
  const rules = attempt(() => readRules(certificate));
  return rules !== undefined && (rules.keyUsage === undefined || (rules.keyUsage & USAGE.crlSign) !== 0);
}

/** What cannot be read is no signature. */
async function safely<T>(check: () => Promise<T>): Promise<T | undefined> {
  try {
    return await check();
  } catch {
    return undefined;
  }
}

function unknown(reason: string): CertificateStatus {
  return { kind: "unknown", reason };
}
