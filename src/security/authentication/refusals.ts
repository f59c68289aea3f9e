/** What was carried and proves nothing (RFC 6750 section 3), with a reason for the audit log that says nothing of the token itself. */
import { AppError } from "../../core/errors.ts";

const REASONS = {
  missing: "Say who you are: an access token in the Authorization header (Bearer), or sign in with a browser.",
  "token-alone": "Say who you are: an access token in the Authorization header (Bearer). Nobody signs in here: nothing is kept.",
  "in-query": "An access token stands in the Authorization header, never in an address, which is logged.",
  "more-than-one": "A request carries one Authorization header.",
  scheme: "Authorization is Bearer, with one token behind it.",
  malformed: "The access token can't be read.",
  "too-large": "The access token is too large.",
  type: "That is no access token: its typ is not one of those that are taken (TOKEN_TYPES).",
  algorithm: "The access token is not signed by an algorithm that is taken.",
  issuer: "The access token is of an issuer whose word is not taken here.",
  key: "The access token is signed by a key that its issuer does not publish.",
  signature: "The signature of the access token does not hold.",
  audience: "The access token is for another service: its aud must be the FHIR base address.",
  expired: "The access token has expired.",
  "not-yet": "The access token does not hold yet.",
  claims: "The access token lacks claims that it needs: iss, sub, aud, exp and iat, and for at+jwt client_id and jti.",
  inactive: "The access token is not active.",
  opaque: "Opaque access tokens are not taken here: no issuer can be asked about them.",
  bound: "The access token is bound to a client certificate that did not come with it.",
  binding: "The access token is bound in a way that can't be checked here.",
  origin: "A change in the name of a session comes from this service's own pages alone.",
  attempt: "Signing in was not begun in this browser, or too long ago: begin again.",
  answer: "The issuer did not let you in, or somebody else answered in its place: begin again.",
  code: "The issuer did not confirm who you are: begin again.",
  logout: "That is no logout token of an issuer whose word is taken here.",
} as const;

/** Why somebody was not let in. */
export type RefusalReason = keyof typeof REASONS;

/** Something that was carried, or ought to have been, and proves nothing: 401 with its challenge. */
export class RefusedProof extends AppError {
  readonly reason: RefusalReason;
  /** What the issuer, or who looked at its answer, calls it (`invalid_client`, `OAUTH_INVALID_RESPONSE`); for the operator alone. */
  readonly detail: string | undefined;

  constructor(reason: RefusalReason, options: { readonly cause?: unknown } = {}) {
    super("unauthenticated", REASONS[reason], { ...options, challenge: challengeOf(reason) });
    this.reason = reason;
    this.detail = detailOf(options.cause);
  }
}

/** Codes alone: a message may quote what was sent. */
function detailOf(cause: unknown): string | undefined {
  const { error, code } = (typeof cause === "object" && cause !== null ? cause : {}) as { readonly error?: unknown; readonly code?: unknown };
  return [error, code].find((word): word is string => typeof word === "string" && /^\w{1,60}$/.test(word));
}

/** Whoever sent nothing is told the scheme alone (RFC 6750 section 3.1). */
function challengeOf(reason: RefusalReason): string {
  if (reason === "missing" || reason === "token-alone") return "Bearer";
  const isRequest = ["in-query", "more-than-one", "scheme", "attempt", "answer", "code", "logout"].includes(reason);
  return `Bearer error="${isRequest ? "invalid_request" : "invalid_token"}", error_description="${REASONS[reason]}"`;
}
