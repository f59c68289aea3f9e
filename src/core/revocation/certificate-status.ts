/** Whether a certificate had been revoked at a moment (RFC 5280 section 6.3, RFC 6960), by what is at hand. */
import { checkPath } from "../crypto/certificate-path.ts";
import { readRules, USAGE } from "../crypto/certificate-rules.ts";
import { isValidAt, type Certificate } from "../crypto/certificate.ts";
import { FOR_REVOCATION_LISTS } from "../crypto/path-rules.ts";
import { isSameName } from "../crypto/platform/der-names.ts";
import { SIGNATURE_LIMITS } from "../crypto/signature-limits.ts";
import { verifyValue } from "../crypto/signed-value.ts";
import { freshness, unknown, type CertificateStatus, type StatusQuestion } from "./status.ts";
import { statusByLists, type HeardList } from "./list-status.ts";
import type { RevocationList } from "./revocation-list.ts";
import { attempt, listsAbout, type RevocationShelf } from "./revocation-shelf.ts";
import { answerAbout, needsNoCheck, responderOf, type StatusAnswer } from "./status-answer.ts";

/** What lists and answers say; a revocation before whatever says otherwise. Undefined where none is about the certificate. */
export async function statusBy(shelf: RevocationShelf, question: StatusQuestion): Promise<CertificateStatus | undefined> {
  let best: CertificateStatus | undefined;
  const take = (status: CertificateStatus): void => {
    const isWorse = best !== undefined && weightOf(best) >= weightOf(status);
    // Of several revocations the first counts.
    const isEarlier = best?.kind === "revoked" && status.kind === "revoked" && status.at < best.at;
    if (!isWorse || isEarlier) best = status;
  };
  for (const answer of shelf.answers) {
    const status = await statusByAnswer(answer, shelf, question);
    if (status) take(status);
  }
  const heard: HeardList[] = [];
  for (const about of listsAbout(shelf, question.certificate)) {
    const doubt = await doubtOf(about.list, shelf, question);
    if (doubt === undefined) heard.push(about);
    else take(unknown(doubt));
  }
  const status = statusByLists(heard, question);
  if (status) take(status);
  return best;
}

function weightOf(status: CertificateStatus): number {
  if (status.kind === "unknown") return status.isAgainst === true ? 2 : 0;
  return status.kind === "good" ? 1 : 3;
}

/** Why nothing is concluded from a list; undefined where something is. */
async function doubtOf(list: RevocationList, shelf: RevocationShelf, question: StatusQuestion): Promise<string | undefined> {
  if (list.unusable !== undefined) return list.unusable;
  if (list.issuedAt.getTime() > question.now.getTime() + SIGNATURE_LIMITS.clockSkew) return "it is of a time that is still to come";
  return (await isByIssuer(list, shelf, question)) ? undefined : "it is not signed by a key that the authority has for it";
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
  if (single.status === "good") return freshness(single, question, false) ?? { kind: "good", raw: [answer.raw] };
  return single.revokedAt && { kind: "revoked", at: single.revokedAt, reason: single.reason, raw: [answer.raw] };
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
