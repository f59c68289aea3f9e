/** Certificates of kinds that people have, and of some that nobody should: keys on other curves, odd names, extensions that contradict each other. */
import { generateKeyPairSync, sign, type KeyObject } from "node:crypto";
import {
  bitString,
  boolean,
  integer,
  objectIdentifier,
  octetString,
  sequence,
  setOf,
  tagged,
  time,
  utf8String,
} from "../../../../src/adapters/keys/der.ts";

export interface Kind {
  readonly name: string;
  readonly pair: { readonly publicKey: KeyObject; readonly privateKey: KeyObject };
  /** By which a key of this kind signs. */
  readonly algorithm: Uint8Array;
  readonly hash: string | null;
}

const ecdsa = (hash: number): Uint8Array => sequence(objectIdentifier(`1.2.840.10045.4.3.${hash}`));
const rsa = (hash: number): Uint8Array => sequence(objectIdentifier(`1.2.840.113549.1.1.${hash}`), Uint8Array.of(5, 0));
const curve = (name: string, hash: string, algorithm: Uint8Array): Kind => ({
  name,
  pair: generateKeyPairSync("ec", { namedCurve: name }),
  algorithm,
  hash,
});

export const KINDS: readonly Kind[] = [
  { name: "rsa", pair: generateKeyPairSync("rsa", { modulusLength: 2048 }), algorithm: rsa(11), hash: "sha256" },
  { name: "rsa with SHA-1", pair: generateKeyPairSync("rsa", { modulusLength: 2049 }), algorithm: rsa(5), hash: "sha1" },
  curve("P-256", "sha256", ecdsa(2)),
  curve("P-384", "sha512", ecdsa(4)),
  curve("P-521", "sha384", ecdsa(3)),
  curve("secp256k1", "sha256", ecdsa(2)),
  curve("brainpoolP256r1", "sha256", ecdsa(2)),
  curve("brainpoolP384r1", "sha384", ecdsa(3)),
  curve("brainpoolP512r1", "sha512", ecdsa(4)),
  { name: "ed25519", pair: generateKeyPairSync("ed25519"), algorithm: sequence(objectIdentifier("1.3.101.112")), hash: null },
  { name: "ed448", pair: generateKeyPairSync("ed448"), algorithm: sequence(objectIdentifier("1.3.101.113")), hash: null },
];

/** An attribute of a name: its identifier and DER of its value. */
export type Attribute = readonly [string, Uint8Array];

/** DER of a string of this tag, from its bytes. */
export function text(tag: number, bytes: Uint8Array | string): Uint8Array {
  const content = typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes;
  return Uint8Array.of(tag, content.length, ...content);
}

export const CN = "2.5.4.3";

/** Each attribute in a set of its own; several in one where they stand in a list. */
export function nameOf(...sets: readonly (Attribute | readonly Attribute[])[]): Uint8Array {
  const attribute = ([type, value]: Attribute): Uint8Array => sequence(objectIdentifier(type), value);
  return sequence(
    ...sets.map((set) =>
      typeof set[0] === "string" ? setOf(attribute(set as Attribute)) : setOf(concat((set as readonly Attribute[]).map(attribute))),
    ),
  );
}

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

export function extension(identifier: string, value: Uint8Array, isCritical = false): Uint8Array {
  return sequence(objectIdentifier(identifier), ...(isCritical ? [boolean(true)] : []), octetString(value));
}

export const AUTHORITY = extension("2.5.29.19", sequence(boolean(true)), true);
export const NO_AUTHORITY = extension("2.5.29.19", sequence(), true);
export const keyUsage = (bits: number): Uint8Array => extension("2.5.29.15", bitString(Uint8Array.of(bits)), true);
export const subjectKeyId = (id: string): Uint8Array => extension("2.5.29.14", text(4, id));
/** A part of an authority key identifier: its tag and content. */
export const authorityKeyId = (...parts: readonly Uint8Array[]): Uint8Array => extension("2.5.29.35", sequence(...parts));
export const alternativeNames = (...names: readonly Uint8Array[]): Uint8Array => extension("2.5.29.17", sequence(...names));

export interface Draft {
  readonly by: Kind;
  readonly key?: Kind;
  readonly issuer?: Uint8Array;
  readonly subject?: Uint8Array;
  readonly extensions?: readonly Uint8Array[];
  readonly serial?: number;
  /** What stands before the signature; the one by which it was made where nothing else is said. */
  readonly saidAlgorithm?: Uint8Array;
}

export const plainName = (name: string): Uint8Array => nameOf([CN, utf8String(name)]);

/** DER of a certificate. */
export function certificate({
  by,
  key = by,
  issuer = plainName(by.name),
  subject = issuer,
  extensions = [],
  serial = 77,
  saidAlgorithm,
}: Draft): Uint8Array {
  const body = sequence(
    tagged(0, integer(2)),
    integer(serial),
    by.algorithm,
    issuer,
    sequence(time(new Date("2020-01-01T00:00:00Z")), time(new Date("2061-07-08T09:10:11Z"))),
    subject,
    new Uint8Array(key.pair.publicKey.export({ type: "spki", format: "der" })),
    ...(extensions.length > 0 ? [tagged(3, sequence(...extensions))] : []),
  );
  return sequence(body, saidAlgorithm ?? by.algorithm, bitString(new Uint8Array(sign(by.hash, body, by.pair.privateKey))));
}
