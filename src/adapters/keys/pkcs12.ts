/** Reads PKCS #12 files (RFC 7292) as OpenSSL, Java's keytool and authorities make them. Nothing is taken from one that its password does not prove. */
import { createPrivateKey, X509Certificate, type KeyObject } from "node:crypto";
import { AppError } from "../../core/errors.ts";
import { derOf } from "../../core/crypto/ber-to-der.ts";
import { parseCertificate, type Certificate } from "../../core/crypto/certificate.ts";
import { contentOf, identifierIn, readWholeDer, TAG, valuesIn, type DerValue } from "../../core/crypto/read-der.ts";
import { decrypted, isAuthentic } from "./pkcs12-cipher.ts";

/** A private key with its certificate. */
export interface Pkcs12 {
  readonly privateKey: KeyObject;
  /** The key's certificate first, then those in the file that lead on from it. */
  readonly chain: readonly Certificate[];
}

const DATA = "1.2.840.113549.1.7.1";
const ENCRYPTED_DATA = "1.2.840.113549.1.7.6";
const BAG = "1.2.840.113549.1.12.10.1";
const X509 = "1.2.840.113549.1.9.22.1";
const EXPLICIT = 0xa0;
/** Implicit [0] of an octet string. */
const ENCRYPTED_CONTENT = 0x80;
const MOST_PARTS = 64;
const MOST_BAGS = 256;
const LARGEST = 1_000_000;

/** @throws AppError `invalid` when the password is not the one; `malformed`, `unsupported` with what is wrong with the file. */
export function readPkcs12(bytes: Uint8Array, password: string): Pkcs12 {
  if (bytes.length > LARGEST) throw new AppError("malformed", "it is larger than a file of one key is");
  const [, authSafe, macData] = valuesIn(readWholeDer(derOf(bytes)), TAG.sequence);
  const safe = dataIn(authSafe);
  if (macData !== undefined && !isAuthentic(macData, safe, password)) throw wrongPassword();
  const bags = valuesIn(readWholeDer(safe), TAG.sequence, MOST_PARTS).flatMap((part) => bagsIn(part, password));
  const certificates = bags.flatMap((bag) => (bag.certificate ? [bag.certificate] : []));
  const [privateKey, another] = bags.flatMap((bag) => (bag.privateKey ? [bag.privateKey] : []));
  if (privateKey === undefined) throw new AppError("unsupported", "it holds no private key");
  if (another !== undefined) throw new AppError("unsupported", "it holds several private keys: make one with the seal's alone");
  const own = certificates.find(({ raw }) => new X509Certificate(raw).checkPrivateKey(privateKey));
  if (own === undefined) throw new AppError("unsupported", "it holds no certificate of its private key");
  return { privateKey, chain: chainFrom(own, certificates) };
}

function wrongPassword(): AppError {
  return new AppError("invalid", "its password is not the one that was given, or it was altered");
}

/** The certificate, and each that issued the one before it. */
function chainFrom(own: Certificate, others: readonly Certificate[]): Certificate[] {
  const chain = [own];
  for (;;) {
    const last = chain.at(-1) ?? own;
    const issuer = others.find((one) => !chain.includes(one) && last.namesIssuer(one));
    // One that issued itself ends it.
    if (issuer === undefined || last.namesIssuer(last)) return chain;
    chain.push(issuer);
  }
}

interface Bag {
  readonly privateKey?: KeyObject;
  readonly certificate?: Certificate;
}

/** What is in a part of the file: a ContentInfo, plain or encrypted under the password. */
function bagsIn(part: DerValue, password: string): Bag[] {
  const [type, content] = valuesIn(part, TAG.sequence);
  if (identifierIn(type) === DATA) return bagsOf(dataIn(part), password);
  if (identifierIn(type) !== ENCRYPTED_DATA) throw new AppError("unsupported", "a part of it is encrypted under a certificate, not under a password");
  const [, encrypted] = valuesIn(valuesIn(content, EXPLICIT)[0], TAG.sequence);
  const [, algorithm, hidden] = valuesIn(encrypted, TAG.sequence);
  const plain = decrypted(algorithm, octetsOf(hidden), password);
  if (plain === undefined) throw wrongPassword();
  return bagsOf(plain, password);
}

function bagsOf(contents: Uint8Array, password: string): Bag[] {
  return valuesIn(readWholeDer(contentsOf(contents)), TAG.sequence, MOST_BAGS).flatMap((bag) => {
    const [type, value] = valuesIn(bag, TAG.sequence);
    const [held] = valuesIn(value, EXPLICIT);
    switch (identifierIn(type)) {
      case `${BAG}.1`:
        return [{ privateKey: privateKeyIn(held?.whole) }];
      case `${BAG}.2`: {
        const [algorithm, encrypted] = valuesIn(held, TAG.sequence);
        const plain = decrypted(algorithm, contentOf(encrypted, TAG.octetString), password);
        if (plain === undefined) throw wrongPassword();
        return [{ privateKey: privateKeyIn(plain) }];
      }
      case `${BAG}.3`: {
        const [kind, certificate] = valuesIn(held, TAG.sequence);
        return identifierIn(kind) === X509 ? [{ certificate: parseCertificate(contentOf(valuesIn(certificate, EXPLICIT)[0], TAG.octetString)) }] : [];
      }
      case `${BAG}.6`:
        return bagsOf(held?.whole ?? new Uint8Array(), password);
      default:
        // Lists of revoked certificates, and secrets of other kinds.
        return [];
    }
  });
}

/** What was encrypted may be in basic encoding itself. A password that is not the one gives what is no encoding. */
function contentsOf(plain: Uint8Array): Uint8Array {
  try {
    return derOf(plain);
  } catch (cause) {
    throw new AppError("invalid", wrongPassword().message, { cause });
  }
}

function privateKeyIn(der: Uint8Array | undefined): KeyObject {
  try {
    return createPrivateKey({ key: Buffer.from(der ?? []), format: "der", type: "pkcs8" });
  } catch (cause) {
    throw new AppError("unsupported", "its private key is of a kind that is not known here", { cause });
  }
}

/** What a ContentInfo of plain data holds. */
function dataIn(info: DerValue | undefined): Uint8Array {
  const [type, content] = valuesIn(info, TAG.sequence);
  if (identifierIn(type) !== DATA) throw new AppError("unsupported", "it is not authenticated by a password, but signed");
  return contentOf(valuesIn(content, EXPLICIT)[0], TAG.octetString);
}

/** Octets under an implicit tag, whole or in pieces. */
function octetsOf(value: DerValue | undefined): Uint8Array {
  if (value?.tag === EXPLICIT) return Buffer.concat(valuesIn(value, EXPLICIT).map((piece) => contentOf(piece, TAG.octetString)));
  return contentOf(value, ENCRYPTED_CONTENT);
}
