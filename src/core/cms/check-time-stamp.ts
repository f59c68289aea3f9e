/** Checks time-stamp tokens (RFC 3161): that something was there at a time, as the key of a certificate for time-stamps says. Whether anybody vouches for that certificate is asked apart. */
import type { Certificate } from "../crypto/certificate.ts";
import { equalBytes, hashOf } from "../crypto/digest.ts";
import type { Hash } from "../crypto/platform/platform.ts";
import { contentOf, identifierIn, naturalIn, readWholeDer, TAG, valuesIn, type DerValue } from "../crypto/read-der.ts";
import { hashIn } from "../crypto/signature-algorithms.ts";
import { verifyValue } from "../crypto/signed-value.ts";
import { AppError } from "../errors.ts";
import { isForTimeStamps } from "./certificate-parts.ts";
import { OID } from "./identifiers.ts";
import { certificateOf, readSignedData, type Attributes } from "./signed-data.ts";

/** What a token says that is right as far as its own key goes. */
export interface TimeStamp {
  readonly at: Date;
  /** Milliseconds by which the authority may be wrong; undefined when it does not say. */
  readonly accuracy: number | undefined;
  /** The rules under which it was given: an object identifier. */
  readonly policy: string;
  /** What the question had, without zeros in front. */
  readonly nonce: Uint8Array | undefined;
  /** By what it is hashed: what it is over, and what its authority signed. */
  readonly hashes: readonly Hash[];
  /** The authority's certificate, then the others that came along. */
  readonly chain: readonly [Certificate, ...Certificate[]];
}

/** `unsupported`: made in a way that is not known here, so that nothing can be said. */
export type CheckedTimeStamp =
  | { readonly kind: "valid"; readonly stamp: TimeStamp }
  | { readonly kind: "invalid"; readonly reason: string }
  | { readonly kind: "unsupported"; readonly reason: string };

/**
 * @param token ContentInfo in DER
 * @param stamped what it is to be about
 */
export async function checkTimeStamp(token: Uint8Array, stamped: Uint8Array): Promise<CheckedTimeStamp> {
  try {
    return await check(token, stamped);
  } catch (error) {
    if (error instanceof AppError) return { kind: "invalid", reason: error.message };
    throw error;
  }
}

async function check(token: Uint8Array, stamped: Uint8Array): Promise<CheckedTimeStamp> {
  const message = readSignedData(readWholeDer(token));
  const { content, contentType, signer } = message;
  if (contentType !== OID.timeStampInfo || content === undefined) return { kind: "invalid", reason: "it is no time-stamp" };
  const { imprint, ...info } = readInfo(content);
  const hash = hashIn(imprint[0]);
  if (hash === undefined || hash === "sha1") return { kind: "unsupported", reason: "it is over a hash that is not used here" };
  if (!equalBytes(contentOf(imprint[1], TAG.octetString), hashOf(hash, stamped))) return { kind: "invalid", reason: "it is about something else" };
  const certificate = certificateOf(message);
  if (!certificate) return { kind: "invalid", reason: "it does not bring the certificate that it names" };
  if (!isForTimeStamps(certificate)) return { kind: "invalid", reason: "its certificate is not one for time-stamps" };
  const digestHash = hashIn(signer.digestAlgorithm);
  if (digestHash === undefined || digestHash === "sha1") return { kind: "unsupported", reason: "it is made with a hash that is not used here" };
  const covers =
    identifierIn(signer.attributes.get(OID.contentType)) === OID.timeStampInfo &&
    equalBytes(contentOf(signer.attributes.get(OID.messageDigest), TAG.octetString), hashOf(digestHash, content));
  if (!covers) return { kind: "invalid", reason: "its signature covers something else" };
  const result = await verifyValue({ ...signer, body: signer.signedBytes, digest: digestHash }, certificate);
  if (typeof result === "string") return { kind: "unsupported", reason: result };
  if (!result) return { kind: "invalid", reason: "it was not signed with the key of its certificate" };
  const others = message.certificates.filter((other) => other !== certificate);
  return { kind: "valid", stamp: { ...info, hashes: [hash, digestHash], chain: [certificate, ...others] } };
}

/** What a token says by itself, of which nothing is checked. */
export interface StatedStamp {
  readonly at: Date;
  /** What it is over is hashed so; undefined where that is not used here. */
  readonly hash: Hash | undefined;
  /** What stands beside its own signature. */
  readonly unsigned: Attributes;
}

/** Undefined where it says nothing that can be read. @param token ContentInfo in DER */
export function statedIn(token: Uint8Array): StatedStamp | undefined {
  try {
    const { content, contentType, signer } = readSignedData(readWholeDer(token));
    if (contentType !== OID.timeStampInfo || content === undefined) return undefined;
    const { at, imprint } = readInfo(content);
    return { at, hash: hashIn(imprint[0]), unsigned: signer.unsigned };
  } catch (error) {
    if (error instanceof AppError) return undefined;
    throw error;
  }
}

/** Tag of TSTInfo's extensions; in DER one has a boolean only where it is critical. */
const EXTENSIONS = 0xa1;

/** TSTInfo (RFC 3161 section 2.4.2). */
function readInfo(content: Uint8Array): Omit<TimeStamp, "chain" | "hashes"> & { readonly imprint: readonly DerValue[] } {
  const [version, policy, imprint, serial, time, ...optional] = valuesIn(readWholeDer(content), TAG.sequence);
  if (naturalIn(version)[0] !== 1 || serial?.tag !== TAG.integer) throw new AppError("malformed", "the time-stamp is of another version");
  const accuracy = optional.find(({ tag }) => tag === TAG.sequence);
  const nonce = optional.find(({ tag }) => tag === TAG.integer);
  const extensions = optional.filter(({ tag }) => tag === EXTENSIONS).flatMap((field) => valuesIn(field));
  if (extensions.some((extension) => valuesIn(extension, TAG.sequence)[1]?.tag === TAG.boolean))
    throw new AppError("malformed", "the time-stamp has a condition that is not known here");
  return {
    policy: identifierIn(policy),
    imprint: valuesIn(imprint, TAG.sequence),
    at: momentIn(time),
    accuracy: accuracy && accuracyIn(accuracy),
    nonce: nonce && naturalIn(nonce),
  };
}

/** GeneralizedTime in UTC; other than in certificates with a fraction of a second where there is one. */
function momentIn(value: DerValue | undefined): Date {
  const text = String.fromCharCode(...contentOf(value, TAG.generalizedTime).subarray(0, 40));
  const [, year, month, day, hour, minute, second, fraction = ""] = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\.\d{1,20})?Z$/.exec(text) ?? [];
  const moment = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}${fraction.slice(0, 4)}Z`);
  if (Number.isNaN(moment.getTime())) throw new AppError("malformed", "the time-stamp tells no time");
  return moment;
}

/** Seconds, milliseconds [0] and microseconds [1], rounded up. */
function accuracyIn(value: DerValue): number {
  const units: Readonly<Record<number, number>> = { [TAG.integer]: 1_000, 0x80: 1, 0x81: 0.001 };
  const parts = valuesIn(value, TAG.sequence).map(({ tag, content }) => {
    const number = content.subarray(0, 6).reduce((sum, byte) => sum * 256 + byte, 0);
    return number * (units[tag] ?? Number.NaN);
  });
  const sum = parts.reduce((all, part) => all + part, 0);
  if (Number.isNaN(sum)) throw new AppError("malformed", "the time-stamp's accuracy cannot be read");
  return Math.ceil(sum);
}
