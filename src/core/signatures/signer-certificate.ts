/** What a signer's certificate is worth at the time of signing. */
import type { Certificate } from "../crypto/certificate.ts";
import { certificateState, type CertificateState } from "../crypto/certificate-path.ts";
import { digestOf } from "../crypto/digest.ts";
import type { Judgement, SignatureCheck } from "./signature-check.ts";
import type { Finding } from "./signature-finding.ts";
import { SIGNATURE_LIMITS } from "../crypto/signature-limits.ts";

export interface CertificateCheck extends Pick<SignatureCheck, "certificate" | "standing"> {
  /** A clause for a person. */
  readonly sentence: string;
  /** For when it was judged; absent where it was not. */
  readonly time?: Pick<Judgement, "at" | "basis">;
}

/**
 * Judges the certificate of a signature whose block is valid; of any other nothing is said, since it may be copied. The time is the one that the signature covers. Without one, or
 * when it lies after `receivedAt`, the moment of receipt stands in for it, and then only what was valid at that moment is known to have been so.
 */
export async function checkCertificate(finding: Finding, anchors: readonly Certificate[] | undefined, receivedAt: Date): Promise<CertificateCheck> {
  const { block, chain, signedAt, isContradicted, hasNoCertificate } = finding;
  if (hasNoCertificate === true) return unchecked("none", "it brought no certificate");
  if (block !== "valid" || chain?.[0] === undefined) return unchecked("unknown", "its certificate was not judged");
  if (isContradicted === true)
    return { certificate: "invalid", standing: "not-trusted", sentence: "the certificate is not the one that the signature names" };
  const claimed = signedAt === undefined ? Number.NaN : Date.parse(signedAt);
  const isFuture = claimed > receivedAt.getTime() + SIGNATURE_LIMITS.clockSkew;
  const isKnown = !Number.isNaN(claimed) && !isFuture;
  const check =
    anchors === undefined
      ? unchecked("unknown", "no trust list was at hand to judge the certificate by")
      : (isKnown ? AT_SIGNING : AT_RECEIPT)[await certificateState(chain, anchors, isKnown ? new Date(claimed) : receivedAt)];
  const time = { at: (isKnown ? new Date(claimed) : receivedAt).toISOString(), basis: isKnown ? "signed" : "received" } as const;
  const timed = { ...check, ...(anchors && { time }) };
  return isFuture ? { ...timed, ...(check.certificate === "valid" && NOT_PROVED), sentence: `${FUTURE}; ${check.sentence}` } : timed;
}

/** By what a certificate was judged, as it is recorded. The digest of a trust list is that of the digests of its certificates (DER), sorted, a line feed behind each. */
export function judgementOf(time: Pick<Judgement, "at" | "basis">, certificate: Certificate, anchors: readonly Certificate[] = []): Judgement {
  const digests = anchors.map(({ raw }) => `${digestOf(raw)}\n`).sort();
  return { ...time, certificate: digestOf(certificate.raw), trust: digestOf(digests.join("")) };
}

const FUTURE = "the signing time that it states lies after its receipt and proves nothing";
const NOT_PROVED = { certificate: "not-checked", standing: "unknown" } as const;

function unchecked(standing: SignatureCheck["standing"], sentence: string): CertificateCheck {
  return { certificate: "not-checked", standing, sentence };
}

const AT_SIGNING: Readonly<Record<CertificateState, CertificateCheck>> = {
  trusted: { certificate: "valid", standing: "trusted", sentence: "the certificate is trusted and was valid when it was signed" },
  "not-trusted": unchecked("not-trusted", "nobody on the trust list vouches for the certificate"),
  expired: { certificate: "invalid", standing: "expired", sentence: "the certificate leads to the trust list, but was not valid when it was signed" },
  forged: { certificate: "invalid", standing: "not-trusted", sentence: "the certificate names an authority of the trust list that did not sign it" },
  undecided: unchecked("unknown", "the certificates that came along lead too many ways to try them all"),
};

/** Without a time that the signature covers: it was there when it was received, and nobody knows since when. */
const AT_RECEIPT: Readonly<Record<CertificateState, CertificateCheck>> = {
  ...AT_SIGNING,
  trusted: { certificate: "valid", standing: "trusted", sentence: "the certificate is trusted and was valid when it was received" },
  expired: unchecked("unknown", "the certificate leads to the trust list, but was not valid when it was received, and no time of signing is proved"),
};
