/** Where sessions are kept, as far as they need it: a secret that names something is not kept, but what tells it from all others. */

/** What is kept, until it ends. */
export interface KeptSession {
  readonly value: string;
  /** Changes with it. */
  readonly revision: number;
}

/** How long, and by what else it is found. */
export interface KeptUntil {
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  readonly keys?: readonly string[];
}

/** Failures are AppError `unavailable`. */
export interface KeptSessions {
  get(id: string): Promise<KeptSession | undefined>;
  /** Keeps it unless there is one; false when there is. */
  add(id: string, value: string, until: KeptUntil): Promise<boolean>;
  /** Puts it in the place of a revision; false when that is not there any more. */
  change(id: string, revision: number, value: string, until: KeptUntil): Promise<boolean>;
  remove(id: string): Promise<void>;
  /** Removes all that have a key; gives how many. */
  removeBy(key: string): Promise<number>;
}
