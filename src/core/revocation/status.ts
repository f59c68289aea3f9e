/** What is asked about a certificate that may have been revoked, and what is answered. */
import type { CheckedSums } from "../crypto/certificate-path.ts";
import type { Certificate } from "../crypto/certificate.ts";
import { SIGNATURE_LIMITS } from "../crypto/signature-limits.ts";

/**
 * `good`: it had not been revoked. `unknown`: nothing that counts tells; `reason` is a clause about *it*, what was there, and `isAgainst`: whatever else says that it was good. `raw`: lists and answers in DER, more than
 * one where they tell together.
 */
export type CertificateStatus =
  | { readonly kind: "good"; readonly raw: readonly Uint8Array[] }
  | { readonly kind: "revoked"; readonly at: Date; readonly reason: number | undefined; readonly raw: readonly Uint8Array[] }
  | { readonly kind: "unknown"; readonly reason: string; readonly isAgainst?: true };

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

/** Why what says nothing against a certificate does not speak for it at the moment; undefined where it does. */
export function freshness(
  { issuedAt, nextAt }: { readonly issuedAt: Date; readonly nextAt: Date | undefined },
  { certificate, moment }: StatusQuestion,
  keepsExpired: boolean,
): CertificateStatus | undefined {
  const isAfter = issuedAt.getTime() >= moment.getTime() - SIGNATURE_LIMITS.clockSkew;
  if (!isAfter && (nextAt === undefined || nextAt < moment)) return unknown("it is too old");
  // Whose time is over may be taken off the list.
  return issuedAt > certificate.validTo && !keepsExpired ? unknown("it is of a time after the certificate's end") : undefined;
}

/** Nothing that counts tells. */
export function unknown(reason: string): Extract<CertificateStatus, { kind: "unknown" }> {
  return { kind: "unknown", reason };
}
