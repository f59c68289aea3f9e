/**
 * A detached signature in CMS (RFC 5652) of the profile that PAdES baseline B-B wants (ETSI EN 319 142-1, EN 319 122-1): content type, message digest and the signing
 * certificate are signed, a signing time is not among them. Who holds the key signs what it is given.
 */
import { thumbprintOf, type Certificate } from "../crypto/certificate.ts";
import type { SealSigner } from "../crypto/keys.ts";
import { readWholeDer, TAG, valuesIn } from "../crypto/read-der.ts";
import { integer, objectIdentifier, octetString, sequence, setOf, tagged } from "../der/write-der.ts";
import { OID } from "./identifiers.ts";

/** Gives a time-stamp token (RFC 3161) over bytes. */
export type TimeStamper = (bytes: Uint8Array) => Promise<Uint8Array>;

const SHA256 = sequence(objectIdentifier(OID.sha256));

/**
 * Signs a SHA-256 digest of what is signed.
 *
 * @param stamp where there is one, the signature gets its time-stamp token (baseline B-T)
 */
export async function makeSignature(digest: Uint8Array, signer: SealSigner, stamp?: TimeStamper): Promise<Uint8Array> {
  const [certificate] = signer.chain;
  if (certificate === undefined) throw new TypeError("a signer without a certificate");
  const attributes = [
    attribute(OID.contentType, objectIdentifier(OID.data)),
    attribute(OID.messageDigest, octetString(digest)),
    // ESSCertIDv2 with SHA-256, its default: the hash alone.
    attribute(OID.signingCertificateV2, sequence(sequence(sequence(octetString(thumbprintOf(certificate)))))),
  ];
  // RFC 5652 section 5.4: signed as a SET, written with a tag of its own.
  const signed = setOf(...attributes);
  const value = ecdsaValue(await signer.sign(signed));
  const token = await stamp?.(value);
  const information = sequence(
    integer(1),
    sequence(...nameAndNumberOf(certificate)),
    SHA256,
    retagged(0xa0, signed),
    sequence(objectIdentifier(OID.ecdsaWithSha256)),
    octetString(value),
    ...(token ? [retagged(0xa1, setOf(attribute(OID.timeStampToken, token)))] : []),
  );
  const certificates = tagged(0, ...signer.chain.map(({ raw }) => raw).toSorted((one, other) => Buffer.compare(one, other)));
  const content = sequence(integer(1), setOf(SHA256), sequence(objectIdentifier(OID.data)), certificates, setOf(information));
  return sequence(objectIdentifier(OID.signedData), tagged(0, content));
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

/** Issuer and serial number, as the certificate has them (RFC 5280 section 4.1). */
export function nameAndNumberOf({ raw }: Certificate): [Uint8Array, Uint8Array] {
  const [body] = valuesIn(readWholeDer(raw), TAG.sequence);
  const [version, ...rest] = valuesIn(body, TAG.sequence);
  const [number, , issuer] = version?.tag === 0xa0 ? rest : [version, ...rest];
  if (number === undefined || issuer === undefined) throw new TypeError("a certificate without an issuer");
  return [issuer.whole, number.whole];
}

/** r and s, 32 bytes each, as a sequence of integers (RFC 3279 section 2.2.3). */
function ecdsaValue(signature: Uint8Array): Uint8Array {
  return sequence(integer(...signature.subarray(0, 32)), integer(...signature.subarray(32)));
}

/** Room that a signature takes at most, in bytes: that of the signer's certificates, of what is around them, and of a time-stamp token. */
export function roomFor(signer: Pick<SealSigner, "chain">, hasStamp: boolean): number {
  return signer.chain.reduce((sum, { raw }) => sum + raw.length, 0) + 1_500 + (hasStamp ? 16_000 : 0);
}
