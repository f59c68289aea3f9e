import { createHash, createPublicKey, randomBytes, sign, type KeyObject } from "node:crypto";
import { parseCertificate, type Certificate } from "../../core/crypto/certificate.ts";
import { bitString, boolean, integer, objectIdentifier, octetString, sequence, setOf, tagged, time, utf8String } from "./der.ts";

const ECDSA_WITH_SHA256 = sequence(objectIdentifier("1.2.840.10045.4.3.2"));
const COMMON_NAME = "2.5.4.3";
const BASIC_CONSTRAINTS = "2.5.29.19";
const KEY_USAGE = "2.5.29.15";
const SUBJECT_KEY_IDENTIFIER = "2.5.29.14";
/** digitalSignature and nonRepudiation: the two highest bits. */
const FOR_SIGNATURES = bitString(Uint8Array.of(0xc0), 6);
/** keyCertSign: the sixth bit. */
const FOR_CERTIFICATES = bitString(Uint8Array.of(0x04), 2);

/** What a certificate says, and who signs it. */
export interface CertificateContent {
  readonly subject: string;
  readonly publicKey: KeyObject;
  readonly issuer: string;
  /** P-256. */
  readonly issuerKey: KeyObject;
  readonly validFrom: Date;
  readonly validTo: Date;
  readonly isAuthority: boolean;
}

/** An X.509 v3 certificate (RFC 5280) of a P-256 key by itself: not an authority, for signatures only. */
export function selfSignedCertificate(privateKey: KeyObject, commonName: string, validFrom: Date, validTo: Date): Certificate {
  return issueCertificate({
    subject: commonName,
    publicKey: createPublicKey(privateKey),
    issuer: commonName,
    issuerKey: privateKey,
    validFrom,
    validTo,
    isAuthority: false,
  });
}

/** An X.509 v3 certificate (RFC 5280), signed with ECDSA and SHA-256; names are common names alone. */
export function issueCertificate({ subject, publicKey, issuer, issuerKey, validFrom, validTo, isAuthority }: CertificateContent): Certificate {
  const publicKeyInfo = new Uint8Array(publicKey.export({ type: "spki", format: "der" }));
  const extensions = sequence(
    extension(BASIC_CONSTRAINTS, true, isAuthority ? sequence(boolean(true)) : sequence()),
    extension(KEY_USAGE, true, isAuthority ? FOR_CERTIFICATES : FOR_SIGNATURES),
    extension(SUBJECT_KEY_IDENTIFIER, false, octetString(createHash("sha1").update(publicKeyInfo).digest())),
  );
  const validity = sequence(time(validFrom), time(validTo));
  const body = sequence(
    tagged(0, integer(2)),
    serialNumber(),
    ECDSA_WITH_SHA256,
    nameOf(issuer),
    validity,
    nameOf(subject),
    publicKeyInfo,
    tagged(3, extensions),
  );
  return parseCertificate(sequence(body, ECDSA_WITH_SHA256, bitString(new Uint8Array(sign("sha256", body, issuerKey)))));
}

/** 120 random bits; the leading 0x40 keeps the number positive and 16 bytes long. */
function serialNumber(): Uint8Array {
  return integer(0x40, ...randomBytes(15));
}

function nameOf(commonName: string): Uint8Array {
  return sequence(setOf(sequence(objectIdentifier(COMMON_NAME), utf8String(commonName))));
}

function extension(identifier: string, isCritical: boolean, value: Uint8Array): Uint8Array {
  return sequence(objectIdentifier(identifier), ...(isCritical ? [boolean(true)] : []), octetString(value));
}
