/** The port of an authorization server whose word is taken: what it says of itself, and the keys that it publishes. */
import type { JWTVerifyGetKey } from "jose";
import type { AuthorizationServer } from "oauth4webapi";

/** An issuer as it describes itself (OpenID Connect Discovery 1.0, RFC 8414). */
export type IssuerMetadata = AuthorizationServer;

/** Whether an issuer can be asked now. */
export interface IssuerState {
  readonly issuer: string;
  /** False while nothing is known of it: nobody can come in by its word. */
  readonly isKnown: boolean;
  /** Since when it does not answer; what it said before still counts for a while. */
  readonly silentSince: Date | undefined;
}

/** What is asked of an issuer. */
export type IssuerRequest = Omit<RequestInit, "redirect" | "signal">;

export interface Issuer {
  /** As it stands in `iss`. */
  readonly issuer: string;
  /** AppError `unavailable` */
  metadata(): Promise<IssuerMetadata>;
  /** The published key that a token names, for jose. AppError `unavailable`; an error of jose when there is none. */
  readonly keyOf: JWTVerifyGetKey;
  /** Asks one of its addresses, within bounds. AppError `unavailable` */
  ask(url: string, init: IssuerRequest): Promise<Response>;
  /** Looks whether it answers, unless that was seen lately. */
  state(): Promise<IssuerState>;
  /** Whether a token that is rightly signed still holds, by its claims; absent of issuers that cannot be asked. AppError `unavailable` */
  stillHolds?(claims: Readonly<Record<string, unknown>>): Promise<boolean>;
  /** Ends what a browser is signed in with there, by the `Cookie` header that it sent to us; absent of issuers elsewhere, to which the browser itself must go. */
  signOut?(cookie: string): Promise<void>;
}
