import { createLocalJWKSet, errors, type JSONWebKeySet, type JWK, type JWTVerifyGetKey } from "jose";
import { AppError } from "../../core/errors.ts";
import { boundedFetch, fetchJson, type Asking } from "./bounded-fetch.ts";
import type { Issuer, IssuerMetadata } from "./issuer.ts";
import { KeptAnswer, type KeepingTimes } from "./kept-answer.ts";
import type { CallbackAllow } from "./reach.ts";

/** Keys of one issuer that are looked at. */
const MOST_KEYS = 100;

/** Kinds of keys that can be published: a secret that stands among them is nobody's. */
const PUBLIC_KINDS = new Set(["RSA", "EC", "OKP"]);

/** Addresses that we call, or send people to. */
const ADDRESSES = [
  "authorization_endpoint",
  "token_endpoint",
  "userinfo_endpoint",
  "jwks_uri",
  "introspection_endpoint",
  "revocation_endpoint",
  "end_session_endpoint",
] as const;

/** How an issuer is asked. */
export interface RemoteIssuerOptions {
  readonly times?: KeepingTimes;
  /** A clock in milliseconds. */
  readonly now?: () => number;
  /** What else than its own host may be called in private networks. */
  readonly allow?: CallbackAllow;
}

/** An issuer elsewhere, by its address: what it publishes is fetched when it is first needed. */
export function remoteIssuer(issuer: string, options: RemoteIssuerOptions = {}): Issuer {
  const asking = boundedFetch(new URL(issuer).hostname, options.allow);
  const described = new KeptAnswer(() => describe(issuer, asking), options);
  const keys = new KeptAnswer(async () => keySet(await fetchJson(String((await described.get()).jwks_uri), asking)), options);
  return {
    issuer,
    metadata: () => described.get(),
    keyOf: async (header, token) => {
      try {
        return await (
          await keys.get()
        )(header, token);
      } catch (error) {
        if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
        // It may have begun a new key since.
        await keys.renew();
        return (await keys.get())(header, token);
      }
    },
    ask: asking,
    state: async () => {
      await keys.look();
      await described.look();
      return { issuer, isKnown: described.isKnown && keys.isKnown, silentSince: keys.silentSince ?? described.silentSince };
    },
  };
}

/** OpenID Connect Discovery 1.0 section 4; where that has nothing, RFC 8414 section 3. */
async function describe(issuer: string, asking: Asking): Promise<IssuerMetadata> {
  const base = issuer.replace(/\/$/, "");
  const { origin, pathname } = new URL(issuer);
  const metadata = await fetchJson(`${base}/.well-known/openid-configuration`, asking).catch(() =>
    fetchJson(`${origin}/.well-known/oauth-authorization-server${pathname.replace(/\/$/, "")}`, asking),
  );
  // Somebody else's word, were it taken, would let them in as anybody (section 4.3).
  if (metadata["issuer"] !== issuer) throw new AppError("unavailable", "what is published there is of another issuer");
  if (typeof metadata["jwks_uri"] !== "string") throw new AppError("unavailable", "the issuer publishes no keys (jwks_uri)");
  for (const name of ADDRESSES) {
    const address = metadata[name];
    if (address !== undefined && !isSafe(address, issuer)) throw new AppError("unavailable", `the issuer's ${name} is no https address`);
  }
  return metadata as unknown as IssuerMetadata;
}

/** In the clear only to whom the operator named in the clear, on this machine. */
function isSafe(address: unknown, issuer: string): boolean {
  const url = typeof address === "string" ? URL.parse(address) : null;
  return url !== null && (url.protocol === "https:" || (issuer.startsWith("http:") && url.host === new URL(issuer).host));
}

function keySet(published: Readonly<Record<string, unknown>>): JWTVerifyGetKey {
  const { keys } = published;
  if (!Array.isArray(keys)) throw new AppError("unavailable", "the issuer publishes no set of keys");
  const usable = keys.slice(0, MOST_KEYS).filter((key: unknown): key is JWK => {
    if (typeof key !== "object" || key === null) return false;
    const { kty, d } = key as JWK;
    return PUBLIC_KINDS.has(String(kty)) && d === undefined;
  });
  return createLocalJWKSet({ keys: usable } satisfies JSONWebKeySet);
}
