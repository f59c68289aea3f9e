/** X.509 certificates (RFC 5280) as far as a document's signature needs them. */
import { X509Certificate } from "node:crypto";
import { AppError } from "../errors.ts";
import { fromBase64 } from "./base64.ts";
import { sha256 } from "./digest.ts";
import { SIGNATURE_LIMITS } from "./signature-limits.ts";

/** Reads a certificate in PEM or DER. AppError `malformed` when it is none, or holds no key that can be used. */
export function parseCertificate(encoded: string | Uint8Array): X509Certificate {
  const certificate = readCertificate(encoded);
  if (certificate === undefined) throw new AppError("malformed", "not an X.509 certificate in PEM or DER");
  return certificate;
}

/** The same; undefined instead of an error. */
export function readCertificate(encoded: string | Uint8Array): X509Certificate | undefined {
  try {
    const certificate = new X509Certificate(encoded);
    // Node reads the key only when it is asked for, and throws then.
    return certificate.publicKey.type === "public" ? certificate : undefined;
  } catch {
    return undefined;
  }
}

/** SHA-256 over the certificate's DER (`x5t#S256`, before encoding): 32 bytes. */
export function thumbprintOf(certificate: X509Certificate): Uint8Array {
  return sha256(certificate.raw);
}

/** The subject's common name, or its whole name on one line when it has none. */
export function subjectNameOf(certificate: X509Certificate): string {
  const names = certificate.subject.split("\n");
  const commonName = names.find((name) => name.startsWith("CN="))?.slice(3) ?? names.join(", ");
  // Node writes a comma or quote in a name with a backslash before it (RFC 2253 section 2.4).
  return commonName.replace(/\\([^0-9A-Fa-f])/g, "$1");
}

/** Whether a certificate's period includes a moment. */
export function isValidAt(certificate: X509Certificate, moment: Date): boolean {
  return certificate.validFromDate <= moment && moment <= certificate.validToDate;
}

export function isSameCertificate(one: X509Certificate, other: X509Certificate): boolean {
  return one.raw.equals(other.raw);
}

/** A chain as a signature brings it, the signer's certificate first; or in words why it is not used. Each entry is base64 of DER, white space apart. */
export function readChain(encoded: readonly string[]): readonly X509Certificate[] | string {
  if (encoded.length > SIGNATURE_LIMITS.certificates) return `it brings more than ${SIGNATURE_LIMITS.certificates} certificates`;
  const chain: X509Certificate[] = [];
  for (const text of encoded) {
    const der = text.length > SIGNATURE_LIMITS.certificate * 2 ? undefined : fromBase64(text.replace(/\s/g, ""));
    if (der === undefined || der.length > SIGNATURE_LIMITS.certificate) return "one of its certificates is not base64, or too large";
    const certificate = readCertificate(der);
    if (certificate === undefined) return "one of its certificates cannot be read";
    chain.push(certificate);
  }
  return chain;
}
