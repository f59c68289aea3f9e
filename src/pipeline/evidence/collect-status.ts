/** What tells that the certificates behind a time-stamp, and behind the seals, were not revoked: collected while there is somebody to ask, and kept beside the time-stamp as an entry of its own. */
import { CheckedSums } from "../../core/crypto/certificate-path.ts";
import { isSameCertificate, isValidAt, readCertificate, type Certificate } from "../../core/crypto/certificate.ts";
import type { Keys } from "../../core/crypto/keys.ts";
import { EVIDENCE_STATUS_KIND, formatEvidenceStatusLeaf, formatEvidenceStatusRecord } from "../../core/formats/log-evidence.ts";
import { statusBy } from "../../core/revocation/certificate-status.ts";
import { addressesOf } from "../../core/revocation/revocation-addresses.ts";
import type { RevocationSource } from "../../core/revocation/revocation-shelf.ts";
import { evidenceStatusClaim, type EvidenceBook, type KnownEvidence } from "./evidence-book.ts";
import type { LogStamping } from "./stamp-log.ts";

export interface StatusCollecting extends Pick<LogStamping, "ledger" | "gate" | "newId"> {
  readonly book: EvidenceBook;
  readonly keys: Pick<Keys, "sealCertificates">;
  /** Asks those alone whom the operator allows. */
  readonly source: RevocationSource;
}

/** What tells of one certificate is not kept where it is larger: each receipt would carry it. Bytes. */
export const LARGEST_STATUS = 500_000;

/**
 * Enters lists and answers about every certificate behind a time-stamp and behind the seals of today, once all of those that name somebody to ask were told of. False where that is still to come: it may be done again, by
 * anybody. Where nobody is to be asked there is nothing to enter.
 */
export async function collectStatus({ number }: Pick<KnownEvidence, "number">, using: StatusCollecting): Promise<boolean> {
  const { book, keys, source, ledger, gate, newId } = using;
  const all = await book.all();
  const evidence = all[number];
  if (evidence === undefined || (await book.status(number)) !== undefined) return true;
  const { certificates } = await book.record(evidence);
  const seals = sealChains(keys, evidence, all[number - 1]);
  const paths = [certificates.flatMap((der) => readCertificate(der) ?? []), ...seals];
  const found = new Map<Certificate, readonly Uint8Array[]>();
  for (const path of paths)
    for (const [at, certificate] of path.entries()) {
      const issuer = path[at + 1];
      if (issuer === undefined || isSameCertificate(certificate, issuer)) continue;
      const raw = await toldOf(certificate, issuer, path, { source, moment: new Date(evidence.stampedAt) });
      if (raw !== undefined) found.set(certificate, raw);
      else if (isToldSomewhere(certificate)) return false;
    }
  if (found.size === 0) return true;
  const id = newId();
  const { text, digest } = formatEvidenceStatusRecord(id, {
    certificates: seals.flat().map(({ raw }) => raw),
    revocations: [...new Set([...found.values()].flat())],
  });
  const at = (await gate.admitUnsealed(new Date())).toISOString();
  const leaf = formatEvidenceStatusLeaf({ id, at, evidence: number, recordDigest: digest });
  const claims = [{ key: evidenceStatusClaim(number), value: new Uint8Array() }];
  await ledger.append([{ id, kind: EVIDENCE_STATUS_KIND, receivedAt: at, leaf, claims, evidence: new TextEncoder().encode(text) }]);
  return true;
}

/** Of the keys that may have sealed something which a time-stamp covers and the one before it did not: also of those that have ended since, and of which there may be no other. */
function sealChains(
  { sealCertificates }: StatusCollecting["keys"],
  { stampedAt }: KnownEvidence,
  before: KnownEvidence | undefined,
): (readonly Certificate[])[] {
  const [since, by] = [new Date(before?.stampedAt ?? 0), new Date(stampedAt)];
  return sealCertificates
    .filter(({ certificate, from, until, ended }) => {
      const isOver = (until !== undefined && until < since) || (ended !== undefined && ended.before <= (before?.size ?? 0));
      return !isOver && (from === undefined || from <= by) && isValidAt(certificate, by);
    })
    .map(({ certificate, chain = [certificate] }) => chain);
}

async function toldOf(
  certificate: Certificate,
  issuer: Certificate,
  path: readonly Certificate[],
  { source, moment }: { readonly source: RevocationSource; readonly moment: Date },
): Promise<readonly Uint8Array[] | undefined> {
  const anchor = path.at(-1) ?? issuer;
  const about = { certificate, issuer, anchor, others: path, moment, now: new Date(), sums: new CheckedSums() };
  const status = await statusBy(await source(certificate, issuer), about);
  return status === undefined || status.kind === "unknown" || lengthOf(status.raw) > LARGEST_STATUS ? undefined : status.raw;
}

function lengthOf(raw: readonly Uint8Array[]): number {
  return raw.reduce((sum, { length }) => sum + length, 0);
}

function isToldSomewhere(certificate: Certificate): boolean {
  const { answers, lists } = addressesOf(certificate);
  return answers.length + lists.length > 0;
}
