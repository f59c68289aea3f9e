/** X.509 certificates (RFC 5280) as far as a document's signature needs them. */
import { X509Certificate } from "node:crypto";
import { AppError } from "../errors.ts";
import { sha256 } from "./digest.ts";

/** A certificate's standing at a moment. `expired`: it leads to an anchor, but one on the way was not valid then. */
export type CertificateState = "trusted" | "not-trusted" | "expired";

const LONGEST_PATH = 6;

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

/**
 * Whether the first certificate of a chain is an anchor, or leads to one by signatures of authorities (basicConstraints CA), each valid at that moment. The other
 * certificates of the chain are the sender's own suggestion: they may only lead the way. Revocation, name constraints and policies are not looked at.
 */
export function certificateState(chain: readonly X509Certificate[], anchors: readonly X509Certificate[], moment: Date): CertificateState {
  const [signer, ...suggested] = chain;
  if (signer === undefined) return "not-trusted";
  const paths = pathsTo(anchors, [signer], suggested);
  if (paths.some((path) => path.every((certificate) => isValidAt(certificate, moment)))) return "trusted";
  return paths.length > 0 ? "expired" : "not-trusted";
}

function pathsTo(anchors: readonly X509Certificate[], path: readonly X509Certificate[], suggested: readonly X509Certificate[]): X509Certificate[][] {
  const last = path[path.length - 1] as X509Certificate;
  if (anchors.some((anchor) => isSameCertificate(anchor, last))) return [[...path]];
  if (path.length >= LONGEST_PATH) return [];
  const issuers = [...anchors, ...suggested].filter((issuer) => !path.some((known) => isSameCertificate(known, issuer)) && isIssuedBy(last, issuer));
  return issuers.flatMap((issuer) => pathsTo(anchors, [...path, issuer], suggested));
}

function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  try {
    return issuer.ca && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
  } catch {
    return false; // an algorithm that OpenSSL does not have
  }
}
