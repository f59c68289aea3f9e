/** Makes cosignatures (c2sp.org/tlog-cosignature): that a checkpoint is the newest of its log that the cosigner knows, at a time. */
import { concat } from "./bytes.ts";
import { bigEndian, cosignedMessage, keyIdOf, signatureLine, vkeyOf, type CosignatureType } from "./note-keys.ts";

/** Puts a name's cosignature under checkpoints. */
export interface Cosigner {
  readonly name: string;
  readonly type: CosignatureType;
  /** What a verifier must hold. */
  readonly vkey: string;
  /** A signature line with its line end, for the text of a checkpoint. @param at seconds since 1970; the message of time 0 says nothing about it */
  cosign(text: string, at: number): string;
}

/** @param sign makes the key's signature: 64 bytes of Ed25519, or 2,420 of ML-DSA-44 */
export function cosignerOf(name: string, type: CosignatureType, publicKey: Uint8Array, sign: (message: Uint8Array) => Uint8Array): Cosigner {
  const keyId = keyIdOf(name, type, publicKey);
  return {
    name,
    type,
    vkey: vkeyOf(name, type, publicKey),
    cosign: (text, at) => signatureLine(name, keyId, concat(bigEndian(at), sign(cosignedMessage(name, type, text, at)))),
  };
}
