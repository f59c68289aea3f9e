import { createHash, createPublicKey, randomBytes, sign, X509Certificate, type KeyObject } from "node:crypto";
import { bitString, boolean, integer, objectIdentifier, octetString, sequence, setOf, tagged, time, utf8String } from "./der.ts";

const ECDSA_WITH_SHA256 = sequence(objectIdentifier("1.2.840.10045.4.3.2"));
const COMMON_NAME = "2.5.4.3";
const BASIC_CONSTRAINTS = "2.5.29.19";
const KEY_USAGE = "2.5.29.15";
const SUBJECT_KEY_IDENTIFIER = "2.5.29.14";
/** digitalSignature and nonRepudiation: the two highest bits. */
const FOR_SIGNATURES = bitString(Uint8Array.of(0xc0), 6);

/** An X.509 v3 certificate (RFC 5280) of a P-256 key by itself: not an authority, for signatures only. */
export function selfSignedCertificate(privateKey: KeyObject, commonName: string, validFrom: Date, validTo: Date): X509Certificate {
  const publicKey = createPublicKey(privateKey);
  const publicKeyInfo = new Uint8Array(publicKey.export({ type: "spki", format: "der" }));
  const name = sequence(setOf(sequence(objectIdentifier(COMMON_NAME), utf8String(commonName))));
  // A leading 1 bit of 0x40 keeps the number positive and 16 bytes long.
  const serial = integer(0x40, ...randomBytes(15));
  const body = sequence(
    tagged(0, integer(2)),
    serial,
    ECDSA_WITH_SHA256,
    name,
    sequence(time(validFrom), time(validTo)),
    name,
    publicKeyInfo,
    tagged(
      3,
      sequence(
        extension(BASIC_CONSTRAINTS, true, sequence()),
        extension(KEY_USAGE, true, FOR_SIGNATURES),
        extension(SUBJECT_KEY_IDENTIFIER, false, octetString(createHash("sha1").update(publicKeyInfo).digest())),
      ),
    ),
  );
  return new X509Certificate(sequence(body, ECDSA_WITH_SHA256, bitString(new Uint8Array(sign("sha256", body, privateKey)))));
}

function extension(identifier: string, isCritical: boolean, value: Uint8Array): Uint8Array {
  return sequence(objectIdentifier(identifier), ...(isCritical ? [boolean(true)] : []), octetString(value));
}
