/**
 * A detached signature in CMS (RFC 5652) of the profile that PAdES baseline B-B wants (ETSI EN 319 142-1, EN 319 122-1): content type, message digest and the signing
 * certificate are signed, a signing time is not among them. Who holds the key signs what it is given.
 */
import { thumbprintOf } from "../crypto/certificate.ts";
import type { SealSigner } from "../crypto/keys.ts";
import { platform } from "../crypto/platform/here.ts";
import { SEAL_METHODS } from "../crypto/seal-algorithms.ts";
import { integer, objectIdentifier, octetString, sequence, setOf, tagged } from "../der/write-der.ts";
import { nameAndNumberOf } from "./certificate-parts.ts";
import { CMS_ALGORITHMS } from "./cms-algorithms.ts";
import { OID } from "./identifiers.ts";

/** Gives a time-stamp token (RFC 3161) over bytes, checked; undefined when none is to be had now. Never rejects. */
export type TimeStamper = (bytes: Uint8Array) => Promise<Uint8Array | undefined>;

/** A signature, and whether a time-stamp stands beside it. */
export interface MadeSignature {
  /** CMS in DER. */
  readonly encoded: Uint8Array;
  readonly isStamped: boolean;
}

/**
 * Signs parts, one behind the other.
 *
 * @param stamp where there is one and it gives a token, the signature has it beside it (baseline B-T)
 */
export async function makeSignature(signedParts: readonly Uint8Array[], signer: SealSigner, stamp?: TimeStamper): Promise<MadeSignature> {
  const [certificate] = signer.chain;
  if (certificate === undefined) throw new TypeError("a signer without a certificate");
  const attributes = [
    attribute(OID.contentType, objectIdentifier(OID.data)),
    attribute(OID.messageDigest, octetString(platform.hash(SEAL_METHODS[signer.algorithm].hash, signedParts))),
    // ESSCertIDv2 with SHA-256, its default: the hash alone.
    attribute(OID.signingCertificateV2, sequence(sequence(sequence(octetString(thumbprintOf(certificate)))))),
  ];
  // RFC 5652 section 5.4: signed as a SET, written with a tag of its own.
  const signed = setOf(...attributes);
  const { half } = SEAL_METHODS[signer.algorithm];
  const { digest: digestAlgorithm, signature: signatureAlgorithm } = CMS_ALGORITHMS[signer.algorithm];
  const plain = await signer.sign(signed);
  const value = half === undefined ? plain : ecdsaValue(plain, half);
  const token = await stamp?.(value);
  const information = sequence(
    integer(1),
    sequence(...nameAndNumberOf(certificate)),
    digestAlgorithm,
    retagged(0xa0, signed),
    signatureAlgorithm,
    octetString(value),
    ...(token ? [retagged(0xa1, setOf(attribute(OID.timeStampToken, token)))] : []),
  );
  const certificates = tagged(0, ...signer.chain.map(({ raw }) => raw).toSorted((one, other) => Buffer.compare(one, other)));
  const content = sequence(integer(1), setOf(digestAlgorithm), sequence(objectIdentifier(OID.data)), certificates, setOf(information));
  return { encoded: sequence(objectIdentifier(OID.signedData), tagged(0, content)), isStamped: token !== undefined };
}

function attribute(type: string, value: Uint8Array): Uint8Array {
  return sequence(objectIdentifier(type), setOf(value));
}

/** The same content under another tag. */
function retagged(tag: number, element: Uint8Array): Uint8Array {
  const made = Uint8Array.from(element);
  made[0] = tag;
  return made;
}

/** r and s, so many bytes each, as a sequence of integers (RFC 3279 section 2.2.3). */
function ecdsaValue(signature: Uint8Array, half: number): Uint8Array {
  return sequence(integer(...signature.subarray(0, half)), integer(...signature.subarray(half)));
}

/** Bytes that a time-stamp token has at most; with the certificates of its authority it has some 3,000 to 8,000. */
export const LARGEST_TOKEN = 16_000;

/** Room that a signature takes at most, in bytes: that of the signer's certificates, of what is around them, and of a time-stamp token. */
export function bytesNeededFor(signer: Pick<SealSigner, "chain">, hasStamp: boolean): number {
  return signer.chain.reduce((sum, { raw }) => sum + raw.length, 0) + 2_500 + (hasStamp ? LARGEST_TOKEN : 0);
}
