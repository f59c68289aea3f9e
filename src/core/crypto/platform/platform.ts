/**
 * What verifying needs of the machine that it runs on, and does not do itself: hashes, signatures, certificates, encodings and compression. Node gives it (node.ts), and so does a browser
 * (web.ts); `here.ts` is the one of this program. Whatever is not behind this port is the same code everywhere.
 */

/** The hashes of FIPS 180-4 that signatures rest on; SHA-1 only under a certificate that was issued with it. */
export type Hash = "sha1" | "sha256" | "sha384" | "sha512";

/** The hashes by which content is named: those, and of FIPS 202; SHAKE256 with 64 bytes. */
export type Digest = Hash | "sha3-256" | "sha3-384" | "sha3-512" | "shake256";

/** How a signature of a document was made. ECDSA's is r || s (RFC 7518 section 3.4). */
export interface SignatureMethod {
  /** Of Ed25519 and Ed448 it says nothing: RFC 8032 has its own. */
  readonly hash: Hash;
  readonly keyType: "rsa" | "ec" | "ed25519" | "ed448";
  readonly isPss?: boolean;
  /** Bytes of RSASSA-PSS's salt; as many as its hash has, where nothing is said. */
  readonly saltLength?: number;
}

/** A public key, by what decides whether it is used. */
export interface PublicKey {
  /** `rsa`, `rsa-pss`, `ec`, `ed25519`, `ed448`, or another name by which nothing is checked. */
  readonly keyType: string;
  /** RSA: bits of the modulus, and the exponent. */
  readonly modulusLength?: number | undefined;
  readonly publicExponent?: bigint | undefined;
  /** Elliptic curves: OpenSSL's name, such as `prime256v1`; undefined where the curve is written out. */
  readonly curve?: string | undefined;
}

/** An X.509 certificate that was read (RFC 5280). It is the same as another when their DER is (`isSameCertificate`). */
export interface Certificate {
  /** DER, nothing before or behind it. */
  readonly raw: Uint8Array;
  /** The subject on lines of their own, each `CN=Dr A. Meyer`, with the escapes of RFC 2253. */
  readonly subject: string;
  /** The values of an attribute of the subject, by OpenSSL's short name (`CN`, `GN`, `serialNumber`), as they are. */
  subjectValues(name: string): readonly string[];
  /** The URIs among the subject's alternative names, as far as they have nothing to be escaped. */
  readonly uris: readonly string[];
  readonly validFrom: Date;
  readonly validTo: Date;
  /** Whether it may issue certificates: basicConstraints says so, and keyUsage does not forbid it. */
  readonly isAuthority: boolean;
  readonly publicKey: PublicKey;
  /** Whether, by what the two say, the other issued this one: names, key identifiers where both have them, and keyUsage. No signature is checked. */
  namesIssuer(issuer: Certificate): boolean;
  /** Whether the issuer's key signed it; undefined when that cannot be said here: an algorithm, curve or size that is not known. */
  isSignedBy(issuer: Certificate): Promise<boolean | undefined>;
}

export interface Platform {
  /** The hash over parts, one behind the other. */
  hash(name: Digest, parts: readonly Uint8Array[]): Uint8Array;
  /** The SHA-256 hash in lower-case hex. A string counts as its UTF-8 bytes. */
  sha256Hex(content: Uint8Array | string): string;
  /** HMAC-SHA-256 (RFC 2104) of text's UTF-8 bytes, in lower-case hex. */
  hmacSha256Hex(key: Uint8Array, text: string): string;
  /** Whether byte strings of one length are equal, in a time that depends on their length alone. */
  isEqual(one: Uint8Array, other: Uint8Array): boolean;
  /** Lower-case hex. */
  toHex(bytes: Uint8Array): string;
  /** RFC 4648 section 4 with padding, or section 5 without. */
  toBase64(bytes: Uint8Array, alphabet: "base64" | "base64url"): string;
  /** Its bytes; undefined unless the text is exactly what encoding them gives. */
  fromBase64(text: string, alphabet: "base64" | "base64url"): Uint8Array | undefined;
  /** Undoes the ZLIB format (RFC 1950); undefined when the bytes are not one such stream from the first to the last, or it holds more than `most` bytes (1 or more). */
  inflate(bytes: Uint8Array, most: number): Promise<Uint8Array | undefined>;
  /** Reads DER, or the first certificate in PEM. Undefined when there is none, or its key cannot be read. */
  readCertificate(encoded: string | Uint8Array): Certificate | undefined;
  /** Whether a signature is that of a key of the method's type; undefined when that cannot be said here. */
  verify(method: SignatureMethod, key: PublicKey, input: Uint8Array, signature: Uint8Array): Promise<boolean | undefined>;
  /** What checks Ed25519 signatures (RFC 8032) by a public key of 32 bytes. At once: the log's notes are looked at in the midst of a commit. */
  ed25519(publicKey: Uint8Array): (message: Uint8Array, signature: Uint8Array) => boolean;
  /** What checks ML-DSA-44 signatures (FIPS 204) by a public key of 1,312 bytes, at once as well; undefined where there is none. */
  mlDsa44(publicKey: Uint8Array): ((message: Uint8Array, signature: Uint8Array) => boolean) | undefined;
}

/** Whether a signature has the length that RFC 8017 section 8.1.2 demands: engines take a PSS signature without its leading zeros too. */
export function isAsLongAsModulus(signature: Uint8Array, { modulusLength }: Pick<PublicKey, "modulusLength">): boolean {
  return modulusLength === undefined || signature.length === Math.ceil(modulusLength / 8);
}
