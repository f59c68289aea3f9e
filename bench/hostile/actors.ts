/** Who makes hostile signatures, and what they are said to be over. */
import { generateKeyPairSync, createPublicKey, createPrivateKey, randomBytes, sign, type KeyObject } from "node:crypto";
import { parseCertificate, type Certificate } from "../../src/core/crypto/certificate.ts";
import { toBase64 } from "../../src/core/crypto/base64.ts";
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
} from "../../src/core/der/write-der.ts";
import { readJson } from "../../src/core/fhir/json/read-json.ts";
import { DEFAULT_READ_LIMITS } from "../../src/core/fhir/reading/read-limits.ts";
import { SourceText } from "../../src/core/fhir/reading/source-text.ts";
import type { JsonObject } from "../../src/core/fhir/tree/tree.ts";
import { documentMaker } from "../documents.ts";
import { person, type Person } from "../../test/core/signatures/people.ts";

/** What somebody sends as a signature. */
export interface Signature {
  readonly sigFormat: string;
  /** Base64. */
  readonly data: string;
}

/** A signature that is meant to cost more than it measures. */
export interface Hostile {
  readonly name: string;
  /** Of a document of a megabyte instead of one of 5 KB. */
  readonly isOverLarge?: boolean;
  make(document: JsonObject): Signature;
}

/** As large as they are made, in bytes: the data of a Signature is that in base64. */
export const MEGABYTE = 1_000_000;

/** On the trust list. */
export const root = person("Root", { isAuthority: true });
/** Whom it vouches for. */
export const doctor = person("Dr A. Meyer", { by: root });
/** Nobody vouches for them. */
export const mallory = person("Mallory");

/** A document as small as a letter, or as large as it is asked for. */
export function documentOf(bytes: number): JsonObject {
  const { resource } = readJson(new SourceText(Buffer.from(documentMaker(bytes)()).toString("utf8")), DEFAULT_READ_LIMITS);
  if (resource === undefined) throw new Error("the benchmark's document cannot be read");
  return resource;
}

/** `times` of a text, or what is made of each number. */
export function many(times: number, make: string | ((at: number) => string)): string {
  return typeof make === "string" ? make.repeat(times) : Array.from({ length: times }, (_, at) => make(at)).join("");
}

/** The same of bytes. */
export function manyBytes(times: number, make: (at: number) => Uint8Array): Uint8Array {
  return Buffer.concat(Array.from({ length: times }, (_, at) => make(at)));
}

export function der({ certificate }: { readonly certificate: Certificate }): string {
  return toBase64(certificate.raw);
}

/** Authorities, each of which issued a certificate to each other; and somebody whom the first of them vouches for, with a key of P-256. */
export function crowd(authorities: number, makeKey: () => KeyObject): { readonly signer: Person; readonly certificates: readonly Person[] } {
  const keys = Array.from({ length: authorities }, makeKey);
  const named = keys.map((key, at) => ({ name: `Authority ${at}`, key }));
  const certificates = named.flatMap((by) =>
    named
      .filter((to) => to !== by)
      .map((to) => ({
        ...to,
        certificate: certificateWith({ subject: to.name, key: to.key, issuer: by.name, issuerKey: by.key, extensions: [AUTHORITY] }),
      })),
  );
  const own = ecKey("P-256");
  const [first] = named;
  if (first === undefined) throw new Error("a crowd of nobody");
  const certificate = certificateWith({ subject: "Mallory", key: own, issuer: first.name, issuerKey: first.key, extensions: [] });
  return { signer: { name: "Mallory", key: own, certificate }, certificates };
}

export function ecKey(namedCurve: string): KeyObject {
  return imported(generateKeyPairSync("ec", { namedCurve }).privateKey);
}

export function rsaKey(modulusLength: number): KeyObject {
  return imported(generateKeyPairSync("rsa", { modulusLength }).privateKey);
}

function imported(key: KeyObject): KeyObject {
  return createPrivateKey(key.export({ type: "pkcs8", format: "pem" }));
}

export function extension(identifier: string, value: Uint8Array, isCritical = false): Uint8Array {
  return sequence(objectIdentifier(identifier), ...(isCritical ? [boolean(true)] : []), octetString(value));
}

/** basicConstraints of an authority. */
export const AUTHORITY = extension("2.5.29.19", sequence(boolean(true)), true);

/** A certificate with any extensions, signed by a key of any kind. */
export function certificateWith(content: {
  readonly subject: string;
  readonly key: KeyObject;
  readonly issuer: string;
  readonly issuerKey: KeyObject;
  readonly extensions: readonly Uint8Array[];
}): Certificate {
  const { subject, key, issuer, issuerKey, extensions } = content;
  const algorithm =
    issuerKey.asymmetricKeyType === "rsa"
      ? sequence(objectIdentifier("1.2.840.113549.1.1.11"), Uint8Array.of(5, 0))
      : sequence(objectIdentifier("1.2.840.10045.4.3.2"));
  const named = (name: string): Uint8Array => sequence(setOf(sequence(objectIdentifier("2.5.4.3"), utf8String(name))));
  const body = sequence(
    tagged(0, integer(2)),
    integer(0x40, ...randomBytes(15)),
    algorithm,
    named(issuer),
    sequence(time(new Date("2020-01-01")), time(new Date("2120-01-01"))),
    named(subject),
    new Uint8Array(createPublicKey(key).export({ type: "spki", format: "der" })),
    ...(extensions.length > 0 ? [tagged(3, sequence(...extensions))] : []),
  );
  return parseCertificate(sequence(body, algorithm, bitString(new Uint8Array(sign("sha256", body, issuerKey)))));
}
