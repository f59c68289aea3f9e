/** People who signed in: a secret in a cookie, for as long as they go on asking, and no longer than a day's work. */
import { randomBytes } from "node:crypto";
import type { KnownCaller } from "../../core/asked.ts";
import type { Proof } from "../authentication/authenticator.ts";
import type { KeptSessions, KeptUntil } from "./kept-sessions.ts";

/** Who signed in, and what is needed to sign out where that was. */
export interface SignedIn {
  readonly caller: KnownCaller;
  readonly purpose: string | undefined;
  /** The issuer's own name for the session (`sid`). */
  readonly sid: string | undefined;
  /** The ID token, by which the issuer knows whom to sign out. */
  readonly idToken: string;
}

interface Kept extends SignedIn {
  /** Milliseconds since 1970. */
  readonly begun: number;
  readonly seen: number;
}

/** Milliseconds. */
export interface SessionTimes {
  readonly idle: number;
  readonly longest: number;
}

/** Whose sessions end: all of one person at an issuer, or the one that the issuer names. */
export interface EndOfSessions {
  readonly issuer: string;
  readonly subject?: string | undefined;
  readonly sid?: string | undefined;
}

/** That somebody goes on asking is noted at most so often, in milliseconds. */
const NOTED_EVERY = 60_000;

export class Sessions {
  readonly #kept: KeptSessions;
  readonly #times: SessionTimes;
  readonly #now: () => number;

  /** `now`: a clock in milliseconds since 1970. */
  constructor(kept: KeptSessions, times: SessionTimes, now: () => number = Date.now) {
    this.#kept = kept;
    this.#times = times;
    this.#now = now;
  }

  /** Begins a session; gives the secret that the browser keeps, which nobody else has: 256 bits. */
  async begin(who: SignedIn): Promise<string> {
    const secret = randomBytes(32).toString("base64url");
    const now = this.#now();
    await this.#kept.add(idOf(secret), JSON.stringify({ ...who, begun: now, seen: now } satisfies Kept), this.#until(who, now, now));
    return secret;
  }

  /** Who it is; undefined when the session has ended, or there never was one. */
  async proofOf(secret: string): Promise<Proof | undefined> {
    const found = await this.#find(secret);
    if (!found) return undefined;
    const { session, revision } = found;
    const now = this.#now();
    if (now - session.seen >= Math.min(NOTED_EVERY, this.#times.idle / 4)) {
      // Only in the place of what was found: a session that was ended meanwhile stays ended, and another request may have noted it.
      await this.#kept.change(
        idOf(secret),
        revision,
        JSON.stringify({ ...session, seen: now } satisfies Kept),
        this.#until(session, session.begun, now),
      );
    }
    return { by: "session", caller: session.caller, purpose: session.purpose };
  }

  /** Ends a session; gives whose it was. */
  async end(secret: string): Promise<SignedIn | undefined> {
    const found = await this.#find(secret);
    await this.#kept.remove(idOf(secret));
    return found?.session;
  }

  /** Ends sessions that an issuer, or an administrator, says have ended; gives how many. */
  async endAll({ issuer, subject, sid }: EndOfSessions): Promise<number> {
    // One that names both means that session alone (OpenID Connect Back-Channel Logout 1.0 section 2.4).
    if (sid !== undefined) return this.#kept.removeBy(keyOfSession(issuer, sid));
    return subject === undefined ? 0 : this.#kept.removeBy(keyOfPerson(issuer, subject));
  }

  /** Keeps that something was used, so that it is not used again; false when it was already. `milliseconds`: for how long. */
  useOnce(what: string, milliseconds: number): Promise<boolean> {
    return this.#kept.add(`used:${what}`, "", { expiresAt: this.#now() + milliseconds });
  }

  async #find(secret: string): Promise<{ readonly session: Kept; readonly revision: number } | undefined> {
    // Nothing else was ever given to a browser.
    if (!/^[\w-]{43}$/.test(secret)) return undefined;
    const kept = await this.#kept.get(idOf(secret));
    if (!kept) return undefined;
    const session = JSON.parse(kept.value) as Kept;
    const now = this.#now();
    return now < session.seen + this.#times.idle && now < session.begun + this.#times.longest ? { session, revision: kept.revision } : undefined;
  }

  #until({ caller, sid }: SignedIn, begun: number, seen: number): KeptUntil {
    const keys = [keyOfPerson(caller.issuer, caller.subject), ...(sid === undefined ? [] : [keyOfSession(caller.issuer, sid)])];
    return { expiresAt: Math.min(seen + this.#times.idle, begun + this.#times.longest), keys };
  }
}

function idOf(secret: string): string {
  return `session:${secret}`;
}

function keyOfPerson(issuer: string, subject: string): string {
  return `sessions of ${JSON.stringify([issuer, subject])}`;
}

function keyOfSession(issuer: string, sid: string): string {
  return `session ${JSON.stringify([issuer, sid])}`;
}
