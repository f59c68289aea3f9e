import { keyedHash } from "../../core/crypto/digest.ts";
import type { Keys } from "../../core/crypto/keys.ts";
import { AppError } from "../../core/errors.ts";
import { closeValue, openValue } from "./closed-value.ts";
import type { SessionRow, SessionRows } from "./session-rows.ts";

/** Something that is kept until it ends. */
export interface Session {
  /** JSON, or any other text. */
  readonly value: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  readonly revision: number;
}

/** How long something is kept, and by what else it is found. */
export interface SessionKeeping {
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  /** Such as `user:anna`: all that have it are removed at once. */
  readonly keys?: readonly string[];
}

/**
 * What is kept for a time. An id is whatever tells one from all others, kinds apart (`code:…`); where it is a secret, the secret is not kept. Nothing says who is signed in to whoever reads the database: ids and
 * keys are keyed hashes, and each value is encrypted under a key of its own, which the master key wraps. One that cannot be opened is not there: whose it was signs in anew.
 */
export interface SessionStore {
  get(id: string): Promise<Session | undefined>;
  /** Those that have a key, in no order. */
  findBy(key: string): Promise<Session[]>;
  /** Keeps it, whatever was there. */
  put(id: string, value: string, keeping: SessionKeeping): Promise<void>;
  /** Keeps it unless there is one; of several at once one is kept. False when there is one. */
  add(id: string, value: string, keeping: SessionKeeping): Promise<boolean>;
  /** Keeps it in the place of a revision; of several at once one is kept. False when that is not there any more. */
  change(id: string, revision: number, value: string, keeping: SessionKeeping): Promise<boolean>;
  /** Gives it, to one of all who ask at once, and to nobody ever after. */
  take(id: string): Promise<Session | undefined>;
  remove(id: string): Promise<void>;
  removeBy(key: string): Promise<number>;
  /** Removes what has ended; gives how many. */
  sweep(): Promise<number>;
}

const ATTEMPTS = 40;

/** The port for whoever keeps sessions, over what an engine keeps. */
export async function createSessionStore(
  rows: SessionRows,
  keys: Pick<Keys, "wrap" | "unwrap" | "secretFor">,
  clock: () => number = Date.now,
): Promise<SessionStore> {
  const secret = await keys.secretFor("sessions");
  const hashed = (what: "id" | "key", name: string): string => keyedHash(secret, `${what}\n${name}`);
  const closed = async (id: string, value: string, { expiresAt, keys: names = [] }: SessionKeeping): Promise<Omit<SessionRow, "revision">> => {
    return { id, keys: names.map((name) => hashed("key", name)), value: await closeValue(value, { purpose: "session", id }, keys), expiresAt };
  };
  const opened = async ({ id, value, expiresAt, revision }: SessionRow): Promise<Session | undefined> => {
    try {
      return { value: await openValue(value, { purpose: "session", id }, keys), expiresAt, revision };
    } catch (error) {
      // The epoch of the master key has ended, or somebody altered it.
      if (error instanceof AppError && error.code === "damaged") return undefined;
      throw error;
    }
  };
  const store: SessionStore = {
    get: async (id) => {
      const row = await rows.read(hashed("id", id), clock());
      return row && opened(row);
    },
    findBy: async (key) => {
      const found = await rows.find(hashed("key", key), clock());
      return (await Promise.all(found.map(opened))).flatMap((session) => session ?? []);
    },
    put: async (id, value, keeping) => {
      const row = await closed(hashed("id", id), value, keeping);
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        const there = await rows.read(row.id, clock());
        if (there ? await rows.replace(row, there.revision) : await rows.insert(row, clock())) return;
      }
      throw new AppError("unavailable", "others were quicker too often; try again");
    },
    add: async (id, value, keeping) => rows.insert(await closed(hashed("id", id), value, keeping), clock()),
    change: async (id, revision, value, keeping) => rows.replace(await closed(hashed("id", id), value, keeping), revision),
    take: async (id) => {
      const row = await rows.read(hashed("id", id), clock());
      const session = row && (await opened(row));
      return session && (await rows.remove(hashed("id", id))) ? session : undefined;
    },
    remove: async (id) => void (await rows.remove(hashed("id", id))),
    removeBy: (key) => rows.removeBy(hashed("key", key)),
    sweep: () => rows.sweep(clock()),
  };
  return store;
}
