/** One-time links by which somebody who was given an account chooses a password or a passkey. Only a hash of what is in the link is kept. */
import { randomBytes } from "node:crypto";
import type { SessionStore } from "../pipeline/store/session-store.ts";

/** For whom it is. */
export interface Invitation {
  /** The account; undefined for the first administrator, who chooses a name. */
  readonly user: string | undefined;
  readonly roles: readonly string[];
}

/** How long one is good for, in milliseconds. */
export const INVITATION_LIFE = 3_600_000;

const FORM = /^[A-Za-z0-9_-]{43}$/;

export class Invitations {
  readonly #sessions: SessionStore;
  readonly #clock: () => number;

  constructor(sessions: SessionStore, clock: () => number = Date.now) {
    this.#sessions = sessions;
    this.#clock = clock;
  }

  /** Makes one; earlier ones for the same account are good for nothing any more. Gives what stands in the link. */
  async invite({ user, roles }: Invitation): Promise<string> {
    const keys = [keyOf(user)];
    if (user !== undefined) await this.#sessions.removeBy(keyOf(user));
    const token = randomBytes(32).toString("base64url");
    await this.#sessions.put(idOf(token), JSON.stringify({ user, roles }), { expiresAt: this.#clock() + INVITATION_LIFE, keys });
    return token;
  }

  /** What a link is for; it stays good. */
  async look(token: string): Promise<Invitation | undefined> {
    const session = FORM.test(token) ? await this.#sessions.get(idOf(token)) : undefined;
    return session && (JSON.parse(session.value) as Invitation);
  }

  /** The same, for one of all who come at once; after that it is good for nothing. */
  async accept(token: string): Promise<Invitation | undefined> {
    const session = FORM.test(token) ? await this.#sessions.take(idOf(token)) : undefined;
    return session && (JSON.parse(session.value) as Invitation);
  }

  /** Ends those of an account; undefined: those for a first administrator. */
  async end(user: string | undefined): Promise<void> {
    await this.#sessions.removeBy(keyOf(user));
  }
}

/** The path of the page that a link leads to. */
export function invitationPath(token: string): string {
  // Behind the #, it would reach no proxy's log; but then only script could read it. It is good once, and for an hour.
  return `/oauth/invitation/${token}`;
}

function idOf(token: string): string {
  return `invitation:${token}`;
}

function keyOf(user: string | undefined): string {
  return user === undefined ? "invitation-of-administrator" : `invitation-of:${user}`;
}
