import { parseCertificate, type Certificate } from "../core/crypto/certificate.ts";
import { AppError } from "../core/errors.ts";
import { parseTrust } from "../core/formats/trust.ts";

/** The certificates that an operator trusts for senders' signatures: from a file of PEM certificates, or from a trust file (docs/formats.md). AppError `malformed`. */
export function readSigners(text: string): Certificate[] {
  if (text.trimStart().startsWith("{")) return [...parseTrust(text).signers];
  return readCertificates(text);
}

/** The certificates of a PEM file, at least one. AppError `malformed`. */
export function readCertificates(text: string): Certificate[] {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0) throw new AppError("malformed", "there is no certificate in it: it must hold PEM certificates, or be a trust file");
  return blocks.map(parseCertificate);
}
