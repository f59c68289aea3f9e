/** Certificates in a browser. What is said of one is what OpenSSL would say; what it would say and this does not know is left unsaid. */
import { isSameName, readName, VERSION, writeName, type DistinguishedName } from "./der-names.ts";
import { bytesOfBits, contentOf, DerError, numberIn, readDer, readEcdsaValue, TAG, timeIn, valuesIn, type DerValue } from "../read-der.ts";
import type { Certificate } from "./platform.ts";
import { algorithmIn, type SignatureAlgorithm } from "../signature-algorithms.ts";
import { readKey, scalarLengthOf, verifyWith, type WebKey } from "./web-keys.ts";
import { readExtensions, type Extensions } from "./web-extensions.ts";
import { decodeBase64 } from "./web-text.ts";

export function readWebCertificate(encoded: string | Uint8Array): Certificate | undefined {
  try {
    const isDer = typeof encoded !== "string" && encoded[0] === TAG.sequence;
    const der = isDer ? encoded : derOf(typeof encoded === "string" ? encoded : new TextDecoder().decode(encoded));
    return der && new WebCertificate(readDer(der));
  } catch {
    return undefined;
  }
}

/** The first certificate in PEM (RFC 7468). */
function derOf(text: string): Uint8Array | undefined {
  const [, body] = /-----BEGIN (?:X509 )?CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END (?:X509 )?CERTIFICATE-----/.exec(text) ?? [];
  return body === undefined ? undefined : decodeBase64(body.replace(/\s/g, ""), "base64");
}

/** Behind the key there may stand two identifiers that nobody uses, and the extensions. */
const BEHIND_KEY: readonly number[] = [0x81, 0x82, 0xa3];
const EXTENSIONS = 0xa3;

class WebCertificate implements Certificate {
  readonly raw: Uint8Array;
  readonly validFrom: Date;
  readonly validTo: Date;
  readonly publicKey: WebKey;
  readonly #subject: DistinguishedName;
  readonly #issuer: DistinguishedName;
  readonly #serial: Uint8Array;
  readonly #extensions: Extensions;
  readonly #method: SignatureAlgorithm | undefined;
  readonly #isOneMethod: boolean;
  readonly #body: Uint8Array;
  readonly #signature: Uint8Array;

  constructor(whole: DerValue) {
    const [body, method, signature, ...more] = valuesIn(whole, TAG.sequence);
    const fields = valuesIn(body, TAG.sequence);
    const version = fields[0]?.tag === VERSION ? fields.shift() : undefined;
    if (version && numberIn(valuesIn(version)[0]) > 2n) throw new DerError("a version that there is not");
    const [serial, innerMethod, issuer, validity, subject, key, ...optional] = fields;
    const [from, to] = valuesIn(validity, TAG.sequence);
    if (body === undefined || method === undefined || more.length > 0 || optional.some(({ tag }) => !BEHIND_KEY.includes(tag)))
      throw new DerError("not a certificate");
    this.raw = new Uint8Array(whole.whole);
    this.validFrom = timeIn(from);
    this.validTo = timeIn(to);
    this.publicKey = readKey(key);
    this.#subject = readName(subject);
    this.#issuer = readName(issuer);
    this.#serial = contentOf(serial, TAG.integer);
    this.#extensions = readExtensions(optional.find(({ tag }) => tag === EXTENSIONS));
    this.#method = innerMethod && algorithmIn(innerMethod);
    this.#isOneMethod = isSame(method.whole, innerMethod?.whole);
    this.#body = body.whole;
    this.#signature = bytesOfBits(signature);
  }

  get subject(): string {
    return writeName(this.#subject);
  }

  subjectValues(name: string): readonly string[] {
    return this.#subject.flat().flatMap((attribute) => (attribute.name === name ? [attribute.value] : []));
  }

  get uris(): readonly string[] {
    return this.#extensions.uris;
  }

  get isAuthority(): boolean {
    const { isFaulty, isAuthority, mayIssue } = this.#extensions;
    return !isFaulty && isAuthority && mayIssue;
  }

  namesIssuer(issuer: Certificate): boolean {
    const other = WebCertificate.of(issuer);
    if (this.#extensions.isFaulty || other.#extensions.isFaulty || !other.#extensions.mayIssue) return false;
    if (!isSameName(this.#issuer, other.#subject)) return false;
    const { authority } = this.#extensions;
    const ownKeyId = other.#extensions.keyId;
    if (authority.keyId && ownKeyId && !isSame(authority.keyId, ownKeyId)) return false;
    if (authority.serial && !isSame(authority.serial, other.#serial)) return false;
    if (authority.issuer && !isSameName(authority.issuer, other.#issuer)) return false;
    const { keyType } = other.publicKey;
    return this.#method !== undefined && (keyType === this.#method.keyType || (keyType === "rsa-pss" && this.#method.salt !== undefined));
  }

  async isSignedBy(issuer: Certificate): Promise<boolean | undefined> {
    // The algorithm stands twice; the outer one is not signed.
    if (!this.#isOneMethod) return false;
    const key = WebCertificate.of(issuer).publicKey;
    if (this.#method === undefined) return undefined;
    const signature = this.#method.keyType === "ec" ? plainSignature(this.#signature, scalarLengthOf(key)) : this.#signature;
    return signature === undefined ? undefined : verifyWith(key, this.#method, this.#body, signature);
  }

  static of(certificate: Certificate): WebCertificate {
    return certificate instanceof WebCertificate ? certificate : new WebCertificate(readDer(certificate.raw));
  }
}

/** ECDSA's r and s as r || s; zeros, which no signature has, for what is none of such a length. Undefined where the length is not known. */
function plainSignature(der: Uint8Array, length: number | undefined): Uint8Array | undefined {
  return length === undefined ? undefined : (readEcdsaValue(der, length) ?? new Uint8Array(2 * length));
}

function isSame(one: Uint8Array, other: Uint8Array | undefined): boolean {
  return one.length === other?.length && one.every((byte, at) => byte === other[at]);
}
