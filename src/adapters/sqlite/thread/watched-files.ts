import { identityFault, isWritten, lookAtFiles, type Files } from "../file-stamps.ts";
import { askWatch } from "./protocol.ts";

/** How long the watch's answer is waited for, in milliseconds: the thread may be reading something large. */
const LONGEST = 250;

/**
 * What stands against a commit, told at once on this thread, while the database is open in another one: that one's FileWatch decides, and is asked only when the files are no longer as it saw them
 * last. While something is written there they change of themselves; the commit looks for itself then.
 */
export class WatchedFiles {
  readonly #path: string;
  readonly #ask: (into: SharedArrayBuffer) => void;
  #seen: Files;
  #writing = 0;

  constructor(path: string, seen: Files, ask: (into: SharedArrayBuffer) => void) {
    this.#path = path;
    this.#seen = seen;
    this.#ask = ask;
  }

  /** While work of ours runs that writes to the files; `seenAfter` tells how it left them, of what it gives. */
  async during<Result>(work: Promise<Result>, seenAfter: (result: Result) => Files | undefined): Promise<Result> {
    this.#writing++;
    try {
      const result = await work;
      this.#seen = seenAfter(result) ?? this.#seen;
      return result;
    } finally {
      this.#writing--;
    }
  }

  fault(): string | undefined {
    const now = lookAtFiles(this.#path);
    const identity = identityFault(now, this.#seen);
    if (identity !== undefined || this.#writing > 0 || !isChanged(now, this.#seen)) return identity;
    const watched = askWatch(this.#ask, LONGEST);
    if (watched === undefined) return undefined;
    this.#seen = watched.seen;
    return watched.fault;
  }
}

function isChanged(now: Files, seen: Files): boolean {
  if (now.main && seen.main && isWritten(now.main, seen.main)) return true;
  return now.wal !== undefined && seen.wal !== undefined && now.wal.size < seen.wal.size;
}
