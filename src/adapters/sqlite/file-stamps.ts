/** The files of a database as the file system tells of them: which they are, how long, when they were written. Data, for any thread. */
import { statSync } from "node:fs";

export interface Stamp {
  readonly inode: number;
  readonly device: number;
  readonly size: number;
  readonly writtenAt: number;
}

/** The database file, its write-ahead log (`-wal`) and that one's index (`-shm`); undefined where there is none. */
export interface Files {
  readonly main: Stamp | undefined;
  readonly wal: Stamp | undefined;
  readonly shm: Stamp | undefined;
}

/** Three calls of stat. */
export function lookAtFiles(path: string): Files {
  return { main: look(path), wal: look(`${path}-wal`), shm: look(`${path}-shm`) };
}

export function look(path: string): Stamp | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats && { inode: stats.ino, device: stats.dev, size: stats.size, writtenAt: stats.mtimeMs };
}

/** Why these files are not those that were seen before, in words for whoever operates them; undefined when they are. A write-ahead log that was never seen may come. */
export function identityFault(now: Files, seen: Files): string | undefined {
  if (now.main === undefined) return told("was moved away or removed while it was open");
  if (!isSameOrNew(now.main, seen.main)) return told("was replaced while it was open");
  if (!isSameOrNew(now.wal, seen.wal) || !isSameOrNew(now.shm, seen.shm)) return told("lost its write-ahead log while it was open (-wal, -shm)");
  return undefined;
}

export function isWritten(one: Stamp, other: Stamp): boolean {
  return one.writtenAt !== other.writtenAt || one.size !== other.size;
}

/** Without the file's name: clients read this too. */
export function told(what: string): string {
  return `the database file ${what}; stop the service, put the right file back, and start it again`;
}

function isSameOrNew(one: Stamp | undefined, known: Stamp | undefined): boolean {
  return known === undefined || (one !== undefined && one.inode === known.inode && one.device === known.device);
}
