/** X.509 certificates (RFC 5280) as far as a document's signature needs them. */
import { AppError } from "../errors.ts";
import { fromBase64, toBase64 } from "./base64.ts";
import { toHex } from "./bytes.ts";
import { equalBytes, sha256 } from "./digest.ts";
import { platform } from "./platform/here.ts";
import type { Certificate } from "./platform/platform.ts";
import { SIGNATURE_LIMITS } from "./signature-limits.ts";

export type { Certificate, PublicKey } from "./platform/platform.ts";

/** Reads a certificate in PEM or DER. AppError `malformed` when it is none, or holds no key that can be used. */
export function parseCertificate(encoded: string | Uint8Array): Certificate {
  const certificate = readCertificate(encoded);
  if (certificate === undefined) throw new AppError("malformed", "not an X.509 certificate in PEM or DER");
  return certificate;
}

/** The same; undefined instead of an error. */
export function readCertificate(encoded: string | Uint8Array): Certificate | undefined {
  return platform.readCertificate(encoded);
}

/** PEM (RFC 7468), with a line end behind it. */
export function pemOf({ raw }: Certificate): string {
  const lines = toBase64(raw).match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
}

/** SHA-256 over the certificate's DER (`x5t#S256`, before encoding): 32 bytes. */
export function thumbprintOf(certificate: Certificate): Uint8Array {
  return sha256(certificate.raw);
}

/** The same for people: upper-case hex, a colon between the bytes. */
export function fingerprintOf(certificate: Certificate): string {
  return (toHex(thumbprintOf(certificate)).toUpperCase().match(/../g) ?? []).join(":");
}

/** The subject's common name, or its whole name on one line when it has none. */
export function subjectNameOf({ subject }: Certificate): string {
  const names = subject.split("\n");
  const commonName = names.find((name) => name.startsWith("CN="))?.slice(3) ?? names.join(", ");
  // A comma or quote in a name has a backslash before it (RFC 2253 section 2.4).
  return commonName.replace(/\\([^0-9A-Fa-f])/g, "$1").replace(MISLEADING, (mark) => `\\${(mark.codePointAt(0) ?? 0).toString(16).toUpperCase()}`);
}

/** Marks that turn the words around a name about or break their line. Whoever signs chooses the name: they are written as OpenSSL writes a line feed (`\0A`). */
const MISLEADING = /[\u202a-\u202e\u2066-\u2069\u2028\u2029]/g;

/** Whether a certificate's period includes a moment: both its ends do, each a whole second. */
export function isValidAt({ validFrom, validTo }: Certificate, moment: Date): boolean {
  return validFrom <= moment && moment.getTime() < validTo.getTime() + 1000;
}

export function isSameCertificate(one: Certificate, other: Certificate): boolean {
  return equalBytes(one.raw, other.raw);
}

/** Certificates that were read last, by their encoding: to read one costs more than all else of a seal, and seals that follow each other bring the same. */
export interface KnownCertificates {
  of(text: string, read: () => Certificate | undefined): Certificate | undefined;
}

/** A chain as a signature brings it, the signer's certificate first; or in words why it is not used. Each entry is base64 of DER, white space apart. */
export function readChain(encoded: readonly string[], known?: KnownCertificates): readonly Certificate[] | string {
  if (encoded.length > SIGNATURE_LIMITS.certificates) return `it brings more than ${SIGNATURE_LIMITS.certificates} certificates`;
  const chain: Certificate[] = [];
  for (const text of encoded) {
    const der = text.length > SIGNATURE_LIMITS.certificate * 2 ? undefined : fromBase64(text.replace(/\s/g, ""));
    if (der === undefined || der.length > SIGNATURE_LIMITS.certificate) return "one of its certificates is not base64, or too large";
    const certificate = known ? known.of(text, () => readCertificate(der)) : readCertificate(der);
    if (certificate === undefined) return "one of its certificates cannot be read";
    chain.push(certificate);
  }
  return chain;
}
