/** Access tokens that only their issuer can read: it is asked (RFC 7662), and its yes is kept for seconds, so that a token that was revoked ends. */
import { createHash } from "node:crypto";
import * as oauth from "oauth4webapi";
import { AppError } from "../../core/errors.ts";
import { clientAuth, requestOptions, type IssuerClient } from "../issuers/issuer-client.ts";
import type { Claims } from "./claims.ts";
import { CLOCK_TOLERANCE } from "./jwt-tokens.ts";
import { RefusedProof } from "./refusals.ts";

/** How long a yes counts, in milliseconds, and how many are kept. */
const KEPT_FOR = 10_000;
const MOST_KEPT = 1_000;
/** Questions at once: whoever sends nonsense must not make us a flood for the issuer. */
const MOST_ASKED = 32;

export class OpaqueTokens {
  readonly #clients: readonly IssuerClient[];
  readonly #audience: string;
  readonly #now: () => number;
  readonly #kept = new Map<string, { readonly claims: Claims; readonly until: number }>();
  readonly #asking = new Map<string, Promise<Claims>>();

  /** @param clients those that have a secret are asked, in order. `now`: a clock in milliseconds since 1970 */
  constructor(clients: readonly IssuerClient[], { audience, now = Date.now }: { readonly audience: string; readonly now?: () => number }) {
    this.#clients = clients.filter(({ clientSecret }) => clientSecret !== undefined);
    this.#audience = audience;
    this.#now = now;
  }

  /** What the issuer says of a token that is active. RefusedProof; AppError `unavailable` */
  async check(token: string): Promise<Claims> {
    if (this.#clients.length === 0) throw new RefusedProof("opaque");
    // A copy of what may be in use elsewhere is not kept.
    const name = createHash("sha256").update(token).digest("base64");
    const kept = this.#kept.get(name);
    if (kept && kept.until > this.#now()) return kept.claims;
    this.#kept.delete(name);
    const asking = this.#asking.get(name) ?? this.#ask(token, name);
    return asking;
  }

  #ask(token: string, name: string): Promise<Claims> {
    if (this.#asking.size >= MOST_ASKED)
      throw new AppError("unavailable", "Too many access tokens wait to be checked; try again in a moment.", { retryAfter: 2 });
    const asking = this.#askAll(token)
      .then((claims) => {
        this.#keep(name, claims);
        return claims;
      })
      .finally(() => this.#asking.delete(name));
    this.#asking.set(name, asking);
    return asking;
  }

  async #askAll(token: string): Promise<Claims> {
    for (const client of this.#clients) {
      const claims = await this.#askOne(client, token);
      if (claims["active"] === true) return this.#held(claims, client.issuer.issuer);
    }
    throw new RefusedProof("inactive");
  }

  async #askOne(client: IssuerClient, token: string): Promise<Claims> {
    const { issuer } = client;
    const metadata = await issuer.metadata();
    if (metadata.introspection_endpoint === undefined) return { active: false };
    const as = { client_id: client.clientId };
    try {
      const answer = await oauth.introspectionRequest(metadata, as, clientAuth(client, metadata), token, requestOptions(issuer));
      return await oauth.processIntrospectionResponse(metadata, as, answer);
    } catch (cause) {
      if (cause instanceof AppError) throw cause;
      throw new AppError("unavailable", "The issuer of access tokens can't be asked now; try again in a moment.", { cause, retryAfter: 10 });
    }
  }

  /** An issuer says `active` of tokens for others, too. */
  #held(claims: Claims, issuer: string): Claims {
    const { iss = issuer, aud, exp, nbf, sub = claims["client_id"] } = claims;
    const now = this.#now() / 1_000;
    if (iss !== issuer) throw new RefusedProof("issuer");
    if (!(Array.isArray(aud) ? aud : [aud]).includes(this.#audience)) throw new RefusedProof("audience");
    if (typeof exp !== "number" || typeof sub !== "string" || sub === "") throw new RefusedProof("claims");
    if (exp + CLOCK_TOLERANCE <= now) throw new RefusedProof("expired");
    if (typeof nbf === "number" && nbf - CLOCK_TOLERANCE > now) throw new RefusedProof("not-yet");
    return { ...claims, iss, sub };
  }

  #keep(name: string, claims: Claims): void {
    this.#kept.set(name, { claims, until: Math.min(this.#now() + KEPT_FOR, Number(claims["exp"]) * 1_000) });
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= MOST_KEPT) break;
      this.#kept.delete(oldest);
    }
  }
}
