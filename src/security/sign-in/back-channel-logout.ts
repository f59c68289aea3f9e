/** An issuer says that somebody signed out (OpenID Connect Back-Channel Logout 1.0). */
import { decodeJwt, jwtVerify, type JWTPayload } from "jose";
import { AppError } from "../../core/errors.ts";
import { CLOCK_TOLERANCE, SIGNATURE_ALGORITHMS } from "../authentication/jwt-tokens.ts";
import { RefusedProof } from "../authentication/refusals.ts";
import type { IssuerClient } from "../issuers/issuer-client.ts";
import type { Sessions } from "../sessions/sessions.ts";

const EVENT = "http://schemas.openid.net/event/backchannel-logout";

/** A token that is older proves nothing any more; so long its name is kept. Milliseconds. */
const LONGEST = 600_000;
const LONGEST_TOKEN = 16_384;

/** Ends the sessions that a logout token is about; gives how many. RefusedProof for a token that does not hold, or came before; AppError `unavailable` */
export async function endByIssuer(
  token: string,
  { clients, sessions }: { readonly clients: readonly IssuerClient[]; readonly sessions: Sessions },
): Promise<number> {
  const payload = await checked(token, clients);
  const { iss, sub, sid, jti, nonce, events } = payload;
  const isLogout = typeof events === "object" && events !== null && typeof (events as Record<string, unknown>)[EVENT] === "object";
  // An ID token has a nonce, and no event: one may not be passed off as the other (section 2.4).
  if (!isLogout || nonce !== undefined || typeof jti !== "string" || (typeof sub !== "string" && typeof sid !== "string"))
    throw new RefusedProof("logout");
  if (!(await sessions.useOnce(`logout ${JSON.stringify([iss, jti])}`, 2 * LONGEST))) throw new RefusedProof("logout");
  return sessions.endAll({ issuer: String(iss), subject: sub, sid: typeof sid === "string" ? sid : undefined });
}

async function checked(token: string, clients: readonly IssuerClient[]): Promise<JWTPayload> {
  if (token.length > LONGEST_TOKEN) throw new RefusedProof("logout");
  try {
    const { iss } = decodeJwt(token);
    const client = clients.find(({ issuer }) => issuer.issuer === iss);
    if (!client) throw new RefusedProof("logout");
    const { payload, protectedHeader } = await jwtVerify(token, client.issuer.keyOf, {
      issuer: client.issuer.issuer,
      audience: client.clientId,
      algorithms: SIGNATURE_ALGORITHMS,
      clockTolerance: CLOCK_TOLERANCE,
      maxTokenAge: LONGEST / 1_000,
      requiredClaims: ["iat", "jti", "events"],
    });
    // Said or unsaid, it is no access token (RFC 9068 section 5).
    if (!["logout+jwt", "jwt", undefined].includes(protectedHeader.typ?.toLowerCase())) throw new RefusedProof("logout");
    return payload;
  } catch (cause) {
    throw cause instanceof AppError ? cause : new RefusedProof("logout", { cause });
  }
}
