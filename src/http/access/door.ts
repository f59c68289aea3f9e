import type { Authenticator } from "../../security/authentication/authenticator.ts";
import { ASKS_NOBODY } from "../../security/authentication/authenticator.ts";
import type { RefusalReason } from "../../security/authentication/refusals.ts";
import type { IssuerState } from "../../security/issuers/issuer.ts";
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
}

/** How the HTTP interface knows who asks. */
export interface Door {
  readonly authenticator: Authenticator;
  /** Whose word is taken, and whether they answer. */
  issuers(): Promise<readonly IssuerState[]>;
  /** What apps learn before they sign in; undefined where nobody signs in. AppError `unavailable` while the issuer can't be asked. */
  smartConfiguration(): Promise<Readonly<Record<string, unknown>> | undefined>;
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
  proxies: undefined,
  corsOrigins: new Set(),
  onRefused: () => undefined,
};
