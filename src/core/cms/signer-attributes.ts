/** What a signer says in its signed attributes (RFC 5652 section 11, RFC 5035, RFC 5126, RFC 6211), and the certificate that it names. */
import type { Certificate } from "../crypto/certificate.ts";
import { equalBytes, hashOf } from "../crypto/digest.ts";
import type { Digest } from "../crypto/platform/platform.ts";
import { contentOf, DerError, identifierIn, TAG, timeIn, valuesIn, type DerValue } from "../crypto/read-der.ts";
import { SIGNATURE_LIMITS } from "../crypto/signature-limits.ts";
import { digestIn } from "../crypto/signature-algorithms.ts";
import { keyIdentifierOf, nameAndNumberOf } from "./certificate-parts.ts";
import { OID } from "./identifiers.ts";
import type { AttributeValues, MessageSigner } from "./signed-message.ts";

const KEY_IDENTIFIER = 0x80;

/** More of one name and number nobody makes, and each takes a sum. */
const MOST_NAMED = 3;

/**
 * The certificates that a signer names by issuer and number or by a key identifier, first those that its attributes name by hash. There may be several: nothing protects what a message brings along, and a
 * renewed certificate keeps its key identifier. At most some are told.
 */
export function namedCertificates({ identifier, signed }: MessageSigner, certificates: readonly Certificate[]): Certificate[] {
  const named = certificates.filter((certificate) => isNamedBy(identifier, certificate));
  const isMeant = (certificate: Certificate): boolean => signed !== undefined && !isContradicted(signed.values, certificate);
  return [...named.filter(isMeant), ...named.filter((certificate) => !isMeant(certificate))].slice(0, MOST_NAMED);
}

function isNamedBy(identifier: DerValue, certificate: Certificate): boolean {
  if (identifier.tag === KEY_IDENTIFIER) {
    const own = keyIdentifierOf(certificate);
    return own !== undefined && equalBytes(own, identifier.content);
  }
  try {
    const named = valuesIn(identifier, TAG.sequence, 2);
    return named.length === 2 && nameAndNumberOf(certificate).every((part, at) => equalBytes(part, named[at]?.whole ?? new Uint8Array()));
  } catch (error) {
    if (error instanceof DerError) return false;
    throw error;
  }
}

/** Whether attributes name another certificate by its hash, issuer and number (signingCertificate, signingCertificateV2). They need not name any. DerError for what cannot be read. */
export function isContradicted(attributes: AttributeValues, certificate: Certificate): boolean {
  return [OID.signingCertificate, OID.signingCertificateV2].some((type) =>
    (attributes.get(type) ?? []).some((value) => !isOf(certificate, { value, isSecond: type === OID.signingCertificateV2 })),
  );
}

function isOf(certificate: Certificate, { value, isSecond }: { readonly value: DerValue; readonly isSecond: boolean }): boolean {
  const [first] = valuesIn(valuesIn(value, TAG.sequence, 2)[0], TAG.sequence, SIGNATURE_LIMITS.messageCertificates);
  const parts = valuesIn(first, TAG.sequence, 3);
  // Of version 2 the algorithm stands first unless it is SHA-256; of version 1 it is SHA-1.
  const algorithm = isSecond && parts[0]?.tag === TAG.sequence ? parts.shift() : undefined;
  const hash = !isSecond ? "sha1" : algorithm ? digestIn(algorithm) : "sha256";
  const [digest, issuerAndNumber] = parts;
  if (hash === undefined) throw new DerError("a certificate is named by a hash that is not known");
  if (!equalBytes(hashOf(hash, certificate.raw), contentOf(digest, TAG.octetString))) return false;
  if (issuerAndNumber === undefined) return true;
  const [names, number] = valuesIn(issuerAndNumber, TAG.sequence, 3);
  const [issuer, ownNumber] = nameAndNumberOf(certificate);
  // GeneralNames, of which one is the issuer's: [4] and the name.
  const isIssuer = valuesIn(names, TAG.sequence, SIGNATURE_LIMITS.messageAttributes).some(
    (name) => name.tag === DIRECTORY_NAME && equalBytes(name.content, issuer),
  );
  return isIssuer && number !== undefined && equalBytes(number.whole, ownNumber);
}

const DIRECTORY_NAME = 0xa4;

/** The one value of an attribute; undefined where it is not there. DerError for several. */
export function onlyValue(attributes: AttributeValues, name: string): DerValue | undefined {
  const [value, second] = attributes.get(name) ?? [];
  if (second !== undefined) throw new DerError("an attribute with two values");
  return value;
}

/** The time that the signer claims, as an instant. */
export function signingTimeIn(attributes: AttributeValues): string | undefined {
  const value = onlyValue(attributes, OID.signingTime);
  return value && timeIn(value).toISOString();
}

/** What the signature is meant for: object identifiers of commitments (ETSI TS 119 172-1 annex B). */
export function commitmentsIn(attributes: AttributeValues): string[] {
  return (attributes.get(OID.commitmentType) ?? []).map((value) => identifierIn(valuesIn(value, TAG.sequence)[0]));
}

/** Whether the algorithms are those that the signer protected (RFC 6211), where it did. */
export function keepsAlgorithms({ signed, digestAlgorithm, algorithm }: MessageSigner): boolean {
  const value = signed && onlyValue(signed.values, OID.algorithmProtection);
  if (value === undefined) return true;
  const [digest, signature] = valuesIn(value, TAG.sequence, 3);
  return (
    digest !== undefined &&
    isSameAlgorithm(digest, digestAlgorithm) &&
    signature?.tag === PROTECTED_SIGNATURE &&
    isSameAlgorithm(signature, algorithm)
  );
}

const PROTECTED_SIGNATURE = 0xa1;
/** Parameters that say nothing: NULL, which may be left out. */
const NULL = 0x05;

function isSameAlgorithm(one: DerValue, other: DerValue): boolean {
  const [own, others] = [one, other].map((algorithm) => valuesIn(algorithm, undefined, 2).filter(({ tag }) => tag !== NULL));
  return own?.length === others?.length && (own ?? []).every(({ whole }, at) => equalBytes(whole, others?.[at]?.whole ?? new Uint8Array()));
}

/** The hash that a signer digests by; in words why it is not used. */
export function digestHashOf({ digestAlgorithm }: MessageSigner): { readonly digest: Digest } | string {
  const digest = digestIn(digestAlgorithm);
  if (digest === undefined) return "it rests on a hash that is not known here";
  return digest === "sha1" ? "it rests on SHA-1, which proves nothing any more" : { digest };
}
