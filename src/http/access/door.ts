import type { Authenticator } from "../../security/authentication/authenticator.ts";
import { ASKS_NOBODY } from "../../security/authentication/authenticator.ts";
import type { RefusalReason } from "../../security/authentication/refusals.ts";
import type { IssuerState } from "../../security/issuers/issuer.ts";
import type { KnownCaller } from "../../core/asked.ts";
import type { Sessions } from "../../security/sessions/sessions.ts";
import type { SignIn } from "../../security/sign-in/sign-in.ts";
import type { Proxies } from "./proxies.ts";

/** Somebody who was not let in, for the audit. */
export interface Refused {
  readonly requestId: string;
  /** From where. */
  readonly address: string;
  readonly method: string;
  /** Without its query. */
  readonly path: string;
  readonly reason: RefusalReason;
  /** What the issuer calls it; for the operator. */
  readonly detail?: string | undefined;
}

/** Somebody came in, or left, for the audit. */
export interface CameOrLeft {
  readonly what: "sign-in" | "sign-out";
  readonly caller: KnownCaller;
  readonly requestId: string;
  readonly address: string;
}

/** People who sign in. */
export interface People {
  readonly signIn: SignIn;
  readonly sessions: Sessions;
  /** What an issuer says in a logout token is done; gives how many sessions ended. RefusedProof */
  endByIssuer(token: string): Promise<number>;
  /** Told before it is answered. */
  onCameOrLeft(event: CameOrLeft): void | Promise<void>;
}

/** How the HTTP interface knows who asks. */
export interface Door {
  readonly authenticator: Authenticator;
  /** Whose word is taken, and whether they answer. */
  issuers(): Promise<readonly IssuerState[]>;
  /** What apps learn before they sign in; undefined where nobody signs in. AppError `unavailable` while the issuer can't be asked. */
  smartConfiguration(): Promise<Readonly<Record<string, unknown>> | undefined>;
  /** How people come in, and how long they stay; undefined where nobody is asked. */
  readonly people: People | undefined;
  /** Whether programs may prove who they are by a client certificate (mutual TLS). */
  readonly takesCertificates?: boolean;
  readonly proxies: Proxies | undefined;
  readonly corsOrigins: ReadonlySet<string>;
  /** Told of each that is not let in, before it is answered. */
  onRefused(refused: Refused): void | Promise<void>;
}

/** While there is no access control. */
export const OPEN_DOOR: Door = {
  authenticator: ASKS_NOBODY,
  issuers: () => Promise.resolve([]),
  smartConfiguration: () => Promise.resolve(undefined),
  people: undefined,
  proxies: undefined,
  corsOrigins: new Set(),
  onRefused: () => undefined,
};
