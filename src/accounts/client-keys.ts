/** The public keys by which a client proves who it is (SMART, asymmetric client authentication): a JWK set, RFC 7517. */

/** Public keys. */
export interface PublicKeys {
  readonly keys: readonly Readonly<Record<string, unknown>>[];
}

const MOST_KEYS = 20;
/** Of any kind of key, what is private (RFC 7518 section 6). */
const PRIVATE = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/** A JWK set, or one JWK, that stands in a file. A string: why it is none. */
export function readKeys(text: string): PublicKeys | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return "the file is no JSON";
  }
  if (typeof value !== "object" || value === null) return "the file is no JWK set";
  const { keys = [value] } = value as { readonly keys?: unknown };
  if (!Array.isArray(keys) || !keys.every((key): key is Record<string, unknown> => typeof key === "object" && key !== null))
    return "the file is no JWK set";
  return faultOfKeys({ keys }) ?? { keys };
}

/** Why they cannot be a client's, in a sentence; undefined when they can. */
export function faultOfKeys({ keys }: PublicKeys): string | undefined {
  if (keys.length === 0 || keys.length > MOST_KEYS) return `a JWK set has 1 to ${MOST_KEYS} keys`;
  const names = new Set<unknown>();
  for (const key of keys) {
    if (PRIVATE.some((name) => key[name] !== undefined))
      return "the file holds a private key: keep that to the client, and give its public key alone";
    const isRsa = key["kty"] === "RSA" && bitsOf(key["n"]) >= 2048;
    const isEc = key["kty"] === "EC" && key["crv"] === "P-384";
    if (!isRsa && !isEc) return "keys are RSA of 2048 bits or more (RS384), or EC on P-384 (ES384), as SMART has them";
    if (typeof key["kid"] !== "string" || names.has(key["kid"])) return "each key has a name of its own (kid)";
    names.add(key["kid"]);
  }
  return undefined;
}

function bitsOf(modulus: unknown): number {
  return typeof modulus === "string" ? Buffer.from(modulus, "base64url").length * 8 : 0;
}
