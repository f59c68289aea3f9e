/** What stands in a certificate (RFC 5280 sections 4.1 and 4.2), read from its DER: what the rules of a path and of revocation ask for beside what the platform tells. */
import type { Certificate } from "./certificate.ts";
import { algorithmIn, type SignatureAlgorithm } from "./signature-algorithms.ts";
import { readName, type DistinguishedName } from "./platform/der-names.ts";
import { SIGNATURE_LIMITS } from "./signature-limits.ts";
import {
  bytesOfBits,
  contentOf,
  DerError,
  identifierIn,
  naturalIn,
  numberIn,
  readWholeDer,
  TAG,
  timeIn,
  valuesIn,
  type DerValue,
} from "./read-der.ts";

/** An extension of a certificate, of a list of revoked ones, or of an entry in it. */
export interface Extension {
  readonly isCritical: boolean;
  readonly value: DerValue;
}

export interface CertificateFields {
  /** As it is written: some are below zero, whatever RFC 5280 says. */
  readonly serial: Uint8Array;
  readonly issuer: DistinguishedName;
  readonly subject: DistinguishedName;
  /** DER of the two names. */
  readonly issuerDer: Uint8Array;
  readonly subjectDer: Uint8Array;
  /** How its issuer signed it; undefined where that is not known here. */
  readonly method: SignatureAlgorithm | undefined;
  /** DER of SubjectPublicKeyInfo, and the bits of the key within. */
  readonly keyInfo: Uint8Array;
  readonly keyBits: Uint8Array;
  readonly extensions: ReadonlyMap<string, Extension>;
}

const VERSION = 0xa0;
const [ISSUER_ID, SUBJECT_ID, EXTENSIONS] = [0x81, 0x82, 0xa3];

/** DerError where RFC 5280 does not allow what stands there: extensions of an early version, an extension that stands there twice. */
export function fieldsOf({ raw }: Pick<Certificate, "raw">): CertificateFields {
  const [body, outer, signature, ...behind] = valuesIn(readWholeDer(raw), TAG.sequence);
  bytesOfBits(signature);
  const fields = valuesIn(body, TAG.sequence);
  const version = fields[0]?.tag === VERSION ? numberIn(valuesIn(fields.shift())[0]) : 0n;
  const [serial, algorithm, issuer, validity, subject, key, ...optional] = fields;
  if (!issuer || !subject || !key || !outer || behind.length > 0) throw new DerError("not a certificate");
  if (outer.whole.length !== algorithm?.whole.length || outer.whole.some((byte, at) => byte !== algorithm.whole[at]))
    throw new DerError("a certificate that names two algorithms");
  valuesIn(validity, TAG.sequence).forEach(timeIn);
  if (optional.some(({ tag }) => ![ISSUER_ID, SUBJECT_ID, EXTENSIONS].includes(tag))) throw new DerError("not a certificate");
  const extensions = optional.find(({ tag }) => tag === EXTENSIONS);
  if (extensions !== undefined && version !== 2n) throw new DerError("a certificate of an early version with extensions");
  return {
    serial: contentOf(serial, TAG.integer),
    issuer: readName(issuer),
    subject: readName(subject),
    issuerDer: issuer.whole,
    subjectDer: subject.whole,
    method: algorithmIn(outer),
    keyInfo: key.whole,
    keyBits: bytesOfBits(valuesIn(key, TAG.sequence)[1]),
    extensions: extensions ? readExtensions(valuesIn(extensions)[0]) : new Map(),
  };
}

/** Extensions by their identifiers. DerError: one stands there twice, or its value is no DER. */
export function readExtensions(list: DerValue | undefined): Map<string, Extension> {
  const found = new Map<string, Extension>();
  for (const each of valuesIn(list, TAG.sequence, SIGNATURE_LIMITS.extensions)) {
    const parts = valuesIn(each, TAG.sequence, 3);
    const name = identifierIn(parts[0]);
    if (found.has(name)) throw new DerError("an extension that stands there twice");
    const critical = parts.length === 3 ? contentOf(parts[1], TAG.boolean)[0] : 0;
    found.set(name, { isCritical: critical !== 0, value: readWholeDer(contentOf(parts.at(-1), TAG.octetString)) });
  }
  return found;
}

/** Named bits as a number, the first of them the highest of 16; 0x8000 is bit 0. */
export function bitsIn(value: DerValue | undefined): number {
  const [unused = 0, first = 0, second = 0] = contentOf(value, TAG.bitString);
  if (unused > 7) throw new DerError("no bits");
  return (first << 8) | second;
}

/** Whether TRUE. */
export function flagIn(content: Uint8Array): boolean {
  if (content.length !== 1) throw new DerError("not a truth value");
  return content[0] !== 0;
}

/** How many certificates may follow, or are skipped: a whole number, of which what is beyond any path counts as that. */
export function countIn(value: DerValue): number {
  const digits = naturalIn(value);
  return digits.length > 2 ? 0xffff : digits.reduce((number, byte) => number * 256 + byte, 0);
}
