/** An issuer in this process, whose keys a test holds. */
import { createLocalJWKSet, exportJWK, generateKeyPair, SignJWT, type JWTPayload } from "jose";
import type { Issuer } from "../../../src/security/issuers/issuer.ts";

export const AUDIENCE = "https://documents.example.org/fhir";
export const NOW = Date.parse("2026-11-29T02:00:00Z");
const SECONDS = NOW / 1_000;

export interface TestIssuer extends Issuer {
  /** A token with claims of its own beside those that every token has; `undefined` leaves one out. */
  sign(claims?: Readonly<Record<string, unknown>>, header?: Readonly<Record<string, unknown>>): Promise<string>;
}

export async function testIssuer(issuer = "https://login.example.org", alg = "ES256"): Promise<TestIssuer> {
  const { privateKey, publicKey } = await generateKeyPair(alg);
  const keys = createLocalJWKSet({ keys: [{ ...(await exportJWK(publicKey)), kid: "one", alg, use: "sig" }] });
  return {
    issuer,
    metadata: () => Promise.resolve({ issuer, introspection_endpoint: `${issuer}/introspect` }),
    keyOf: keys,
    ask: () => Promise.reject(new Error("nobody is asked")),
    state: () => Promise.resolve({ issuer, isKnown: true, silentSince: undefined }),
    sign: (claims = {}, header = {}) => {
      const all: Record<string, unknown> = {
        ...{ iss: issuer, aud: AUDIENCE, sub: "anna", client_id: "app", jti: "j1", scope: "user/*.rs" },
        ...{ iat: SECONDS - 10, exp: SECONDS + 300, ...claims },
      };
      return new SignJWT(withoutUndefined(all))
        .setProtectedHeader(withoutUndefined({ alg, kid: "one", typ: "at+jwt", ...header }) as { alg: string })
        .sign(privateKey);
    },
  };
}

function withoutUndefined(value: Readonly<Record<string, unknown>>): JWTPayload {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined));
}
