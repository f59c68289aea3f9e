/** Public keys as JSON has them (RFC 7517). */
import { createHash, type JsonWebKey, type KeyObject } from "node:crypto";

/** What makes up a public key of the kinds that seals have: in the order of RFC 7638, and without what a kind of key does not have. */
export function publicJwk(publicKey: KeyObject): JsonWebKey {
  const { crv, e, kty, n, x, y } = publicKey.export({ format: "jwk" });
  return JSON.parse(JSON.stringify({ crv, e, kty, n, x, y })) as JsonWebKey;
}

/** The RFC 7638 thumbprint (SHA-256, base64url) of a public key. */
export function keyThumbprint(publicKey: KeyObject): string {
  return createHash("sha256")
    .update(JSON.stringify(publicJwk(publicKey)))
    .digest("base64url");
}
