/** Tokens by which somebody opens a socket for their subscriptions (R5 Backport, `$get-ws-binding-token`): short-lived, good once, for any instance. */
import { randomBytes } from "node:crypto";
import type { SessionStore } from "../pipeline/store/session-store.ts";

/** Milliseconds for which a token is good: until the socket is open, and no longer. */
const GOOD_FOR = 120_000;
const FORM = /^[A-Za-z0-9_-]{43}$/;

export interface BindingToken {
  readonly token: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

export class BindingTokens {
  readonly #sessions: Pick<SessionStore, "add" | "take">;

  constructor(sessions: Pick<SessionStore, "add" | "take">) {
    this.#sessions = sessions;
  }

  /** @param subscriptions ids of those that whoever asks owns */
  async give(subscriptions: readonly string[]): Promise<BindingToken> {
    const token = randomBytes(32).toString("base64url");
    const expiresAt = Date.now() + GOOD_FOR;
    await this.#sessions.add(nameOf(token), JSON.stringify(subscriptions), { expiresAt });
    return { token, expiresAt };
  }

  /** What a token is for, to the first who brings it; undefined for one that is not good, or not any more. */
  async take(token: string): Promise<readonly string[] | undefined> {
    const session = FORM.test(token) ? await this.#sessions.take(nameOf(token)) : undefined;
    return session && (JSON.parse(session.value) as readonly string[]);
  }
}

function nameOf(token: string): string {
  return `ws-binding:${token}`;
}
