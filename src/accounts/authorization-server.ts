/** The port of the embedded authorization server: what of it the rest of the program asks, whatever library does it. */
import type { JSONWebKeySet } from "jose";

/** A request to one of its addresses, already bounded and freed of everything that it may not believe. */
export interface ServerRequest {
  readonly method: string;
  /** Below the issuer, with a slash: `/token`; with the query. */
  readonly target: string;
  /** By lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

export interface ServerAnswer {
  readonly status: number;
  readonly headers: readonly (readonly [string, string | readonly string[]])[];
  readonly body: Uint8Array;
  /** That a page is to be shown in its place: what went wrong, or whether somebody wants to sign out. */
  readonly page?: ServerPage | undefined;
}

export type ServerPage =
  | { readonly kind: "error"; readonly code: string; readonly description: string }
  | { readonly kind: "sign-out"; readonly action: string; readonly xsrf: string };

/** What somebody must do before an app gets its answer. */
export interface Interaction {
  readonly uid: string;
  readonly prompt: "login" | "patient" | "consent";
  /** `isOwn`: our own pages. */
  readonly client: { readonly id: string; readonly label: string; readonly isOwn: boolean };
  /** Where the answer is led to, which a page's policy must allow. */
  readonly redirect: string;
  /** What the app asks for and may have, as scopes. */
  readonly scopes: readonly string[];
  /** The name under which the app thinks that somebody will sign in. */
  readonly loginHint: string | undefined;
  /** Who is signed in. */
  readonly subject: string | undefined;
  /** Whom it is about, once that was chosen: the logical id of the Patient. */
  readonly patient: string | undefined;
}

/** What came of it. */
export type InteractionResult =
  | { readonly kind: "login"; readonly subject: string; readonly by: "password" | "passkey" }
  | { readonly kind: "patient"; readonly patient: string }
  | { readonly kind: "consent"; readonly scopes: readonly string[] }
  | { readonly kind: "refused" };

/** What is known of an access token that it issued, by its claims. */
export interface IssuedToken {
  readonly jti: string;
  readonly grant: string | undefined;
  readonly sub: string;
  readonly client_id: string;
}

export interface AuthorizationServer {
  /** As it stands in `iss`. */
  readonly issuer: string;
  /** Its metadata (OpenID Connect Discovery, RFC 8414). */
  metadata(): Promise<Readonly<Record<string, unknown>>>;
  /** The public keys by which its tokens are checked. */
  publicKeys(): JSONWebKeySet;
  answer(request: ServerRequest): Promise<ServerAnswer>;
  /** The interaction that a browser is in; undefined when it is over, or another browser's. @param cookie the header */
  interaction(uid: string, cookie: string): Promise<Interaction | undefined>;
  /** Ends it. Gives where the browser goes on. AppError `gone` when it is over */
  finish(uid: string, cookie: string, result: InteractionResult): Promise<string>;
  /** Whether a token still holds that was rightly signed: nobody revoked it, and who and what it was issued to may still come in. */
  stillHolds(token: IssuedToken): Promise<boolean>;
  /** Ends what a browser is signed in with here: for the next app they prove again who they are. What apps have already they keep. @param cookie the header */
  signOut(cookie: string): Promise<void>;
  /** Ends all that somebody is signed in with, and every token that was issued to them. */
  signOutEverywhere(subject: string): Promise<void>;
  /** The same of a client. */
  endClient(client: string): Promise<void>;
}
