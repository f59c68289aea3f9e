/**
 * Keys of signed notes, and what each kind of them signs: the text itself (c2sp.org/signed-note), or a checkpoint with the time at which it was the newest that its signer knew
 * (c2sp.org/tlog-cosignature, which witnesses and we ourselves make).
 */
import { AppError } from "../errors.ts";
import { fromBase64, toBase64 } from "./base64.ts";
import { concat, toHex, utf8 } from "./bytes.ts";
import { parseExtendedCheckpoint } from "./checkpoint.ts";
import { sha256 } from "./digest.ts";
import { platform } from "./platform/here.ts";

/** The kinds of keys, each with the byte that names it and the lengths of key and signature. Cosignatures stand behind eight bytes that tell the time. */
const TYPES = {
  ed25519: { byte: 0x01, key: 32, signature: 64 },
  "cosignature/v1": { byte: 0x04, key: 32, signature: 8 + 64 },
  "ml-dsa-44": { byte: 0x06, key: 1_312, signature: 8 + 2_420 },
} as const;

export type NoteKeyType = keyof typeof TYPES;
export type CosignatureType = Exclude<NoteKeyType, "ed25519">;

/** What was found out about a signature. `not-checked`: its algorithm is not at hand here. */
export interface CheckedSignature {
  readonly result: "valid" | "invalid" | "not-checked";
  /** Seconds since 1970: of cosignatures. */
  readonly at?: number;
}

/** A public key under the name that it signs for. */
export interface NoteVerifier {
  readonly name: string;
  /** Four bytes as eight lower-case hex digits. */
  readonly keyId: string;
  readonly type: NoteKeyType;
  readonly publicKey: Uint8Array;
  /** The text that it was read from. */
  readonly vkey: string;
  /** @param signature what stands behind the key id */
  check(text: string, signature: Uint8Array): CheckedSignature;
}

/** Reads a verifier key of any kind; AppError `malformed` when it is none, or its key id is not that of its name and key. */
export function parseAnyVkey(vkey: string): NoteVerifier {
  const [, name, keyId, encoded] = /^([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/u.exec(vkey) ?? [];
  const bytes = encoded === undefined ? undefined : fromBase64(encoded);
  const type = typeNames.find((each) => TYPES[each].byte === bytes?.[0] && TYPES[each].key + 1 === bytes.length);
  if (name === undefined || bytes === undefined || type === undefined) {
    throw new AppError("malformed", "not a verifier key of a signed note (name+keyid+key, Ed25519 or a cosigner's)");
  }
  const publicKey = bytes.subarray(1);
  if (toHex(keyIdOf(name, type, publicKey)) !== keyId)
    throw new AppError("malformed", "the key id of the verifier key is not that of its name and key");
  const isSigned = type === "ml-dsa-44" ? platform.mlDsa44(publicKey) : platform.ed25519(publicKey);
  return { name, keyId, type, publicKey, vkey, check: (text, signature) => checkOne({ name, type, isSigned }, text, signature) };
}

/**
 * What checks the time under a log's own checkpoints. The log's key itself signs it, in the form of a cosignature, which no checkpoint can be taken for: its first line is fixed, and its second no size. So whoever holds the
 * log's verifier key, from whenever, can check how fresh a checkpoint is.
 */
export function timeVerifier({ name, type, publicKey }: NoteVerifier): NoteVerifier | undefined {
  return type === "ed25519" ? parseAnyVkey(vkeyOf(name, "cosignature/v1", publicKey)) : undefined;
}

/** A signature line with its line end. */
export function signatureLine(name: string, keyId: Uint8Array, signature: Uint8Array): string {
  return `— ${name} ${toBase64(concat(keyId, signature))}\n`;
}

/** A key as a verifier holds it. AppError `internal` for a name that no note can have. */
export function vkeyOf(name: string, type: NoteKeyType, publicKey: Uint8Array): string {
  if (!/^[^\s+]+$/u.test(name)) throw new AppError("internal", `not a name for a note's signer: ${name}`);
  return `${name}+${toHex(keyIdOf(name, type, publicKey))}+${toBase64(Uint8Array.of(TYPES[type].byte, ...publicKey))}`;
}

/** The first four bytes of SHA-256(name || LF || type || public key). */
export function keyIdOf(name: string, type: NoteKeyType, publicKey: Uint8Array): Uint8Array {
  return sha256(utf8(`${name}\n`), Uint8Array.of(TYPES[type].byte), publicKey).subarray(0, 4);
}

/**
 * What a cosigner signs of a checkpoint's text at a time (tlog-cosignature, *signed message*). With ML-DSA-44 the cosigner's name is part of it, and extension lines are not.
 * AppError `malformed` when the text is no checkpoint.
 *
 * @param at seconds since 1970
 */
export function cosignedMessage(name: string, type: CosignatureType, text: string, at: number): Uint8Array {
  if (type === "cosignature/v1") return utf8(`cosignature/v1\ntime ${at}\n${text}`);
  const { origin, size, root } = parseExtendedCheckpoint(text);
  return concat(utf8("subtree/v1\n\0"), shortText(name), bigEndian(at), shortText(origin), bigEndian(0), bigEndian(size), root);
}

/** A number as eight bytes. */
export function bigEndian(value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value));
  return bytes;
}

const typeNames = Object.keys(TYPES) as NoteKeyType[];

type IsSigned = (message: Uint8Array, signature: Uint8Array) => boolean;

function checkOne(
  { name, type, isSigned }: { readonly name: string; readonly type: NoteKeyType; readonly isSigned: IsSigned | undefined },
  text: string,
  signature: Uint8Array,
): CheckedSignature {
  if (signature.length !== TYPES[type].signature) return { result: "invalid" };
  if (type === "ed25519") return { result: isSigned?.(utf8(text), signature) === true ? "valid" : "invalid" };
  const at = new DataView(signature.buffer, signature.byteOffset).getBigUint64(0);
  // Beyond it is no time that a clock of ours could tell.
  if (at > BigInt(Number.MAX_SAFE_INTEGER)) return { result: "invalid" };
  if (isSigned === undefined) return { result: "not-checked", at: Number(at) };
  const message = messageOf(name, type, text, Number(at));
  return { result: message && isSigned(message, signature.subarray(8)) ? "valid" : "invalid", at: Number(at) };
}

function messageOf(name: string, type: CosignatureType, text: string, at: number): Uint8Array | undefined {
  try {
    return cosignedMessage(name, type, text, at);
  } catch (error) {
    if (error instanceof AppError) return undefined;
    throw error;
  }
}

/** Text behind its length, as one byte (RFC 8446 section 3.4, <1..2^8-1>). */
function shortText(text: string): Uint8Array {
  const bytes = utf8(text);
  if (bytes.length === 0 || bytes.length > 255) throw new AppError("malformed", "a name that is longer than a cosignature can name");
  return concat(Uint8Array.of(bytes.length), bytes);
}
