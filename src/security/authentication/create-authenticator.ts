import { timingSafeEqual } from "node:crypto";
import type { Issuer } from "../issuers/issuer.ts";
import type { IssuerClient } from "../issuers/issuer-client.ts";
import type { Authenticator, ClientCertificate, Credentials, Proof } from "./authenticator.ts";
import type { CertificateClients } from "./certificate-clients.ts";
import { callerOfToken, purposeIn, type ClaimPaths, type Claims } from "./claims.ts";
import { checkJwt, isJwt } from "./jwt-tokens.ts";
import { OpaqueTokens } from "./opaque-tokens.ts";
import { RefusedProof } from "./refusals.ts";

/** What callers are proved with. */
export interface AuthenticatorOptions {
  readonly issuers: readonly Issuer[];
  /** Issuers that can be asked about opaque tokens, and who we are to them. */
  readonly introspecting: readonly IssuerClient[];
  /** We, as tokens name us: the FHIR base address. */
  readonly audience: string;
  readonly tokenTypes: readonly string[];
  readonly claims: ClaimPaths;
  readonly certificates: CertificateClients;
  /** Who is signed in; undefined for a cookie that means nothing (any more). */
  readonly sessions: { proofOf(cookie: string): Promise<Proof | undefined> };
  /** A clock in milliseconds since 1970. */
  now?(): number;
}

/** Characters. */
const AUDITED_END = 32;

/** Proves callers by tokens, sessions and certificates, in that order: what was sent on purpose counts before what a browser or a connection brings along. */
export function createAuthenticator(options: AuthenticatorOptions): Authenticator {
  const { audience, tokenTypes: types, claims: paths, certificates, sessions, now = Date.now } = options;
  const issuers = new Map(options.issuers.map((issuer) => [issuer.issuer, issuer]));
  const opaque = new OpaqueTokens(options.introspecting, { audience, now });

  async function byToken(header: string, certificate: ClientCertificate | undefined): Promise<Proof> {
    const [, token] = /^Bearer +([\w.~+/-]+=*) *$/i.exec(header) ?? [];
    if (token === undefined) throw new RefusedProof("scheme");
    const claims = isJwt(token) ? await checkJwt(token, { issuers, audience, types }, new Date(now())) : await opaque.check(token);
    checkBinding(claims, certificate);
    return { by: "token", caller: callerOfToken(claims, paths, nameOf(token, claims)), purpose: purposeIn(claims, paths) };
  }

  return {
    prove: async ({ authorization, hasTokenInQuery, session, certificate }: Credentials): Promise<Proof> => {
      if (hasTokenInQuery) throw new RefusedProof("in-query");
      const [header, ...more] = authorization;
      if (more.length > 0) throw new RefusedProof("more-than-one");
      if (header !== undefined) return byToken(header, certificate);
      const signedIn = session === undefined ? undefined : await sessions.proofOf(session);
      if (signedIn) return signedIn;
      const caller = certificate?.isTrusted === true ? await certificates.find(certificate.thumbprint) : undefined;
      return caller ? { by: "certificate", caller } : { by: "nothing", caller: { kind: "anonymous" } };
    },
  };
}

/** A token that says by whom alone it may be used is not used by anybody else (RFC 8705 section 3, RFC 7800). */
function checkBinding({ cnf }: Claims, certificate: ClientCertificate | undefined): void {
  if (cnf === undefined || cnf === null) return;
  const bound = typeof cnf === "object" ? Object.entries(cnf) : [];
  const [[method, thumbprint] = []] = bound;
  if (bound.length !== 1 || method !== "x5t#S256" || typeof thumbprint !== "string") throw new RefusedProof("binding");
  if (!certificate || !isSame(thumbprint, certificate.thumbprint)) throw new RefusedProof("bound");
}

function isSame(one: string, other: string): boolean {
  const [first, second] = [Buffer.from(one), Buffer.from(other)];
  return first.length === second.length && timingSafeEqual(first, second);
}

/** By which the audit names a token (IHE BALP, OAuth access tokens): the end of an opaque one, and never so much of it that it could be used. */
function nameOf(token: string, { jti }: Claims): string | undefined {
  if (typeof jti === "string" && jti !== "") return `urn:ietf:params:oauth:jti:${jti}`;
  return isJwt(token) ? undefined : token.slice(-Math.min(AUDITED_END, Math.floor(token.length / 2)));
}
