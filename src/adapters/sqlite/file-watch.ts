/**
 * Whether the files that SQLite has open are still those that lie in their place. SQLite goes on with files that were moved, removed or written over: what is committed then is
 * lost, or malformed, with the next start. Asked before and after each commit, so it is synchronous and costs three calls of stat.
 */
import { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { AppError } from "../../core/errors.ts";
import { identityFault, isWritten, look, lookAtFiles, told, type Files, type Stamp } from "./file-stamps.ts";

/** SQLite cuts the write-ahead log down to this when it begins it anew (PRAGMA journal_size_limit). */
export const WAL_LIMIT = 67_108_864;

/** How often a file that can't be read is looked at again, and after how many milliseconds. */
const MOST_WAITS = 10;
const WAIT = 20;

/** What is known of the database file's own content, without its write-ahead log. */
interface Content {
  readonly pages: number;
  readonly schemaCookie: number;
  /** The newest checkpoint in it: a size and a note. */
  readonly size: number;
  readonly note: string;
}

type NoteAt = (size: number) => string | undefined;

/** The database file with its write-ahead log (`-wal`) and that one's index (`-shm`). */
export class FileWatch {
  readonly #path: string;
  #seen: Files & { readonly main: Stamp };
  #content: Content | undefined;
  readonly #noteAt: NoteAt;
  /** A file that was written over stays so: what SQLite holds of it in memory is of the file before. */
  #isForeign = false;

  /** @param noteAt the note of the checkpoint of this size, as the open connection has it */
  constructor(path: string, noteAt: NoteAt) {
    this.#path = path;
    this.#noteAt = noteAt;
    const { main, ...others } = lookAtFiles(path);
    if (main === undefined) throw new AppError("unavailable", told("was moved away or removed while it was open"));
    this.#seen = { main, ...others };
    this.#content = contentOf(path);
  }

  /** The files as they were found last, or as work of our own left them. */
  get seen(): Files {
    return this.#seen;
  }

  /** What is wrong, in words for whoever operates it; undefined when nothing is. Call `noteOwn` after work of our own. */
  fault(): string | undefined {
    if (this.#isForeign) return told("was written over while it was open");
    const now = lookAtFiles(this.#path);
    const identity = identityFault(now, this.#seen);
    const { main, wal } = now;
    if (main === undefined || identity !== undefined) return identity;
    const isCutOff = this.#seen.wal !== undefined && wal !== undefined && wal.size < Math.min(this.#seen.wal.size, WAL_LIMIT);
    if (isCutOff || main.size < this.#seen.main.size || (isWritten(main, this.#seen.main) && !this.#isOurs(main))) {
      this.#isForeign = true;
      return told(isCutOff ? "had its write-ahead log cut off while it was open" : "was written over while it was open");
    }
    this.#remember(main, now);
    return undefined;
  }

  /** Takes what work of our own has just made of the files for what they are. Gives what is wrong with their identity, if anything is. */
  noteOwn(): string | undefined {
    const now = lookAtFiles(this.#path);
    const identity = identityFault(now, this.#seen);
    if (now.main !== undefined && identity === undefined) this.#remember(now.main, now);
    return identity;
  }

  #remember(main: Stamp, { wal, shm }: Files): void {
    this.#seen = { main, wal: wal ?? this.#seen.wal, shm: shm ?? this.#seen.shm };
  }

  /** Whether somebody else's change to the file is that of another process of this program: it brought the file forward in the same log. */
  #isOurs(main: Stamp): boolean {
    const content = contentWhenWhole(this.#path);
    const before = this.#content;
    const after = look(this.#path);
    // Still being written: looked at again when it is done.
    if (after !== undefined && isWritten(after, main)) return true;
    if (content === undefined || (before !== undefined && isEarlier(content, before))) return false;
    this.#content = content;
    return content.size === 0 || this.#noteAt(content.size) === content.note;
  }
}

/** The file never shrinks, its schema never changes while it is open, and its log only grows. */
function isEarlier(content: Content, before: Content): boolean {
  return content.pages < before.pages || (before.schemaCookie !== 0 && content.schemaCookie !== before.schemaCookie) || content.size < before.size;
}

/**
 * Another process may be half-way through bringing its write-ahead log into the file, and not get on for a moment: until it is done, what stands in the file alone may be no database.
 */
function contentWhenWhole(path: string): Content | undefined {
  let content = contentOf(path);
  for (let waits = 0; content === undefined && waits < MOST_WAITS; waits++) {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, WAIT);
    content = contentOf(path);
  }
  return content;
}

/**
 * Undefined when the file cannot be read as a database of ours. It is read by SQLite alone: closing a descriptor of our own would give up the locks that this process has on the
 * file (sqlite.org/howtocorrupt.html, section 2.2).
 */
function contentOf(path: string): Content | undefined {
  const address = pathToFileURL(path);
  // Immutable: read without locks and without the write-ahead log.
  address.searchParams.set("immutable", "1");
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(address, { readOnly: true });
    // A young database has its tables in its write-ahead log alone.
    const isYoung = database.prepare("SELECT 1 FROM sqlite_schema").get() === undefined;
    const row = isYoung ? undefined : database.prepare("SELECT size, note FROM checkpoints ORDER BY size DESC LIMIT 1").get();
    const { size, note } = row ?? { size: 0, note: "" };
    if (typeof size !== "number" || typeof note !== "string") return undefined;
    const pages = Number(database.prepare("PRAGMA page_count").get()?.["page_count"]);
    const schemaCookie = Number(database.prepare("PRAGMA schema_version").get()?.["schema_version"]);
    return { pages, schemaCookie, size, note };
  } catch {
    return undefined;
  } finally {
    if (database?.isOpen) database.close();
  }
}
