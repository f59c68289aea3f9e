/**
 * C2SP signed notes (c2sp.org/signed-note) with Ed25519: some lines of text, a blank line, and a line for each signature. The format of Go's checksum
 * database and of transparency logs, so that their witnesses and tools can read our checkpoints.
 */
import { AppError } from "../errors.ts";
import { fromBase64, toBase64 } from "./base64.ts";
import { concat, toHex, utf8 } from "./bytes.ts";
import { sha256 } from "./digest.ts";
import { platform } from "./platform/here.ts";

/** Puts a name's signature under notes. */
export interface NoteSigner {
  readonly name: string;
  /** What a verifier must hold: `name+keyid+base64(0x01 || public key)`. */
  readonly vkey: string;
  /** The note with its signature, of a text that ends with a line end. */
  sign(text: string): string;
}

/** A public key under the name that it signs for. */
export interface NoteVerifier {
  readonly name: string;
  /** Four bytes as eight lower-case hex digits. */
  readonly keyId: string;
  /** Whether a signature is that of the public key. */
  isSigned(message: Uint8Array, signature: Uint8Array): boolean;
  /** The text that it was read from. */
  readonly vkey: string;
}

/** A note that was taken apart. `unknown`: no verifier has that name and key id. */
export interface OpenedNote {
  /** The signed text, with its last line end. */
  readonly text: string;
  readonly signatures: readonly { readonly name: string; readonly keyId: string; readonly result: "valid" | "invalid" | "unknown" }[];
}

const ED25519 = 0x01;
const PUBLIC_KEY_LENGTH = 32;

/**
 * A signer under a name that has no white space and no plus sign, as the format demands.
 *
 * @param publicKey 32 bytes of Ed25519 (RFC 8032)
 * @param sign makes that key's signature: 64 bytes
 */
export function noteSignerOf(name: string, publicKey: Uint8Array, sign: (message: Uint8Array) => Uint8Array): NoteSigner {
  if (!/^[^\s+]+$/u.test(name)) throw new AppError("internal", `not a name for a note's signer: ${name}`);
  const keyId = keyIdOf(name, publicKey);
  return {
    name,
    vkey: `${name}+${toHex(keyId)}+${toBase64(Uint8Array.of(ED25519, ...publicKey))}`,
    sign(text) {
      if (!isNoteText(text)) throw new AppError("internal", "not a text that a signed note can carry");
      return `${text}\n— ${name} ${toBase64(concat(keyId, sign(utf8(text))))}\n`;
    },
  };
}

/** Reads a verifier key; AppError `malformed` when it is none, or its key id is not that of its name and key. */
export function parseVkey(vkey: string): NoteVerifier {
  const [, name, keyId, encoded] = /^([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/u.exec(vkey) ?? [];
  const key = encoded === undefined ? undefined : fromBase64(encoded);
  if (name === undefined || key?.length !== 1 + PUBLIC_KEY_LENGTH || key[0] !== ED25519) {
    throw new AppError("malformed", "not a verifier key of a signed note (name+keyid+key, Ed25519)");
  }
  const publicKey = key.subarray(1);
  if (toHex(keyIdOf(name, publicKey)) !== keyId) throw new AppError("malformed", "the key id of the verifier key is not that of its name and key");
  return { name, keyId, vkey, isSigned: platform.ed25519(publicKey) };
}

/**
 * Takes a note apart and checks each signature for which there is a verifier. AppError `malformed` when it is not a signed note. The caller decides
 * which signatures it needs; a text is only as good as a `valid` signature under it.
 */
export function openNote(note: string, verifiers: readonly NoteVerifier[]): OpenedNote {
  const split = note.lastIndexOf("\n\n");
  const text = note.slice(0, split + 1);
  const lines = note.slice(split + 2);
  if (split < 0 || !isNoteText(text) || !lines.endsWith("\n"))
    throw new AppError("malformed", "not a signed note: text, a blank line and signature lines");
  const signatures = lines
    .slice(0, -1)
    .split("\n")
    .map((line) => {
      const [, name, encoded] = /^— ([^\s+]+) ([A-Za-z0-9+/=]+)$/u.exec(line) ?? [];
      const block = encoded === undefined ? undefined : fromBase64(encoded);
      if (name === undefined || block === undefined || block.length < 5) throw new AppError("malformed", "not a signature line of a signed note");
      const keyId = toHex(block.subarray(0, 4));
      const verifier = verifiers.find((known) => known.name === name && known.keyId === keyId);
      if (verifier === undefined) return { name, keyId, result: "unknown" as const };
      const isValid = verifier.isSigned(utf8(text), block.subarray(4));
      return { name, keyId, result: isValid ? ("valid" as const) : ("invalid" as const) };
    });
  return { text, signatures };
}

/** The first four bytes of SHA-256(name || LF || algorithm || public key). */
function keyIdOf(name: string, publicKey: Uint8Array): Uint8Array {
  return sha256(utf8(`${name}\n`), Uint8Array.of(ED25519), publicKey).subarray(0, 4);
}

function isNoteText(text: string): boolean {
  return text.endsWith("\n") && text.isWellFormed() && !/[^\P{Cc}\n]/u.test(text);
}
