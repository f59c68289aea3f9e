/** The port through which a request's sender is proved: what the request carries, to a Caller. Nothing here decides what a caller may do. */
import type { Caller } from "../../core/asked.ts";

/** A TLS client certificate whose key the sender has: proved by the handshake, here or at a named proxy. */
export interface ClientCertificate {
  /** SHA-256 of its DER, base64url: `x5t#S256` (RFC 8705 section 3.1). */
  readonly thumbprint: string;
  /** Whether it leads to an authority that the operator named, and has not ended. */
  readonly isTrusted: boolean;
}

/** What a request carries that may prove who sent it. */
export interface Credentials {
  /** Each `Authorization` header. */
  readonly authorization: readonly string[];
  /** Whether a token stands in the address, where logs and histories keep it (RFC 6750 section 5.3). */
  readonly hasTokenInQuery: boolean;
  /** The value of the session's cookie. */
  readonly session: string | undefined;
  readonly certificate: ClientCertificate | undefined;
}

/** Who it is, and by what that was proved. */
export interface Proof {
  readonly by: "nothing" | "token" | "session" | "certificate";
  readonly caller: Caller;
  /** A code of v3-PurposeOfUse, as the token said. */
  readonly purpose?: string | undefined;
}

export interface Authenticator {
  /**
   * Who asks. Whoever carries nothing is `anonymous`; `unauthenticated` where there is no access control.
   *
   * @throws RefusedProof for what was carried and does not hold, AppError `unavailable` when it can't be checked now
   */
  prove(credentials: Credentials): Promise<Proof>;
}

/** While there is no access control: nobody is asked. */
export const ASKS_NOBODY: Authenticator = {
  prove: () => Promise.resolve({ by: "nothing", caller: { kind: "unauthenticated" } }),
};
