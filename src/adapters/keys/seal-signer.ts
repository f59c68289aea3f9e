/** Seals by the key of the newest seal file, whatever kind of key that is. */
import { constants, sign, X509Certificate, type KeyObject, type SignKeyObjectInput } from "node:crypto";
import { promisify } from "node:util";
import { AppError } from "../../core/errors.ts";
import type { SealAlgorithm, SealSigner } from "../../core/crypto/keys.ts";
import { keyThumbprint } from "../../core/jwk.ts";
import { readEcdsaValue } from "../../core/crypto/read-der.ts";
import { SEAL_METHODS, sealAlgorithmOf } from "../../core/crypto/seal-algorithms.ts";
import type { SealFile } from "./key-files.ts";
import type { SealsElsewhere } from "./seal-elsewhere.ts";

/** From so many bytes on a signature is made outside of the event loop. */
const SIGNED_APART = 1_000_000;
const signApart = promisify<string | null, Uint8Array, KeyObject | SignKeyObjectInput, Buffer>(sign);

/** AppError `damaged` when the newest has no private key, `unsupported` for a key under which no seal is made. */
export function sealSigner([current]: readonly SealFile[], folder: string, elsewhere?: SealsElsewhere): SealSigner {
  const { privateKey, place } = current ?? {};
  if (current === undefined || (privateKey === undefined && (place === undefined || elsewhere === undefined)))
    throw new AppError("damaged", `the newest seal in ${folder} has no private key: restore the folder from its backup`);
  const algorithm = sealAlgorithmOf(current.certificate.publicKey);
  if (algorithm === undefined) {
    const { keyType, curve, modulusLength } = current.certificate.publicKey;
    const kind = [keyType, curve, modulusLength].filter(Boolean).join(" ");
    throw new AppError(
      "unsupported",
      `the newest seal in ${folder} has a key of a kind (${kind}) under which no seal is made: take an elliptic-curve key on P-256, P-384 or P-521, an RSA key of 2048 to 8192 bits, or an Ed25519 key`,
    );
  }
  const { certificate, chain } = current;
  const known = { chain, kid: keyThumbprint(new X509Certificate(certificate.raw).publicKey), algorithm };
  if (privateKey !== undefined) return { ...known, sign: signing(algorithm, privateKey) };
  if (place === undefined || elsewhere === undefined) throw new AppError("internal", "a seal key that is nowhere");
  return { ...known, ...elsewhere.deedOf(place, certificate, algorithm) };
}

/** Signs by a key that is here. */
export function signing(algorithm: SealAlgorithm, privateKey: KeyObject): (input: Uint8Array) => Promise<Uint8Array> {
  const { keyType, hash, half } = SEAL_METHODS[algorithm];
  // The key stands by itself where it can: of options Node finds out by an error, with its stack, that they are none.
  const key =
    keyType === "rsa" ? { key: privateKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST } : privateKey;
  // RFC 8032 says which hash itself.
  const hashed = keyType === "ed25519" ? null : hash;
  return async (input) => {
    // The canonical form of a large document is hashed in a thread of its own; of a small one that would take longer.
    const signature = input.length < SIGNED_APART ? sign(hashed, input, key) : await signApart(hashed, input, key);
    const value = half === undefined ? new Uint8Array(signature) : readEcdsaValue(signature, half);
    if (value === undefined) throw new AppError("internal", "a signature was made in a form that is not that of ECDSA");
    return value;
  };
}
