/** How each key is written in its file: text, so that it can be printed, kept in a safe and typed again. */
import { createPrivateKey, generateKeyPairSync, randomBytes, X509Certificate, type KeyObject } from "node:crypto";
import { AppError } from "../../core/errors.ts";
import { fromBase64, toBase64 } from "../../core/crypto/base64.ts";
import { parseCertificate, pemOf, type Certificate } from "../../core/crypto/certificate.ts";
import { sha256 } from "../../core/crypto/digest.ts";
import type { LogName } from "../../core/crypto/keys.ts";
import { parseVkey, type NoteSigner } from "../../core/crypto/signed-note.ts";
import { selfSignedCertificate } from "./issue-certificate.ts";
import { noteSigner } from "./note-signer.ts";
import { holdingIn, type KeyHolding } from "./seal-elsewhere.ts";

/** The seal key of one period. The private key of a past one is destroyed when the next is made. */
export interface SealFile {
  readonly certificate: Certificate;
  /** The certificate first, then those that lead to its root, as far as the file has them. */
  readonly chain: readonly Certificate[];
  readonly privateKey: KeyObject | undefined;
  /** Where the private key is, when it is not in the file as it is. */
  readonly place?: KeyHolding | undefined;
}

const SECRET_LENGTH = 32;
const SEAL_YEARS = 10;
/** Seals stay within their certificate's period when a clock is set back a little. */
const CLOCK_TOLERANCE = 3_600_000;
const ED25519 = 1;
/** The DER of PrivateKeyInfo that stands before an Ed25519 seed (RFC 8410 section 7). */
const PKCS8_PREFIX = Buffer.from("302e020100300506032b657004220420", "hex");

/** 32 random bytes: base64 and a line end. */
export function newSecret(): string {
  return `${toBase64(randomBytes(SECRET_LENGTH))}\n`;
}

export function parseSecret(text: string): Uint8Array {
  const secret = fromBase64(text.trim());
  if (secret?.length !== SECRET_LENGTH) throw new AppError("damaged", "a secret key is not base64 of 32 bytes");
  return secret;
}

/** A log's signing key, in the form of Go's package note: `PRIVATE+KEY+name+keyid+base64(0x01 || seed)`. @param origin undefined: a fresh one */
export function newLogKey(origin?: string): string {
  const seed = randomBytes(SECRET_LENGTH);
  const signer = (name: string) => noteSigner(name, ed25519(seed));
  const name = origin ?? `chartulary.local/log/${Buffer.from(sha256(Buffer.from(signer("unnamed").vkey))).toString("hex", 0, 4)}`;
  const [, keyId] = signer(name).vkey.split("+");
  return `PRIVATE+KEY+${name}+${keyId}+${toBase64(Uint8Array.of(ED25519, ...seed))}\n`;
}

export function parseLogKey(text: string): NoteSigner {
  const [, name, keyId, encoded] = /^PRIVATE\+KEY\+([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)\s*$/u.exec(text) ?? [];
  const key = encoded === undefined ? undefined : fromBase64(encoded);
  if (name === undefined || key?.length !== 1 + SECRET_LENGTH || key[0] !== ED25519)
    throw new AppError("damaged", "the log's key is not a signing key of a signed note");
  const signer = noteSigner(name, ed25519(key.subarray(1)));
  if (signer.vkey.split("+")[1] !== keyId) throw new AppError("damaged", "the log's key does not have the key id that stands beside it");
  return signer;
}

/** The name of a log that ended: its key, or what is left of it when the private part was destroyed, its vkey. */
export function parseLogName(text: string): LogName {
  if (text.startsWith("PRIVATE+KEY+")) {
    const { name, vkey } = parseLogKey(text);
    return { origin: name, vkey };
  }
  const { name, vkey } = parseVkey(text.trim());
  return { origin: name, vkey };
}

/** A P-256 key (PKCS #8) and its self-signed certificate, both PEM in one text. */
export function newSeal(now: Date): string {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const validTo = new Date(now);
  validTo.setUTCFullYear(now.getUTCFullYear() + SEAL_YEARS);
  const name = `Chartulary seal ${now.toISOString().slice(0, 10)} ${randomBytes(4).toString("hex")}`;
  const certificate = selfSignedCertificate(privateKey, name, new Date(now.getTime() - CLOCK_TOLERANCE), validTo);
  return pemOf(certificate) + privateKey.export({ type: "pkcs8", format: "pem" }).toString();
}

/** AppError `damaged` when it holds no certificate, one that does not fit the key, or others that do not lead on from it. */
export function parseSeal(text: string): SealFile {
  const chain = (text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []).map(parseCertificate);
  const [keyPem] = /-----BEGIN PRIVATE KEY-----[^-]+-----END PRIVATE KEY-----/.exec(text) ?? [];
  const [certificate] = chain;
  if (certificate === undefined) throw new AppError("damaged", "a seal's file holds no certificate");
  // Each seal brings them along for ever: what does not lead from the seal's own certificate to its root would only be in the way.
  if (chain.some((one, at) => at > 0 && chain[at - 1]?.namesIssuer(one) !== true))
    throw new AppError("damaged", "a seal's file holds certificates that are not, in order, those of the issuers of its first");
  if (keyPem === undefined) return { certificate, chain, privateKey: undefined, place: holdingIn(text) };
  const privateKey = createPrivateKey(keyPem);
  if (!new X509Certificate(certificate.raw).checkPrivateKey(privateKey))
    throw new AppError("damaged", "a seal's private key is not that of its certificate");
  return { certificate, chain, privateKey };
}

function ed25519(seed: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, seed]), format: "der", type: "pkcs8" });
}
