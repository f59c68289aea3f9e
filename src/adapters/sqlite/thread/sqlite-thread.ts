/** The database in a thread of its own: nothing that SQLite does holds up the event loop. What is asked there is answered as if it were done here. */
import { resolve } from "node:path";
import { AppError } from "../../../core/errors.ts";
import { CalledThread, standInFor } from "../../../core/threads/calls.ts";
import { moduleBeside, type ThreadEnd } from "../../../core/threads/thread.ts";
import type { FollowerPositions } from "../../../followers/position-port.ts";
import type { WrappedKeys } from "../../../pipeline/store/document-keys.ts";
import type { RecordStore } from "../../../pipeline/store/record-store.ts";
import type { OpenOptions, OpenedSqlite } from "../open.ts";
import { sharedClock, type Committed, type Opened } from "./protocol.ts";
import { WatchedFiles } from "./watched-files.ts";

const CLOSED = "the database is closed";
const LOST = "the thread that has the database open ended; stop the service, and start it again";

/** What goes as it is. */
const PASSED = [
  "stage",
  "checkpoint",
  "nodes",
  "entries",
  "entry",
  "entriesAbout",
  "claimed",
  "content",
  "evidence",
  "proof",
  "check",
  "closeLog",
  "closure",
] as const;

/** What runs in the thread. */
const MODULE = moduleBeside(import.meta.url, "./sqlite-worker");

/** As `openSqlite`, in a thread of its own. A thread that ends by itself is not started anew: which file lies in its place then nobody has watched. */
export async function openSqliteThread(file: string, { onCheck, ...options }: OpenOptions = {}, module = MODULE): Promise<OpenedSqlite> {
  let end: string | undefined;
  const thread = sqliteThread((how) => {
    end ??= how === undefined ? CLOSED : LOST;
    return new AppError("unavailable", end, { cause: how?.cause });
  }, module);
  const opened = await opening<Opened>(thread, "record", file, options);
  if (opened.checked !== undefined) onCheck?.(opened.checked);
  const watched = new WatchedFiles(resolve(file), opened.seen, (into) => {
    void thread.call("watch", "tell", [into]).catch(() => undefined);
    thread.send();
  });
  const keys = standInFor<WrappedKeys>(thread, "keys", ["keep", "read", "replace", "destroy"]);
  const store: RecordStore = {
    ...standInFor<Pick<RecordStore, (typeof PASSED)[number]>>(thread, "store", PASSED),
    commit: async (commit, deadline) => {
      const latest = sharedClock() + deadline - performance.now();
      const committed = thread.call("commits", "commit", [commit, latest]) as Promise<Committed>;
      return (await watched.during(committed, ({ seen }) => seen)).result;
    },
    discard: (ids) => void thread.call("store", "discard", [ids]).catch(() => undefined),
    fault: () => end ?? watched.fault(),
    close: async () => {
      if (end !== undefined) return;
      const closing = thread.call("store", "close", []);
      end = CLOSED;
      await closing;
      await thread.end();
    },
  };
  return {
    store,
    wrappedKeys: {
      ...keys,
      replace: (epoch, moves) => watched.during(keys.replace(epoch, moves), () => undefined),
      destroy: (id) => watched.during(keys.destroy(id), () => undefined),
    },
    positions: standInFor<FollowerPositions>(thread, "positions", ["read", "begin", "lease", "move", "release"]),
  };
}

/** A thread for a database, which has none open yet. */
export function sqliteThread(ended: (end: ThreadEnd | undefined) => AppError, module = MODULE): CalledThread {
  return new CalledThread({ module, ended });
}

/** Has it open a database; when that fails, the thread ends. */
export async function opening<Result>(
  thread: CalledThread,
  what: "record" | "index" | "sessions" | "events" | "jobs" | "cosigned" | "trail",
  file: string,
  options: object,
): Promise<Result> {
  try {
    return (await thread.call(what, "open", [file, options])) as Result;
  } catch (error) {
    await thread.end();
    throw error;
  }
}
