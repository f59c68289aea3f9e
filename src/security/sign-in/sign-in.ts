/** People sign in at an issuer: OpenID Connect, authorization code with PKCE, and everything that binds the answer to who asked (RFC 9700, RFC 9207). */
import { createHash } from "node:crypto";
import { jwtVerify } from "jose";
import * as oauth from "oauth4webapi";
import type { KnownCaller } from "../../core/asked.ts";
import { AppError } from "../../core/errors.ts";
import { callerOfPerson, purposeIn, type ClaimPaths, type Claims } from "../authentication/claims.ts";
import { SIGNATURE_ALGORITHMS } from "../authentication/jwt-tokens.ts";
import { RefusedProof, type RefusalReason } from "../authentication/refusals.ts";
import { clientAuth, requestOptions, type IssuerClient } from "../issuers/issuer-client.ts";
import type { IssuerMetadata } from "../issuers/issuer.ts";
import type { Sessions } from "../sessions/sessions.ts";
import { returnAddress } from "./return-address.ts";

export interface SignInOptions {
  /** Issuers at which people sign in, and who we are there. */
  readonly clients: readonly IssuerClient[];
  readonly claims: ClaimPaths;
  readonly sessions: Sessions;
  /** Without a slash at its end. */
  readonly baseUrl: string;
}

/** What the browser that began keeps until the issuer answers: who else brings the answer did not ask. */
export interface Attempt {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
  /** Key of the issuer. */
  readonly issuer: string;
  /** Where to go then. */
  readonly to: string;
}

/** An issuer as people choose it. */
export interface SignInIssuer {
  readonly key: string;
  readonly name: string;
}

/** How long signing in may take, in milliseconds. */
export const ATTEMPT_TIME = 600_000;

export class SignIn {
  readonly #options: SignInOptions;
  readonly #clients: ReadonlyMap<string, IssuerClient>;

  constructor(options: SignInOptions) {
    this.#options = options;
    this.#clients = new Map(options.clients.map((client) => [keyOf(client), client]));
  }

  /** Where people can sign in. */
  places(): readonly SignInIssuer[] {
    return [...this.#clients].map(([key, client]) => ({ key, name: new URL(client.issuer.issuer).host }));
  }

  /** Begins at an issuer: gives the address that the browser is sent to, and what it keeps. AppErrors `not-found`, `unavailable` */
  async begin(key: string, to: string | undefined): Promise<{ readonly address: string; readonly attempt: Attempt }> {
    const client = this.#client(key);
    const metadata = await client.issuer.metadata();
    const attempt: Attempt = {
      state: oauth.generateRandomState(),
      nonce: oauth.generateRandomNonce(),
      verifier: oauth.generateRandomCodeVerifier(),
      ...{ issuer: key, to: returnAddress(to) },
    };
    const address = new URL(needed(metadata, "authorization_endpoint"));
    const supported = metadata.scopes_supported;
    const parameters = {
      response_type: "code",
      client_id: client.clientId,
      redirect_uri: this.#redirectUri(key),
      scope: ["openid", "profile", "fhirUser"].filter((scope) => scope === "openid" || (supported?.includes(scope) ?? scope === "profile")).join(" "),
      state: attempt.state,
      nonce: attempt.nonce,
      code_challenge: await oauth.calculatePKCECodeChallenge(attempt.verifier),
      code_challenge_method: "S256",
    };
    for (const [name, value] of Object.entries(parameters)) address.searchParams.set(name, value);
    return { address: address.href, attempt };
  }

  /**
   * Takes the issuer's answer.
   *
   * @param key of the issuer that the address it came to stands for; undefined where there is but one
   * @param query of that address
   * @throws RefusedProof; AppError `unavailable`
   */
  async finish(
    { key, query }: { readonly key: string | undefined; readonly query: URLSearchParams },
    attempt: Attempt | undefined,
  ): Promise<{ readonly secret: string; readonly caller: KnownCaller; readonly to: string }> {
    // The answer of one issuer is never taken to another (RFC 9700 section 4.4).
    if (!attempt || (key ?? attempt.issuer) !== attempt.issuer || (key === undefined && this.#clients.size > 1)) throw new RefusedProof("attempt");
    const client = this.#client(attempt.issuer);
    const metadata = await client.issuer.metadata();
    const as: oauth.Client = { client_id: client.clientId };
    const parameters = await refusedFor("answer", () => oauth.validateAuthResponse(metadata, as, query, attempt.state));
    const { idToken, claims, accessToken } = await this.#redeem({ client, metadata, as, parameters, attempt });
    if (!(await this.#options.sessions.useOnce(`sign-in ${attempt.state}`, ATTEMPT_TIME))) throw new RefusedProof("attempt");
    const all = { ...(await this.#userInfo(client, metadata, { accessToken, subject: claims.sub })), ...claims };
    const caller = callerOfPerson(all, this.#options.claims);
    const sid = typeof claims["sid"] === "string" ? claims["sid"] : undefined;
    const secret = await this.#options.sessions.begin({ caller, purpose: purposeIn(all, this.#options.claims), sid, idToken });
    return { secret, caller, to: returnAddress(attempt.to) };
  }

  /** Ends what a browser is signed in with at issuers that are asked within the process. @param cookie the header */
  async signOutHere(cookie: string): Promise<void> {
    for (const { issuer } of this.#options.clients) await issuer.signOut?.(cookie);
  }

  /** Where to sign out at the issuer too, of whom a session was; undefined where that can't be done, or is done. */
  async signOutAddress({ caller, idToken }: { readonly caller: KnownCaller; readonly idToken: string }): Promise<string | undefined> {
    const client = this.#options.clients.find(({ issuer }) => issuer.issuer === caller.issuer);
    if (client?.issuer.signOut) return undefined;
    const metadata = await client?.issuer.metadata().catch(() => undefined);
    if (!client || metadata?.end_session_endpoint === undefined) return undefined;
    const address = new URL(metadata.end_session_endpoint);
    address.searchParams.set("id_token_hint", idToken);
    address.searchParams.set("client_id", client.clientId);
    address.searchParams.set("post_logout_redirect_uri", `${this.#options.baseUrl}/signed-out`);
    return address.href;
  }

  async #redeem({ client, metadata, as, parameters, attempt }: Redeeming): Promise<Redeemed> {
    const { issuer } = client;
    const answer = await oauth.authorizationCodeGrantRequest(
      ...([metadata, as, clientAuth(client, metadata), parameters, this.#redirectUri(attempt.issuer), attempt.verifier] as const),
      requestOptions(issuer),
    );
    const expected = { expectedNonce: attempt.nonce, requireIdToken: true } as const;
    const result = await refusedFor("code", () => oauth.processAuthorizationCodeResponse(metadata, as, answer, expected));
    const claims = oauth.getValidatedIdTokenClaims(result);
    const idToken = result.id_token;
    if (!claims || idToken === undefined) throw new RefusedProof("code");
    // It came straight from the issuer; that it also signed it does not hang on the connection.
    await refusedFor("code", () =>
      jwtVerify(idToken, issuer.keyOf, { issuer: issuer.issuer, audience: client.clientId, algorithms: SIGNATURE_ALGORITHMS }),
    );
    return { idToken, claims, accessToken: result.access_token };
  }

  /** What the issuer says of the person beyond the ID token; of nobody else. */
  async #userInfo(
    { issuer, clientId }: IssuerClient,
    metadata: IssuerMetadata,
    { accessToken, subject }: { readonly accessToken: string; readonly subject: string },
  ): Promise<Claims> {
    if (metadata.userinfo_endpoint === undefined) return {};
    const as = { client_id: clientId };
    const answer = await oauth.userInfoRequest(metadata, as, accessToken, requestOptions(issuer));
    return refusedFor("code", () => oauth.processUserInfoResponse(metadata, as, subject, answer));
  }

  #client(key: string): IssuerClient {
    const client = this.#clients.get(key);
    if (!client) throw new AppError("not-found", "Nobody signs in there.");
    return client;
  }

  /** Each issuer answers at an address of its own, so that an answer that came to another's is known for what it is. */
  #redirectUri(key: string): string {
    return `${this.#options.baseUrl}/sign-in/callback${this.#clients.size > 1 ? `/${key}` : ""}`;
  }
}

interface Redeeming {
  readonly client: IssuerClient;
  readonly metadata: IssuerMetadata;
  readonly as: oauth.Client;
  readonly parameters: URLSearchParams;
  readonly attempt: Attempt;
}

interface Redeemed {
  readonly idToken: string;
  readonly claims: oauth.IDToken;
  readonly accessToken: string;
}

/** The same for as long as the issuer has its name, whoever else is listed. */
function keyOf({ issuer }: IssuerClient): string {
  return createHash("sha256").update(issuer.issuer).digest("base64url").slice(0, 10);
}

function needed(metadata: IssuerMetadata, name: "authorization_endpoint"): string {
  const address = metadata[name];
  if (address === undefined) throw new AppError("unavailable", "Nobody can sign in at this issuer: it has no page for that.");
  return address;
}

/** What the issuer or the browser brought does not hold. */
async function refusedFor<Result>(reason: RefusalReason, step: () => Result | Promise<Result>): Promise<Result> {
  try {
    return await step();
  } catch (cause) {
    throw cause instanceof AppError ? cause : new RefusedProof(reason, { cause });
  }
}
