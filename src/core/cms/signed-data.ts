/** Takes signed messages apart (RFC 5652), as far as a message of one signer goes; checks nothing but their shape. */
import { contentOf, identifierIn, numberIn, TAG, valuesIn, type DerValue } from "../crypto/read-der.ts";
import { readCertificate, thumbprintOf, type Certificate } from "../crypto/certificate.ts";
import { equalBytes, hashOf } from "../crypto/digest.ts";
import type { Hash } from "../crypto/platform/platform.ts";
import { SIGNATURE_LIMITS } from "../crypto/signature-limits.ts";
import { hashIn } from "../crypto/signature-algorithms.ts";
import { AppError } from "../errors.ts";
import { nameAndNumberOf } from "./certificate-parts.ts";
import { OID } from "./identifiers.ts";

/** A message and its one signer. */
export interface SignedData {
  readonly version: bigint;
  /** The hashes that it names beforehand, and no signature covers. */
  readonly digestAlgorithms: readonly DerValue[];
  readonly contentType: string;
  /** Undefined where the content is elsewhere. */
  readonly content: Uint8Array | undefined;
  /** As they came along; those that cannot be read, or are too large, are left out. */
  readonly certificates: readonly Certificate[];
  readonly signer: SignerInfo;
}

export interface SignerInfo {
  readonly version: bigint;
  /** By what it names its certificate. */
  readonly identifier: DerValue;
  readonly digestAlgorithm: DerValue;
  /** The signed attributes as they are signed: under the tag of a set (RFC 5652 section 5.4). */
  readonly signedBytes: Uint8Array;
  readonly attributes: Attributes;
  readonly algorithm: DerValue;
  readonly value: Uint8Array;
  readonly unsigned: Attributes;
}

/** Attributes by their object identifiers: each once, with one value. */
export type Attributes = ReadonlyMap<string, DerValue>;

const [CERTIFICATES, REVOCATIONS] = [0xa0, 0xa1];
const [SIGNED, UNSIGNED] = [0xa0, 0xa1];
const KEY_IDENTIFIER = 0x80;

/** Reads ContentInfo. AppError `malformed`. */
export function readSignedData(outer: DerValue): SignedData {
  const [type, wrapped, ...behind] = valuesIn(outer, TAG.sequence);
  const [content, ...besides] = valuesIn(wrapped, 0xa0);
  const [version, digests, encapsulated, ...rest] = valuesIn(content, TAG.sequence);
  const signers = rest.pop();
  const [signer, ...others] = valuesIn(signers, TAG.set);
  const tags = rest.map(({ tag }) => tag).join();
  const isKnown = tags === "" || tags === String(CERTIFICATES) || tags === `${CERTIFICATES},${REVOCATIONS}`;
  if (identifierIn(type) !== OID.signedData || signer === undefined || others.length > 0 || !isKnown)
    throw new AppError("malformed", "the signature is not one of one signer");
  const [contentType, inner, ...more] = valuesIn(encapsulated, TAG.sequence);
  if (more.length + behind.length + besides.length > 0) throw new AppError("malformed", "the signature is not built as it should be");
  const [certificates] = rest;
  return {
    version: numberIn(version),
    digestAlgorithms: valuesIn(digests, TAG.set),
    contentType: identifierIn(contentType),
    content: inner && contentOf(valuesIn(inner, 0xa0)[0], TAG.octetString),
    certificates: certificates ? readCertificates(valuesIn(certificates, CERTIFICATES)) : [],
    signer: readSigner(signer),
  };
}

function readCertificates(values: readonly DerValue[]): Certificate[] {
  const { certificates: most, certificate: largest } = SIGNATURE_LIMITS;
  return values.slice(0, most).flatMap(({ whole }) => (whole.length <= largest ? (readCertificate(whole) ?? []) : []));
}

/** RFC 5652 section 5.3. */
function readSigner(information: DerValue): SignerInfo {
  const [version, identifier, digestAlgorithm, signed, algorithm, value, unsigned, ...more] = valuesIn(information, TAG.sequence);
  if (!version || !identifier || !digestAlgorithm || !signed || !algorithm || more.length > 0)
    throw new AppError("malformed", "the signature is not built as it should be");
  const signedBytes = Uint8Array.from(signed.whole);
  signedBytes[0] = TAG.set;
  return {
    version: numberIn(version),
    identifier,
    digestAlgorithm,
    signedBytes,
    attributes: readAttributes(signed, SIGNED),
    algorithm,
    value: contentOf(value, TAG.octetString),
    unsigned: unsigned ? readAttributes(unsigned, UNSIGNED) : new Map(),
  };
}

function readAttributes(element: DerValue, tag: number): Attributes {
  const found = new Map<string, DerValue>();
  for (const attribute of valuesIn(element, tag)) {
    const [type, values] = valuesIn(attribute, TAG.sequence);
    const [value, second] = valuesIn(values, TAG.set);
    const name = identifierIn(type);
    if (value === undefined || second !== undefined || found.has(name))
      throw new AppError("malformed", "an attribute of the signature stands there twice");
    found.set(name, value);
  }
  return found;
}

/**
 * The certificate that a signer is named by: by the hash that is signed (RFC 5035; RFC 2634, whose hash is SHA-1), and by issuer and number. Undefined when it did not come
 * along, or is named by neither.
 */
export function certificateOf({ certificates, signer: { identifier, attributes } }: SignedData): Certificate | undefined {
  const hashes = hashesIn(attributes);
  const named = identifier.tag === TAG.sequence ? valuesIn(identifier).map(({ whole }) => whole) : undefined;
  if (hashes.length === 0 || (named === undefined && identifier.tag !== KEY_IDENTIFIER)) return undefined;
  return certificates.find((certificate) => {
    const own = nameAndNumberOf(certificate);
    const isNamed = named === undefined || own.every((part, at) => equalBytes(part, named[at] ?? new Uint8Array()));
    return (
      isNamed && hashes.every(({ name, hash }) => equalBytes(name === "sha256" ? thumbprintOf(certificate) : hashOf(name, certificate.raw), hash))
    );
  });
}

/** Of the signer's own certificate, the first that each attribute names. */
function hashesIn(attributes: Attributes): { readonly name: Hash; readonly hash: Uint8Array }[] {
  return [OID.signingCertificate, OID.signingCertificateV2].flatMap((type) => {
    const value = attributes.get(type);
    if (value === undefined) return [];
    const [first] = valuesIn(valuesIn(value, TAG.sequence)[0], TAG.sequence);
    const parts = valuesIn(first, TAG.sequence);
    // Of version 2 the algorithm stands first unless it is SHA-256; of version 1 it is SHA-1.
    const isTold = type === OID.signingCertificateV2 && parts[0]?.tag === TAG.sequence;
    const name = type === OID.signingCertificate ? "sha1" : isTold ? hashIn(parts[0]) : "sha256";
    if (name === undefined) throw new AppError("malformed", "the signature names its certificate by a hash that is not known");
    return [{ name, hash: contentOf(parts[isTold ? 1 : 0], TAG.octetString) }];
  });
}
