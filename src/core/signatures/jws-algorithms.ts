/** The algorithms of JSON Web Signatures that are checked: asymmetric ones of RFC 7518, 8037, 8812 and 9864, without those that rest on SHA-1 or a shared secret. `none` is not among them. */
import type { PublicKey, SignatureMethod } from "../crypto/platform/platform.ts";

export interface JwsAlgorithm extends SignatureMethod {
  /** OpenSSL's name of the only curve that it takes. */
  readonly curve?: string;
}

const ALGORITHMS: ReadonlyMap<string, readonly JwsAlgorithm[]> = new Map([
  ["ES256", [{ keyType: "ec", curve: "prime256v1", hash: "sha256" }]],
  ["ES384", [{ keyType: "ec", curve: "secp384r1", hash: "sha384" }]],
  ["ES512", [{ keyType: "ec", curve: "secp521r1", hash: "sha512" }]],
  ["ES256K", [{ keyType: "ec", curve: "secp256k1", hash: "sha256" }]],
  ...brainpool("256", "sha256"),
  ...brainpool("384", "sha384"),
  ...brainpool("512", "sha512"),
  ...rsa("256", "sha256"),
  ...rsa("384", "sha384"),
  ...rsa("512", "sha512"),
  ["EdDSA", [edwards("ed25519"), edwards("ed448")]],
  ["Ed25519", [edwards("ed25519")]],
  ["Ed448", [edwards("ed448")]],
]);

/** As RFC 9864 names them, and as Germany's telematics infrastructure does. */
function brainpool(bits: string, hash: SignatureMethod["hash"]): [string, readonly JwsAlgorithm[]][] {
  const methods = [{ keyType: "ec", curve: `brainpoolP${bits}r1`, hash }] as const;
  return [
    [`ESB${bits}`, methods],
    [`BP${bits}R1`, methods],
  ];
}

function rsa(bits: string, hash: SignatureMethod["hash"]): [string, readonly JwsAlgorithm[]][] {
  return [
    [`RS${bits}`, [{ keyType: "rsa", hash }]],
    [`PS${bits}`, [{ keyType: "rsa", hash, isPss: true }]],
  ];
}

function edwards(keyType: "ed25519" | "ed448"): JwsAlgorithm {
  return { keyType, hash: "sha512" };
}

/** How a signature by this algorithm (`alg`) is checked with a key; in words why it is not. */
export function jwsMethod(algorithm: string | undefined, key: PublicKey): JwsAlgorithm | string {
  if (algorithm === "none") return "it is not signed at all (algorithm none)";
  const methods = algorithm === undefined ? undefined : ALGORITHMS.get(algorithm);
  if (algorithm === undefined || methods === undefined) return `algorithm ${algorithm?.slice(0, 100) ?? "(none named)"}`;
  return methods.find(({ keyType, curve }) => key.keyType === keyType && key.curve === curve) ?? `its key is not of the kind that ${algorithm} takes`;
}
