/** Certificates as OpenSSL reads them. What is said of one is worked out when it is asked for. */
import { X509Certificate, type KeyObject } from "node:crypto";
import { AppError } from "../../errors.ts";
import { subjectIn, type DistinguishedName } from "./der-names.ts";
import type { Certificate, PublicKey } from "./platform.ts";

export function readNodeCertificate(encoded: string | Uint8Array): Certificate | undefined {
  try {
    const certificate = new X509Certificate(encoded);
    // Node reads the key only when it is asked for, and throws then.
    return certificate.publicKey.type === "public" ? new NodeCertificate(certificate) : undefined;
  } catch {
    return undefined;
  }
}

/** Node's own key of one that this platform read. */
export function keyObjectOf(key: PublicKey): KeyObject {
  if (!(key instanceof NodeKey)) throw new AppError("internal", "a public key that another platform read");
  return key.keyObject;
}

class NodeKey implements PublicKey {
  readonly keyObject: KeyObject;

  constructor(keyObject: KeyObject) {
    this.keyObject = keyObject;
  }

  get keyType(): string {
    return this.keyObject.asymmetricKeyType ?? "unknown";
  }

  get modulusLength(): number | undefined {
    return this.keyObject.asymmetricKeyDetails?.modulusLength;
  }

  get publicExponent(): bigint | undefined {
    return this.keyObject.asymmetricKeyDetails?.publicExponent;
  }

  get curve(): string | undefined {
    return this.keyObject.asymmetricKeyDetails?.namedCurve;
  }
}

class NodeCertificate implements Certificate {
  readonly #certificate: X509Certificate;
  #raw: Uint8Array | undefined;
  #subject: DistinguishedName | undefined;
  #subjectText: string | undefined;
  #publicKey: PublicKey | undefined;

  constructor(certificate: X509Certificate) {
    this.#certificate = certificate;
  }

  get raw(): Uint8Array {
    return (this.#raw ??= new Uint8Array(this.#certificate.raw));
  }

  get subject(): string {
    // Undefined where it is empty, whatever Node's types say.
    return (this.#subjectText ??= (this.#certificate as { readonly subject?: string }).subject ?? "");
  }

  subjectValues(name: string): readonly string[] {
    // Node's toLegacyObject would tell them, and ends the process at a key on a curve without a NIST name, such as brainpoolP256r1 (24.21).
    return (this.#subject ??= subjectIn(this.raw)).flat().flatMap((attribute) => (attribute.name === name ? [attribute.value] : []));
  }

  get uris(): readonly string[] {
    // Names lie behind each other, `DNS:a, URI:b`; one with anything to be escaped stands in quotes, and may hold what looks like another name.
    const names = (this.#certificate.subjectAltName ?? "").matchAll(/(?:^|, )([A-Za-z ]+):("(?:[^"\\]|\\.)*"|[^,"]*)/gy);
    return [...names].flatMap(([, type, value]) => (type === "URI" && value !== undefined && /^[^"]/.test(value) ? [value] : []));
  }

  get validFrom(): Date {
    return this.#certificate.validFromDate;
  }

  get validTo(): Date {
    return this.#certificate.validToDate;
  }

  get isAuthority(): boolean {
    return this.#certificate.ca;
  }

  get publicKey(): PublicKey {
    return (this.#publicKey ??= new NodeKey(this.#certificate.publicKey));
  }

  /** OpenSSL's X509_check_issued. */
  namesIssuer(issuer: Certificate): boolean {
    return this.#certificate.checkIssued(x509Of(issuer));
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- the port waits, since a browser must
  async isSignedBy(issuer: Certificate): Promise<boolean | undefined> {
    try {
      return this.#certificate.verify(x509Of(issuer).publicKey);
    } catch {
      return undefined; // an algorithm that OpenSSL does not have
    }
  }

  static x509Of(certificate: Certificate): X509Certificate {
    return certificate instanceof NodeCertificate ? certificate.#certificate : new X509Certificate(certificate.raw);
  }
}

const { x509Of } = NodeCertificate;
