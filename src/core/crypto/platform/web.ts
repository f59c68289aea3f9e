/** A browser's cryptography: WebCrypto, and @noble/hashes and @noble/curves for what must be there at once and for what WebCrypto does not have. */
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { AppError } from "../../errors.ts";
import { isAsLongAsModulus, type Platform, type PublicKey } from "./platform.ts";
import { readWebCertificate } from "./web-certificate.ts";
import { webHash } from "./web-hashes.ts";
import { inflateBounded } from "./web-inflate.ts";
import { verifyEd25519, verifyWith, type WebKey } from "./web-keys.ts";
import { decodeBase64, encodeBase64, encodeHex } from "./web-text.ts";

const SALT_LENGTHS = { sha1: 20, sha256: 32, sha384: 48, sha512: 64 } as const;

export const webPlatform: Platform = {
  hash: webHash,
  sha256Hex: (content) => encodeHex(webHash("sha256", [bytesOf(content)])),
  hmacSha256Hex: (key, text) => encodeHex(hmac(sha256, key, bytesOf(text))),
  isEqual: (one, other) => {
    let difference = 0;
    for (let at = 0; at < one.length; at += 1) difference |= (one[at] ?? 0) ^ (other[at] ?? 0);
    return difference === 0;
  },
  toHex: encodeHex,
  toBase64: encodeBase64,
  fromBase64: decodeBase64,
  inflate: inflateBounded,
  readCertificate: readWebCertificate,
  verify: ({ hash, keyType, isPss, saltLength = SALT_LENGTHS[hash] }, key, input, signature) =>
    keyType === "rsa" && !isAsLongAsModulus(signature, key)
      ? Promise.resolve(false)
      : verifyWith(webKeyOf(key), { hash, keyType, ...(isPss === true && { salt: saltLength }) }, input, signature),
  ed25519: (publicKey) => (message, signature) => verifyEd25519(publicKey, message, signature),
  // No browser has it for all who look.
  mlDsa44: () => undefined,
};

function bytesOf(content: Uint8Array | string): Uint8Array {
  return typeof content === "string" ? new TextEncoder().encode(content) : content;
}

function webKeyOf(key: PublicKey): WebKey {
  if (!("spki" in key)) throw new AppError("internal", "a public key that another platform read");
  return key as WebKey;
}
