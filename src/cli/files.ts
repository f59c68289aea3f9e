import { readFile, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { AppError } from "../core/errors.ts";
import type { Io } from "./io.ts";

/** One file of a command line: its name as it was given (or below a folder that was given), and how to read it. */
export interface NamedFile {
  readonly name: string;
  read(): Promise<Uint8Array>;
}

const STDIN = "-";

/**
 * The files that arguments stand for: `-` is standard input, a folder all `.json`, `.xml` and `.p7m` files in it, at any depth, in order of their names. What cannot be
 * opened is told to `onUnreadable`, and the others go on.
 */
export async function* namedFiles(
  given: readonly string[],
  io: Pick<Io, "readInput">,
  onUnreadable: (error: AppError) => void,
): AsyncGenerator<NamedFile> {
  for (const name of given) {
    try {
      if (name === STDIN || !(await stat(name)).isDirectory()) {
        yield namedFile(name, io);
        continue;
      }
      const { files: inside, faults } = await filesOf(name, DOCUMENT_FILE);
      faults.forEach(onUnreadable);
      if (inside.length + faults.length === 0)
        onUnreadable(new AppError("not-found", `${name}: there is no .json, .xml or .p7m file in this folder`));
      for (const file of inside) yield { name: file, read: () => readFile(file) };
    } catch (cause) {
      onUnreadable(unreadable(name, cause));
    }
  }
}

/** One file, or standard input for `-`. */
export function namedFile(name: string, io: Pick<Io, "readInput">): NamedFile {
  return { name, read: () => (name === STDIN ? io.readInput() : readFile(name)) };
}

/** Reads a file; AppError `not-found` that says why it could not be opened. */
export async function readNamed(file: NamedFile): Promise<Uint8Array> {
  try {
    return await file.read();
  } catch (cause) {
    throw unreadable(file.name, cause);
  }
}

/** Names of files that hold one document. */
export const DOCUMENT_FILE = /\.(json|xml|p7m)$/i;

/** At any depth, in order of their names. A folder below that cannot be opened is a fault, and the others are still walked; links to folders are not followed. */
export async function filesOf(folder: string, isTaken: RegExp): Promise<{ files: string[]; faults: AppError[] }> {
  const files: string[] = [];
  const faults: AppError[] = [];
  const waiting = [folder];
  for (let open = waiting.pop(); open !== undefined; open = waiting.pop()) {
    try {
      for (const entry of await readdir(open, { withFileTypes: true })) {
        const name = join(open, entry.name);
        if (entry.isDirectory()) waiting.push(name);
        else if (isTaken.test(entry.name)) files.push(name);
      }
    } catch (cause) {
      faults.push(unreadable(open, cause));
    }
  }
  return { files: files.sort(), faults };
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EACCES: "it may not be read",
  EISDIR: "it is a folder",
  ENAMETOOLONG: "there is no such file",
};

/** Why a file could not be opened. */
export function unreadable(name: string, cause: unknown): AppError {
  const code = (cause as NodeJS.ErrnoException | undefined)?.code ?? "";
  return new AppError("not-found", `${name}: ${REASONS[code] ?? `it could not be read (${code || "unknown reason"})`}`, { cause });
}
