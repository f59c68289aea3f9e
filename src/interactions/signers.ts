import { parseCertificate, type Certificate } from "../core/crypto/certificate.ts";
import { fromBase64 } from "../core/crypto/base64.ts";
import { isRevocation, shelfOf } from "../core/revocation/revocation-shelf.ts";
import type { SignerTrust } from "../core/signatures/signer-trust.ts";
import { AppError } from "../core/errors.ts";
import { parseTrust } from "../core/formats/trust.ts";

/** Whom an operator trusts for senders' signatures: from a file of PEM certificates and lists of revoked ones (`X509 CRL`), or from a trust file (docs/formats.md). AppError `malformed`. */
export function readSigners(text: string): SignerTrust {
  if (text.trimStart().startsWith("{")) return parseTrust(text);
  return { signers: readCertificates(text), revocations: shelfOf(readLists(text)) };
}

/** The lists in PEM (RFC 7468 section 6) in a text, in DER. AppError `malformed`: one cannot be read. */
export function readLists(text: string): Uint8Array[] {
  const blocks = text.matchAll(/-----BEGIN X509 CRL-----([^-]+)-----END X509 CRL-----/g);
  return [...blocks].map(([, body = ""]) => {
    const raw = fromBase64(body.replace(/\s/g, ""));
    if (raw === undefined || !isRevocation(raw)) throw new AppError("malformed", "a list of revoked certificates (X509 CRL) in it cannot be read");
    return raw;
  });
}

/** The certificates of a PEM file, at least one. AppError `malformed`. */
export function readCertificates(text: string): Certificate[] {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0) throw new AppError("malformed", "there is no certificate in it: it must hold PEM certificates, or be a trust file");
  return blocks.map(parseCertificate);
}
