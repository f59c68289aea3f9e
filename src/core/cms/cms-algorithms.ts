/** AlgorithmIdentifiers (DER) under which signatures of our own stand in CMS: RFC 5754, RFC 4055 for RSASSA-PSS, RFC 8419 for Ed25519. Each algorithm is written in one way. */
import { fromHex } from "../crypto/bytes.ts";
import type { SealAlgorithm } from "../crypto/keys.ts";

export interface CmsAlgorithm {
  /** Of the digest that is signed, by the hash that SEAL_METHODS says. */
  readonly digest: Uint8Array;
  readonly signature: Uint8Array;
}

const SHA256 = fromHex("300b0609608648016503040201");
const SHA384 = fromHex("300b0609608648016503040202");
const SHA512 = fromHex("300b0609608648016503040203");
/** RSASSA-PSS: mask and digest by SHA-256, a salt of 32 bytes. */
const PSS_SHA256 = fromHex(
  "303d06092a864886f70d01010a3030a00d300b0609608648016503040201a11a301806092a864886f70d010108300b0609608648016503040201a203020120",
);

export const CMS_ALGORITHMS: Readonly<Record<SealAlgorithm, CmsAlgorithm>> = {
  ES256: { digest: SHA256, signature: fromHex("300a06082a8648ce3d040302") },
  ES384: { digest: SHA384, signature: fromHex("300a06082a8648ce3d040303") },
  ES512: { digest: SHA512, signature: fromHex("300a06082a8648ce3d040304") },
  PS256: { digest: SHA256, signature: PSS_SHA256 },
  EdDSA: { digest: SHA512, signature: fromHex("300506032b6570") },
};
