import { X509Certificate } from "node:crypto";
import { toBase64 } from "../crypto/base64.ts";
import { keyThumbprint, publicJwk } from "../jwk.ts";
import type { SealCertificate } from "../crypto/keys.ts";
import { sealAlgorithmOf } from "../crypto/seal-algorithms.ts";
import { thumbprintOf } from "../crypto/certificate.ts";

/**
 * The keys of our seals, current and past, but for those that were ended as compromised, as a JWK set (RFC 7517) that any JOSE library takes: `kid` is what the seals name. A key whose certificate was renewed stands in it once, with its newest
 * certificate: a `kid` that two keys of a set have is refused by readers.
 *
 * @param seals newest first
 */
export function formatKeySet(seals: readonly SealCertificate[]): string {
  const keys = new Map<string, object>();
  for (const { certificate, chain = [certificate], ended } of seals) {
    // Whoever verifies by the set asks nothing else: by a key that others may have, nothing is to be verified so.
    if (ended !== undefined) continue;
    const { publicKey } = new X509Certificate(certificate.raw);
    const kid = keyThumbprint(publicKey);
    if (keys.has(kid)) continue;
    keys.set(kid, {
      ...publicJwk(publicKey),
      ...{ kid, use: "sig", alg: sealAlgorithmOf(certificate.publicKey) },
      x5c: chain.map(({ raw }) => toBase64(raw)),
      "x5t#S256": Buffer.from(thumbprintOf(certificate)).toString("base64url"),
    });
  }
  return `${JSON.stringify({ keys: [...keys.values()] }, undefined, 2)}\n`;
}
