/**
 * C2SP signed notes (c2sp.org/signed-note): some lines of text, a blank line, and a line for each signature. The format of Go's checksum database and of transparency logs, so
 * that their witnesses and tools can read our checkpoints. What keys sign, and how, stands in `note-keys.ts`.
 */
import { AppError } from "../errors.ts";
import { fromBase64 } from "./base64.ts";
import { toHex, utf8 } from "./bytes.ts";
import { cosignerOf } from "./cosigner.ts";
import { keyIdOf, parseAnyVkey, signatureLine, vkeyOf, type NoteVerifier } from "./note-keys.ts";

export type { NoteVerifier } from "./note-keys.ts";

/** Puts a name's signature under notes. */
export interface NoteSigner {
  readonly name: string;
  /** What a verifier must hold: `name+keyid+base64(0x01 || public key)`. */
  readonly vkey: string;
  /** The note with its signature, of a text that ends with a line end. */
  sign(text: string): string;
  /**
   * A signature line by which the same key says that a checkpoint was its newest at a time (`timeVerifier`).
   * @param at seconds since 1970
   */
  signTime(text: string, at: number): string;
}

/** One signature line of a note, as far as it was checked. */
export interface NoteSignature {
  readonly name: string;
  readonly keyId: string;
  /** `unknown`: no verifier has that name and key id. `not-checked`: one has, and its algorithm is not at hand here (a browser's ML-DSA). */
  readonly result: "valid" | "invalid" | "unknown" | "not-checked";
  /** When it was made, by its own words, in seconds since 1970: of cosignatures. */
  readonly at?: number;
  /** The line as it stands, with its line end. */
  readonly line: string;
}

/** A note that was taken apart. */
export interface OpenedNote {
  /** The signed text, with its last line end. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

/** The specification asks for 16 at least. */
const MOST_SIGNATURES = 100;

/**
 * A signer under a name that has no white space and no plus sign, as the format demands.
 *
 * @param publicKey 32 bytes of Ed25519 (RFC 8032)
 * @param sign makes that key's signature: 64 bytes
 */
export function noteSignerOf(name: string, publicKey: Uint8Array, sign: (message: Uint8Array) => Uint8Array): NoteSigner {
  const vkey = vkeyOf(name, "ed25519", publicKey);
  const keyId = keyIdOf(name, "ed25519", publicKey);
  return {
    name,
    vkey,
    sign(text) {
      if (!isNoteText(text)) throw new AppError("internal", "not a text that a signed note can carry");
      return `${text}\n${signatureLine(name, keyId, sign(utf8(text)))}`;
    },
    signTime: cosignerOf(name, "cosignature/v1", publicKey, sign).cosign,
  };
}

/** Reads a verifier key of Ed25519 over the note's text; AppError `malformed` when it is none, or its key id is not that of its name and key. */
export function parseVkey(vkey: string): NoteVerifier {
  const verifier = parseAnyVkey(vkey);
  if (verifier.type !== "ed25519") throw new AppError("malformed", "not a verifier key of a signed note (name+keyid+key, Ed25519)");
  return verifier;
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
  const each = lines.slice(0, -1).split("\n");
  if (each.length > MOST_SIGNATURES) throw new AppError("malformed", `a signed note of more than ${MOST_SIGNATURES} signatures`);
  return { text, signatures: each.map((line) => readLine(line, text, verifiers)) };
}

function readLine(line: string, text: string, verifiers: readonly NoteVerifier[]): NoteSignature {
  const [, name, encoded] = /^— ([^\s+]+) ([A-Za-z0-9+/=]+)$/u.exec(line) ?? [];
  const block = encoded === undefined ? undefined : fromBase64(encoded);
  if (name === undefined || block === undefined || block.length < 5) throw new AppError("malformed", "not a signature line of a signed note");
  const keyId = toHex(block.subarray(0, 4));
  const verifier = verifiers.find((known) => known.name === name && known.keyId === keyId);
  const checked = verifier?.check(text, block.subarray(4)) ?? { result: "unknown" as const };
  return { name, keyId, ...checked, line: `${line}\n` };
}

/** Whether a note can carry a text: lines of well-formed Unicode without control characters. */
export function isNoteText(text: string): boolean {
  return text.endsWith("\n") && text.isWellFormed() && !/[^\P{Cc}\n]/u.test(text);
}
