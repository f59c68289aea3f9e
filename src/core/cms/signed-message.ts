/**
 * Takes signed messages of strangers apart (RFC 5652): in basic or distinguished encoding, with several signers, with attributes, certificates and revocation information of every kind. It
 * checks nothing but their shape. Messages that we write ourselves are read by signed-data.ts, which allows one shape alone.
 */
import { derOf } from "../crypto/ber-to-der.ts";
import { concat, includesBytes } from "../crypto/bytes.ts";
import { readCertificate, type Certificate } from "../crypto/certificate.ts";
import { contentOf, DerError, identifierIn, readWholeDer, TAG, valuesIn, type DerValue } from "../crypto/read-der.ts";
import { SIGNATURE_LIMITS } from "../crypto/signature-limits.ts";
import { OID } from "./identifiers.ts";

export interface SignedMessage {
  readonly contentType: string;
  /** Undefined where the content is elsewhere. */
  readonly content: Uint8Array | undefined;
  /** As they came along, those among the attributes included; what cannot be read or is too large is left out. */
  readonly certificates: readonly Certificate[];
  readonly revocation: RevocationInformation;
  readonly signers: readonly MessageSigner[];
  /** What archive time-stamps are over, as it came. */
  readonly encoded: EncodedMessage;
}

/** Parts of a message in DER, head and all. */
export interface EncodedMessage {
  readonly contentType: Uint8Array;
  readonly certificates: readonly Uint8Array[];
  readonly revocations: readonly Uint8Array[];
  /** Whether it came in DER, so that these are the very bytes that somebody hashed. */
  readonly isSame: boolean;
}

/** What tells whether certificates were revoked, in DER; nothing of it is checked. */
export interface RevocationInformation {
  /** CertificateList (RFC 5280 section 5). */
  readonly crls: readonly Uint8Array[];
  /** OCSPResponse or BasicOCSPResponse (RFC 6960 section 4.2.1). */
  readonly ocsp: readonly Uint8Array[];
}

export interface MessageSigner {
  /** By what it names its certificate: IssuerAndSerialNumber, or `[0]` and a key identifier. */
  readonly identifier: DerValue;
  readonly digestAlgorithm: DerValue;
  /** Undefined where the content itself is signed. */
  readonly signed: SignedAttributes | undefined;
  readonly algorithm: DerValue;
  readonly value: Uint8Array;
  /** Tokens (RFC 3161) over the value. */
  readonly timeStamps: readonly Uint8Array[];
  /** What it says and signed (version to signature), one behind the other, as it came. */
  readonly fields: Uint8Array;
  /** What stands beside its signature, each value by itself. */
  readonly unsigned: readonly UnsignedValue[];
}

export interface UnsignedValue {
  readonly name: string;
  /** The attribute's type, the value, and the attribute that it stands in, in DER. */
  readonly type: Uint8Array;
  readonly value: Uint8Array;
  readonly attribute: Uint8Array;
}

export interface SignedAttributes {
  /** What the signature is over (RFC 5652 section 5.4): as they came, and, where that is another order, in the order of DER. */
  readonly encodings: readonly Uint8Array[];
  readonly values: AttributeValues;
}

/** All values of each attribute. */
export type AttributeValues = ReadonlyMap<string, readonly DerValue[]>;

const [CERTIFICATES, REVOCATIONS, SIGNED, UNSIGNED, OTHER_REVOCATION] = [0xa0, 0xa1, 0xa0, 0xa1, 0xa1];

/** The object identifier signedData behind its head. */
const SIGNED_DATA = Uint8Array.of(0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02);

/** Whether bytes begin as a signed message does, in whatever encoding. */
export function isSignedMessage(bytes: Uint8Array): boolean {
  return bytes[0] === TAG.sequence && includesBytes(bytes.subarray(1, 24), SIGNED_DATA);
}

/** Reads ContentInfo in BER or DER. AppError `malformed`. */
export function readSignedMessage(encoded: Uint8Array): SignedMessage {
  const der = derOf(encoded);
  const [type, wrapped] = valuesIn(readWholeDer(der), TAG.sequence, 2);
  if (identifierIn(type) !== OID.signedData) throw new DerError("no signed message");
  const [, , encapsulated, ...rest] = valuesIn(valuesIn(wrapped, 0xa0, 1)[0], TAG.sequence, 6);
  const signerInfos = rest.pop();
  const [contentType, inner] = valuesIn(encapsulated, TAG.sequence, 2);
  const found = new Found();
  const [certificates, revocations] = [CERTIFICATES, REVOCATIONS].map((set) => rest.find(({ tag }) => tag === set));
  found.addCertificates(certificates);
  found.addRevocations(revocations);
  const signers = valuesIn(signerInfos, TAG.set, SIGNATURE_LIMITS.signers).map((signer) => readSigner(signer, found));
  return {
    contentType: identifierIn(contentType),
    content: inner && contentOf(valuesIn(inner, 0xa0, 1)[0], TAG.octetString),
    certificates: found.certificates,
    revocation: found,
    signers,
    encoded: {
      contentType: contentType?.whole ?? new Uint8Array(),
      certificates: certificates ? valuesIn(certificates).map(({ whole }) => whole) : [],
      revocations: revocations ? valuesIn(revocations).map(({ whole }) => whole) : [],
      isSame: der === encoded,
    },
  };
}

/** RFC 5652 section 5.3. */
function readSigner(information: DerValue, found: Found): MessageSigner {
  const all = valuesIn(information, TAG.sequence, 7);
  const [, identifier, digestAlgorithm, ...rest] = all;
  const signed = rest[0]?.tag === SIGNED ? rest.shift() : undefined;
  const [algorithm, value, unsigned, ...more] = rest;
  if (!identifier || !digestAlgorithm || !algorithm || more.length > 0) throw new DerError("a signer that is not told as it should be");
  const others = unsigned ? attributesIn(unsigned, UNSIGNED) : new Map<string, DerValue[]>();
  found.addEvidence(others);
  return {
    identifier,
    digestAlgorithm,
    signed: signed && { encodings: encodingsOf(signed), values: attributesIn(signed, SIGNED) },
    algorithm,
    value: contentOf(value, TAG.octetString),
    timeStamps: (others.get(OID.timeStampToken) ?? []).slice(0, SIGNATURE_LIMITS.signers).map(({ whole }) => whole),
    fields: concat(...(unsigned ? all.slice(0, -1) : all).map(({ whole }) => whole)),
    unsigned: unsigned ? unsignedIn(unsigned) : [],
  };
}

function unsignedIn(element: DerValue): UnsignedValue[] {
  return valuesIn(element, UNSIGNED, SIGNATURE_LIMITS.messageAttributes).flatMap((attribute) => {
    const [type, values] = valuesIn(attribute, TAG.sequence, 2);
    const common = { name: identifierIn(type), type: type?.whole ?? new Uint8Array(), attribute: attribute.whole };
    return valuesIn(values, TAG.set, SIGNATURE_LIMITS.messageAttributes).map(({ whole }) => ({ ...common, value: whole }));
  });
}

function attributesIn(element: DerValue, tag: number): AttributeValues {
  const found = new Map<string, DerValue[]>();
  for (const attribute of valuesIn(element, tag, SIGNATURE_LIMITS.messageAttributes)) {
    const [type, values] = valuesIn(attribute, TAG.sequence, 2);
    const name = identifierIn(type);
    found.set(name, [...(found.get(name) ?? []), ...valuesIn(values, TAG.set, SIGNATURE_LIMITS.messageAttributes)]);
  }
  return found;
}

/** Signed as a set, sent under a tag of their own. Some sign them in the order in which they write them, and not in that of their bytes. */
function encodingsOf(signed: DerValue): Uint8Array[] {
  const sent = Uint8Array.from(signed.whole);
  sent[0] = TAG.set;
  const head = sent.subarray(0, sent.length - signed.content.length);
  const items = valuesIn(signed, SIGNED, SIGNATURE_LIMITS.messageAttributes).map(({ whole }) => whole);
  const sorted = items.toSorted(compareBytes);
  return sorted.every((item, at) => item === items[at]) ? [sent] : [sent, concat(head, ...sorted)];
}

function compareBytes(one: Uint8Array, other: Uint8Array): number {
  const at = one.findIndex((byte, place) => byte !== other[place]);
  return at < 0 ? one.length - other.length : (one[at] ?? 0) - (other[at] ?? -1);
}

/** Certificates and revocation information, wherever they stand in a message. */
class Found implements RevocationInformation {
  readonly certificates: Certificate[] = [];
  readonly crls: Uint8Array[] = [];
  readonly ocsp: Uint8Array[] = [];

  /** CertificateSet; attribute certificates and other kinds are passed over. */
  addCertificates(set: DerValue | undefined): void {
    if (set === undefined) return;
    for (const { tag, whole } of valuesIn(set, undefined, SIGNATURE_LIMITS.messageCertificates)) {
      if (this.certificates.length >= SIGNATURE_LIMITS.messageCertificates) throw new DerError("too many certificates");
      const certificate = tag === TAG.sequence && whole.length <= SIGNATURE_LIMITS.certificate ? readCertificate(whole) : undefined;
      if (certificate) this.certificates.push(certificate);
    }
  }

  /** RevocationInfoChoices. */
  addRevocations(set: DerValue | undefined): void {
    if (set === undefined) return;
    for (const choice of valuesIn(set, undefined, SIGNATURE_LIMITS.messageAttributes)) {
      if (choice.tag === TAG.sequence) this.#add(this.crls, choice);
      if (choice.tag !== OTHER_REVOCATION) continue;
      const [form, value] = valuesIn(choice, undefined, 2);
      const name = identifierIn(form);
      if (name === OID.ocspResponse || name === OID.ocspBasic) this.#add(this.ocsp, value);
    }
  }

  /** Values of CAdES (RFC 5126 sections 6.3.3 and 6.3.4). */
  addEvidence(attributes: AttributeValues): void {
    for (const values of attributes.get(OID.certificateValues) ?? []) this.addCertificates(values);
    for (const values of attributes.get(OID.revocationValues) ?? [])
      for (const field of valuesIn(values, TAG.sequence, 3)) {
        if (field.tag !== CRL_VALUES && field.tag !== OCSP_VALUES) continue;
        const list = field.tag === CRL_VALUES ? this.crls : this.ocsp;
        for (const value of valuesIn(valuesIn(field, undefined, 1)[0], TAG.sequence, SIGNATURE_LIMITS.messageAttributes)) this.#add(list, value);
      }
  }

  #add(list: Uint8Array[], value: DerValue | undefined): void {
    // What is beyond is passed over: it may be told otherwise.
    if (value && list.length < SIGNATURE_LIMITS.revocations) list.push(value.whole);
  }
}

const [CRL_VALUES, OCSP_VALUES] = [0xa0, 0xa1];
