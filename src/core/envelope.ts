/**
 * Encryption of what is kept about a document, with a key of the document's own, so that destroying 32 bytes destroys it all. AES-256-GCM (NIST SP 800-38D); the layout
 * stands in docs/formats.md, "Envelope" and "Wrapped key".
 */
import { createCipheriv, createDecipheriv, createSecretKey, randomBytes } from "node:crypto";
import { deflateRawSync, inflateRawSync } from "node:zlib";
import { AppError } from "./errors.ts";
import { sha256 } from "./crypto/digest.ts";

/** What is inside: an envelope opens only for the purpose and the id that it was closed for. */
export type EnvelopePurpose = "content" | "evidence" | "rendition" | "session" | "audit" | "outgoing" | "job" | "job-file";

/** What is packed before it is encrypted. */
const PACKED: ReadonlySet<EnvelopePurpose> = new Set(["rendition", "job-file"]);
const VERSION = 1;
const STORED = 0;
const DEFLATED = 1;
const NONCE_LENGTH = 12;
const TAG_LENGTH = 16;
const KEY_LENGTH = 32;
const KEY_ID_LENGTH = 4;
const WRAPPED_LENGTH = 1 + KEY_ID_LENGTH + NONCE_LENGTH + KEY_LENGTH + TAG_LENGTH;

/** A fresh key for one document: 32 bytes. */
export function newDocumentKey(): Uint8Array {
  return new Uint8Array(randomBytes(KEY_LENGTH));
}

/** Encrypts bytes under a document's key: version, compression, nonce, ciphertext, tag. Deflated first when that makes it smaller; a rendition, and a part of a job's file, is as small as it gets. */
export function closeEnvelope(bytes: Uint8Array, key: Uint8Array, purpose: EnvelopePurpose, id: string): Uint8Array {
  const deflated = PACKED.has(purpose) ? bytes : deflateRawSync(bytes, { level: 1 });
  const isSmaller = deflated.length < bytes.length;
  const head = Uint8Array.of(VERSION, isSmaller ? DEFLATED : STORED);
  return encrypt(head, isSmaller ? deflated : bytes, key, `chartulary-envelope/1\n${purpose}\n${id}`);
}

/** The bytes of an envelope. AppError `damaged` when a byte of it was altered, or key, purpose or id are not those it was closed with. */
export function openEnvelope(envelope: Uint8Array, key: Uint8Array, purpose: EnvelopePurpose, id: string): Uint8Array {
  const [version, compression] = envelope;
  if (version !== VERSION || (compression !== STORED && compression !== DEFLATED))
    throw new AppError("damaged", `the ${purpose} of document ${id} is in no form that we know`);
  const bytes = decrypt(envelope, 2, key, `chartulary-envelope/1\n${purpose}\n${id}`, `the ${purpose} of document ${id} is not what was stored`);
  return compression === DEFLATED ? new Uint8Array(inflateRawSync(bytes)) : bytes;
}

/** A document's key under the master key: version, the master key's id, nonce, ciphertext, tag; 65 bytes. */
export function wrapKey(documentKey: Uint8Array, masterKey: Uint8Array, id: string): Uint8Array {
  const head = Uint8Array.of(VERSION, ...masterKeyId(masterKey));
  return encrypt(head, documentKey, masterKey, `chartulary-key/1\n${id}`);
}

/** The document's key. AppError `damaged` when it was altered, belongs to another document, or was wrapped by another master key. */
export function unwrapKey(wrappedKey: Uint8Array, masterKey: Uint8Array, id: string): Uint8Array {
  const keyId = Buffer.from(wrappedKey.subarray(1, 1 + KEY_ID_LENGTH));
  if (wrappedKey[0] !== VERSION) throw new AppError("damaged", `the key of document ${id} is in no form that we know`);
  if (!keyId.equals(masterKeyId(masterKey)))
    throw new AppError("damaged", `the key of document ${id} was wrapped by another master key (${keyId.toString("hex")})`);
  return decrypt(wrappedKey, 1 + KEY_ID_LENGTH, masterKey, `chartulary-key/1\n${id}`, `the key of document ${id} is not what was stored`);
}

/** By what a master key is known: eight lower-case hex digits. It tells nothing of the key. */
export function masterKeyIdOf(masterKey: Uint8Array): string {
  return Buffer.from(masterKeyId(masterKey)).toString("hex");
}

/** The id of the master key that a key was wrapped by; empty when it is in no form that we know. */
export function wrapperOf(wrappedKey: Uint8Array): string {
  return wrappedKey[0] === VERSION && wrappedKey.length === WRAPPED_LENGTH
    ? Buffer.from(wrappedKey.subarray(1, 1 + KEY_ID_LENGTH)).toString("hex")
    : "";
}

function masterKeyId(masterKey: Uint8Array): Uint8Array {
  return sha256(Buffer.from("chartulary-master/1\n"), masterKey).subarray(0, KEY_ID_LENGTH);
}

// Keys are given as objects: of bare bytes Node finds out by an error, with its stack, that they are none.
// The head is authenticated together with the context, so that neither version nor compression can be changed.
function encrypt(head: Uint8Array, bytes: Uint8Array, key: Uint8Array, context: string): Uint8Array {
  const nonce = randomBytes(NONCE_LENGTH);
  const cipher = createCipheriv("aes-256-gcm", createSecretKey(key), nonce, { authTagLength: TAG_LENGTH });
  cipher.setAAD(Buffer.concat([head, Buffer.from(context, "utf8")]));
  return new Uint8Array(Buffer.concat([head, nonce, cipher.update(bytes), cipher.final(), cipher.getAuthTag()]));
}

function decrypt(sealed: Uint8Array, headLength: number, key: Uint8Array, context: string, complaint: string): Uint8Array {
  const bodyAt = headLength + NONCE_LENGTH;
  const tagAt = sealed.length - TAG_LENGTH;
  if (tagAt < bodyAt) throw new AppError("damaged", complaint);
  const decipher = createDecipheriv("aes-256-gcm", createSecretKey(key), sealed.subarray(headLength, bodyAt), { authTagLength: TAG_LENGTH });
  decipher.setAAD(Buffer.concat([sealed.subarray(0, headLength), Buffer.from(context, "utf8")]));
  decipher.setAuthTag(sealed.subarray(tagAt));
  const bytes = decipher.update(sealed.subarray(bodyAt, tagAt));
  try {
    return new Uint8Array(Buffer.concat([bytes, decipher.final()]));
  } catch (cause) {
    throw new AppError("damaged", complaint, { cause });
  }
}
