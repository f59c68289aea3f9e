/** Signature values as certificates, messages and lists write them (RFC 3279, 4055, 5753, 8410): an elliptic curve's in DER. */
import { isUsableKey } from "./certificate-path.ts";
import { platform } from "./platform/here.ts";
import type { PublicKey } from "./platform/platform.ts";
import { readEcdsaValue } from "./read-der.ts";
import { ECDSA_LENGTHS, type SignatureAlgorithm } from "./signature-algorithms.ts";

/** JWS and XML signatures have it (RFC 8812, RFC 9231); RFC 5480 and 5753 do not. */
const STRANGE_CURVE = "secp256k1";

/** Whether a value over some bytes is that of a key, by an algorithm; undefined when that cannot be said here. */
export async function isValueOf(
  { keyType, hash, salt }: SignatureAlgorithm,
  { key, signed, value }: { readonly key: PublicKey; readonly signed: Uint8Array; readonly value: Uint8Array },
): Promise<boolean | undefined> {
  if (!isUsableKey(key)) return undefined;
  if (keyType === "ed25519" || keyType === "ed448")
    return key.keyType === keyType ? platform.verify({ keyType, hash }, key, signed, value) : undefined;
  if (keyType === "rsa") {
    const isFit = key.keyType === "rsa" || (key.keyType === "rsa-pss" && salt !== undefined);
    return isFit ? platform.verify({ keyType, hash, ...(salt !== undefined && { isPss: true, saltLength: salt }) }, key, signed, value) : undefined;
  }
  const length = key.keyType === "ec" && key.curve !== STRANGE_CURVE ? ECDSA_LENGTHS[key.curve ?? ""] : undefined;
  if (length === undefined) return undefined;
  const plain = readEcdsaValue(value, length);
  return plain === undefined ? false : platform.verify({ keyType, hash }, key, signed, plain);
}
