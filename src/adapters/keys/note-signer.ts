import { createPublicKey, sign, type KeyObject } from "node:crypto";
import { noteSignerOf, type NoteSigner } from "../../core/crypto/signed-note.ts";

/** An Ed25519 key's 32 bytes stand at the end of SubjectPublicKeyInfo (RFC 8410 section 4). */
const KEY_LENGTH = 32;

/** Signs notes with an Ed25519 private key. The name has no white space and no plus sign. */
export function noteSigner(name: string, privateKey: KeyObject): NoteSigner {
  const publicKey = createPublicKey(privateKey).export({ type: "spki", format: "der" }).subarray(-KEY_LENGTH);
  return noteSignerOf(name, publicKey, (message) => sign(null, message, privateKey));
}
