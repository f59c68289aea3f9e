/** Whether somebody on the way from a signer to the trust list had been revoked, and by when that counts. */
import type { CheckedSums } from "../crypto/certificate-path.ts";
import { subjectNameOf, type Certificate } from "../crypto/certificate.ts";
import type { PathFault } from "../crypto/path-rules.ts";
import { statusBy } from "./certificate-status.ts";
import type { CertificateStatus } from "./status.ts";
import { joined, type RevocationShelf, type RevocationSource } from "./revocation-shelf.ts";

export interface RevocationQuestion {
  /** What came along, and what the operator gave. */
  readonly shelves: readonly RevocationShelf[];
  /** Asked where those do not tell. */
  readonly source?: RevocationSource | undefined;
  /** When it was signed, as far as the signer is believed. */
  readonly moment: Date;
  /** By when the signature was there, whatever the signer says: a time-stamp's, or the moment of receipt. */
  readonly existedBy: Date;
  readonly now: Date;
  /** Whether a certificate of which nothing is told does not count. */
  readonly isRequired: boolean;
  /** Those that came along. */
  readonly others: readonly Certificate[];
  readonly sums: CheckedSums;
}

/** What was found about one way. */
export interface RevocationFinding {
  /** `none`: there was nobody to ask about, since the certificate stands on the list itself. */
  readonly kind: "good" | "unknown" | "none";
  /** Of `unknown`: a clause about what was there, where something was. */
  readonly reason?: string;
  /** Lists and answers in DER that it rests on. */
  readonly evidence: readonly Uint8Array[];
}

/** Looks at a path, from the anchor to the signer. */
export async function revocationOf(path: readonly Certificate[], question: RevocationQuestion): Promise<RevocationFinding | PathFault> {
  const [anchor, ...below] = path;
  if (anchor === undefined || below.length === 0) return { kind: "none", evidence: [] };
  const evidence: Uint8Array[] = [];
  let missing: RevocationFinding | undefined;
  let issuer = anchor;
  for (const certificate of below) {
    const status = await statusOf(certificate, issuer, anchor, question);
    const fault = status && faultOf(status, certificate, path, question);
    if (fault) return fault;
    if (status === undefined || status.kind === "unknown") missing ??= { kind: "unknown", evidence: [], ...(status && { reason: status.reason }) };
    else evidence.push(...status.raw);
    issuer = certificate;
  }
  if (missing && question.isRequired) {
    const why = missing.reason === undefined ? "" : `: what there is does not tell, since ${missing.reason}`;
    return { state: "undecided", reason: `whether the certificate had been revoked is not known, and the operator asks for it${why}` };
  }
  return missing ? { ...missing, evidence } : { kind: "good", evidence };
}

async function statusOf(
  certificate: Certificate,
  issuer: Certificate,
  anchor: Certificate,
  { shelves, source, moment, now, others, sums }: RevocationQuestion,
): Promise<CertificateStatus | undefined> {
  const about = { certificate, issuer, anchor, others: [anchor, ...others], moment, now, sums };
  const known = await statusBy(joined(shelves), about);
  if (source === undefined || (known && known.kind !== "unknown")) return known;
  // Changes may come to a list that is at hand.
  return statusBy(joined([...shelves, await source(certificate, issuer)]), about);
}

function faultOf(
  status: CertificateStatus,
  certificate: Certificate,
  path: readonly Certificate[],
  { moment, existedBy }: RevocationQuestion,
): PathFault | undefined {
  if (status.kind !== "revoked" || status.at > existedBy) return undefined;
  const name =
    certificate === path.at(-1) ? "the certificate" : `the certificate of ${subjectNameOf(certificate).slice(0, 80)} on the way to the trust file`;
  const told = `${name} was revoked on ${status.at.toISOString().slice(0, 19)}Z${REASONS[status.reason ?? 0] ?? ""}`;
  if (status.at <= moment) return { state: "revoked", reason: told };
  // Whoever took a key may state any time.
  return { state: "undecided", reason: `${told}, and that it was signed before then only the signature itself says` };
}

/** reasonCode of RFC 5280 section 5.3.1. */
const REASONS: Readonly<Record<number, string>> = {
  1: " (its key was compromised)",
  2: " (its authority's key was compromised)",
  3: " (its holder's affiliation changed)",
  4: " (it was superseded)",
  5: " (it was not needed any more)",
  6: " (on hold)",
  9: " (a privilege was withdrawn)",
  10: " (its authority was compromised)",
};
