import { createPrivateKey, createPublicKey, sign, type KeyObject } from "node:crypto";
import { cosignerOf, type Cosigner } from "../../core/crypto/cosigner.ts";
import type { CosignatureType } from "../../core/crypto/note-keys.ts";
import { noteSignerOf, type NoteSigner } from "../../core/crypto/signed-note.ts";

/** An Ed25519 key's 32 bytes stand at the end of SubjectPublicKeyInfo (RFC 8410 section 4). */
const KEY_LENGTH = 32;

/** Signs notes with an Ed25519 private key. The name has no white space and no plus sign. */
export function noteSigner(name: string, privateKey: KeyObject): NoteSigner {
  const publicKey = createPublicKey(privateKey).export({ type: "spki", format: "der" }).subarray(-KEY_LENGTH);
  return noteSignerOf(name, publicKey, (message) => sign(null, message, privateKey));
}

/** What stands in DER before the seed of a private key: Ed25519 (RFC 8410 section 7), and ML-DSA-44 (RFC 9881 section 6, `seed`). */
const SEED_PREFIXES: Readonly<Record<CosignatureType, string>> = {
  "cosignature/v1": "302e020100300506032b657004220420",
  "ml-dsa-44": "3034020100300b060960864801650304031104228020",
};
/** Lengths of public keys, which stand at the end of SubjectPublicKeyInfo. */
const PUBLIC_LENGTHS: Readonly<Record<CosignatureType, number>> = { "cosignature/v1": 32, "ml-dsa-44": 1_312 };

/** Makes cosignatures with the key of a seed of 32 bytes. The name has no white space and no plus sign. */
export function cosigner(name: string, type: CosignatureType, seed: Uint8Array): Cosigner {
  const key = createPrivateKey({ key: Buffer.concat([Buffer.from(SEED_PREFIXES[type], "hex"), seed]), format: "der", type: "pkcs8" });
  const publicKey = createPublicKey(key).export({ type: "spki", format: "der" }).subarray(-PUBLIC_LENGTHS[type]);
  return cosignerOf(name, type, publicKey, (message) => sign(null, message, key));
}
