/** Access tokens that are JWTs, by the keys that their issuers publish (RFC 9068, RFC 8725). */
import { decodeJwt, decodeProtectedHeader, errors, jwtVerify } from "jose";
import { AppError } from "../../core/errors.ts";
import type { Issuer } from "../issuers/issuer.ts";
import type { Claims } from "./claims.ts";
import { RefusedProof, type RefusalReason } from "./refusals.ts";

/** What a token must be. */
export interface TokenRules {
  /** By `iss`. */
  readonly issuers: ReadonlyMap<string, Issuer>;
  /** We, as `aud` names us. */
  readonly audience: string;
  /** Values of `typ`, in lower case, without `application/`. */
  readonly types: readonly string[];
}

/** Signatures that are taken: by a private key alone, so that nobody who knows a public one can make them. */
export const SIGNATURE_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"];

/** Seconds by which clocks may differ. */
export const CLOCK_TOLERANCE = 30;

/** Characters. */
const LONGEST_TOKEN = 16_384;

/** What is in every JWT; what RFC 9068 adds is asked of tokens that say they are such. */
const CLAIMS = ["iss", "sub", "aud", "exp", "iat"];
const CLAIMS_OF_RFC_9068 = ["client_id", "jti"];

/** Whether a token has the form of a JWT. */
export function isJwt(token: string): boolean {
  return /^[\w-]*\.[\w-]*\.[\w-]*$/.test(token);
}

/** The claims of a token that holds. RefusedProof; AppError `unavailable` when its issuer's keys can't be had. */
export async function checkJwt(token: string, { issuers, audience, types }: TokenRules, now = new Date()): Promise<Claims> {
  if (token.length > LONGEST_TOKEN) throw new RefusedProof("too-large");
  const { type, issuer } = look(token);
  if (!types.includes(type)) throw new RefusedProof("type");
  // Nobody is asked for keys, wherever a token says that they are.
  const known = issuers.get(issuer);
  if (!known) throw new RefusedProof("issuer");
  const options = { issuer, audience, algorithms: SIGNATURE_ALGORITHMS, clockTolerance: CLOCK_TOLERANCE, requiredClaims: CLAIMS, currentDate: now };
  const { payload } = await jwtVerify(token, known.keyOf, options).catch((error: unknown) => {
    throw error instanceof AppError ? error : new RefusedProof(reasonOf(error), { cause: error });
  });
  if (typeof payload.sub !== "string" || payload.sub === "") throw new RefusedProof("claims");
  if (type === "at+jwt" && CLAIMS_OF_RFC_9068.some((name) => typeof payload[name] !== "string")) throw new RefusedProof("claims");
  if (known.stillHolds && !(await known.stillHolds(payload))) throw new RefusedProof("inactive");
  return payload;
}

/** What a token says of itself, which nothing has proved. */
function look(token: string): { readonly type: string; readonly issuer: string } {
  try {
    const { typ, alg } = decodeProtectedHeader(token);
    if (!SIGNATURE_ALGORITHMS.includes(String(alg))) throw new RefusedProof("algorithm");
    return { type: (typ ?? "").toLowerCase().replace(/^application\//, ""), issuer: String(decodeJwt(token).iss) }; // prettier-ignore
  } catch (error) {
    throw error instanceof AppError ? error : new RefusedProof("malformed");
  }
}

function reasonOf(error: unknown): RefusalReason {
  if (error instanceof errors.JWTExpired) return "expired";
  if (error instanceof errors.JWTClaimValidationFailed)
    return error.claim === "aud" ? "audience" : error.claim === "nbf" ? "not-yet" : error.claim === "iss" ? "issuer" : "claims";
  if (error instanceof errors.JWSSignatureVerificationFailed) return "signature";
  if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys) return "key";
  if (error instanceof errors.JOSEAlgNotAllowed || error instanceof errors.JOSENotSupported) return "algorithm";
  return "malformed";
}
