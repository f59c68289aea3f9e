/** Answers about one certificate (OCSP, RFC 6960). */
import { fieldsOf, readExtensions } from "../crypto/certificate-fields.ts";
import { EXTENSION, readRules, USAGE } from "../crypto/certificate-rules.ts";
import { isValidAt, readCertificate, type Certificate } from "../crypto/certificate.ts";
import { equalBytes, hashOf } from "../crypto/digest.ts";
import type { Hash } from "../crypto/platform/platform.ts";
import { bytesOfBits, contentOf, DerError, identifierIn, numberIn, readWholeDer, TAG, timeIn, valuesIn, type DerValue } from "../crypto/read-der.ts";
import { hashIn } from "../crypto/signature-algorithms.ts";
import { SIGNATURE_LIMITS } from "../crypto/signature-limits.ts";
import { verifyValue, type SignedValue } from "../crypto/signed-value.ts";

/** What an answer says of one certificate. */
export interface SingleAnswer {
  readonly hash: Hash | undefined;
  readonly issuerNameHash: Uint8Array;
  readonly issuerKeyHash: Uint8Array;
  readonly serial: Uint8Array;
  readonly status: "good" | "revoked" | "unknown";
  readonly revokedAt: Date | undefined;
  readonly reason: number | undefined;
  readonly issuedAt: Date;
  readonly nextAt: Date | undefined;
  /** Whether it holds a condition that is not known here. */
  readonly isConditional: boolean;
}

export interface StatusAnswer extends SignedValue {
  readonly raw: Uint8Array;
  readonly producedAt: Date;
  readonly answers: readonly SingleAnswer[];
  readonly isConditional: boolean;
  /** Those that came along, for a responder that the authority named. */
  readonly certificates: readonly Certificate[];
  /** By what it names its responder: the name in DER, or the SHA-1 of the key. */
  readonly responder: { readonly name: Uint8Array } | { readonly keyHash: Uint8Array };
}

const BASIC = "1.3.6.1.5.5.7.48.1.1";
const OCSP_SIGNING = "1.3.6.1.5.5.7.3.9";
const ENUMERATED = 0x0a;
const [VERSION, BY_NAME, BY_KEY, EXTENSIONS, CERTIFICATES] = [0xa0, 0xa1, 0xa2, 0xa1, 0xa0];
const [GOOD, REVOKED, UNKNOWN] = [0x80, 0xa1, 0x82];

/** Reads an OCSPResponse in DER, or the BasicOCSPResponse within one, which some signatures carry. DerError when it is none, or says that there is no answer. */
export function readStatusAnswer(raw: Uint8Array): StatusAnswer {
  const whole = readWholeDer(raw);
  const [first, second] = valuesIn(whole, TAG.sequence, 4);
  if (first?.tag !== ENUMERATED) return readBasic(raw, whole);
  if (first.content.length !== 1 || first.content[0] !== 0) throw new DerError("an answer that none could be given");
  const [type, content] = valuesIn(valuesIn(second, 0xa0)[0], TAG.sequence);
  if (identifierIn(type) !== BASIC) throw new DerError("an answer of another type");
  return readBasic(raw, readWholeDer(contentOf(content, TAG.octetString)));
}

function readBasic(raw: Uint8Array, basic: DerValue): StatusAnswer {
  const [body, algorithm, signature, certificates, ...behind] = valuesIn(basic, TAG.sequence, 4);
  if (!body || !algorithm || behind.length > 0 || (certificates && certificates.tag !== CERTIFICATES))
    throw new DerError("not an answer about a certificate");
  const fields = valuesIn(body, TAG.sequence, 5);
  if (fields[0]?.tag === VERSION && numberIn(valuesIn(fields.shift())[0]) !== 0n) throw new DerError("an answer of another version");
  const [responder, producedAt, responses, extensions, ...more] = fields;
  if (more.length > 0 || (extensions && extensions.tag !== EXTENSIONS)) throw new DerError("not an answer about a certificate");
  return {
    raw,
    body: body.whole,
    algorithm,
    value: bytesOfBits(signature),
    producedAt: timeIn(producedAt),
    answers: valuesIn(responses, TAG.sequence, SIGNATURE_LIMITS.answers).slice(0, SIGNATURE_LIMITS.certificates).map(readSingle),
    isConditional: extensions !== undefined && hasCritical(extensions),
    certificates: (certificates ? valuesIn(valuesIn(certificates, undefined, 1)[0], TAG.sequence, SIGNATURE_LIMITS.answers) : [])
      .slice(0, SIGNATURE_LIMITS.certificates)
      .flatMap(({ whole }) => (whole.length <= SIGNATURE_LIMITS.certificate ? (readCertificate(whole) ?? []) : [])),
    responder: readResponder(responder),
  };
}

function readResponder(value: DerValue | undefined): StatusAnswer["responder"] {
  const [inner] = valuesIn(value);
  if (value?.tag === BY_NAME && inner) return { name: inner.whole };
  if (value?.tag === BY_KEY) return { keyHash: contentOf(inner, TAG.octetString) };
  throw new DerError("an answer of nobody");
}

function readSingle(value: DerValue): SingleAnswer {
  const [identifier, status, issuedAt, ...optional] = valuesIn(value, TAG.sequence);
  const [algorithm, nameHash, keyHash, serial] = valuesIn(identifier, TAG.sequence);
  const next = optional.find(({ tag }) => tag === 0xa0);
  const extensions = optional.find(({ tag }) => tag === EXTENSIONS);
  const [revokedAt, reason] = status?.tag === REVOKED ? valuesIn(status) : [];
  if (![GOOD, REVOKED, UNKNOWN].includes(status?.tag ?? 0)) throw new DerError("an answer without a status");
  return {
    hash: hashIn(algorithm),
    issuerNameHash: contentOf(nameHash, TAG.octetString),
    issuerKeyHash: contentOf(keyHash, TAG.octetString),
    serial: contentOf(serial, TAG.integer),
    status: status?.tag === GOOD ? "good" : status?.tag === REVOKED ? "revoked" : "unknown",
    revokedAt: revokedAt && timeIn(revokedAt),
    reason: reason && contentOf(valuesIn(reason)[0], ENUMERATED)[0],
    issuedAt: timeIn(issuedAt),
    nextAt: next && timeIn(valuesIn(next)[0]),
    isConditional: extensions !== undefined && hasCritical(extensions),
  };
}

function hasCritical(extensions: DerValue): boolean {
  return [...readExtensions(valuesIn(extensions)[0]).values()].some(({ isCritical }) => isCritical);
}

/** What it says of a certificate of this issuer, unsigned as yet. */
export function answerAbout({ answers }: StatusAnswer, certificate: Certificate, issuer: Certificate): SingleAnswer | undefined {
  const { serial } = fieldsOf(certificate);
  const { subjectDer, keyBits } = fieldsOf(issuer);
  return answers.find(
    (answer) =>
      answer.hash !== undefined &&
      equalBytes(answer.serial, serial) &&
      equalBytes(answer.issuerNameHash, hashOf(answer.hash, subjectDer)) &&
      equalBytes(answer.issuerKeyHash, hashOf(answer.hash, keyBits)),
  );
}

/** Whoever may answer: the issuer itself, or whom it named for that by a certificate of its own (section 4.2.2.2). Undefined where it is neither, or its signature is not its own. */
export async function responderOf(answer: StatusAnswer, issuer: Certificate): Promise<Certificate | undefined> {
  if (isNamed(answer, issuer)) return (await verifyValue(answer, issuer)) === true ? issuer : undefined;
  const delegate = answer.certificates.find((certificate) => isNamed(answer, certificate));
  if (delegate === undefined || !mayAnswer(delegate, answer.producedAt) || !delegate.namesIssuer(issuer)) return undefined;
  const isRight = (await delegate.isSignedBy(issuer)) === true && (await verifyValue(answer, delegate)) === true;
  return isRight ? delegate : undefined;
}

function isNamed({ responder }: StatusAnswer, certificate: Certificate): boolean {
  const { subjectDer, keyBits } = fieldsOf(certificate);
  return "name" in responder ? equalBytes(responder.name, subjectDer) : equalBytes(responder.keyHash, hashOf("sha1", keyBits));
}

function mayAnswer(certificate: Certificate, at: Date): boolean {
  const { purposes, keyUsage, unknown } = readRules(certificate);
  const isForIt = purposes?.includes(OCSP_SIGNING) === true && (keyUsage === undefined || (keyUsage & USAGE.digitalSignature) !== 0);
  return isForIt && unknown.length === 0 && isValidAt(certificate, at);
}

/** Whether the authority says that this responder needs no looking up (section 4.2.2.2.1). */
export function needsNoCheck(responder: Certificate): boolean {
  return fieldsOf(responder).extensions.has(EXTENSION.noCheck);
}
