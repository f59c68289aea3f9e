import { AppError } from "../core/errors.ts";
import { EXIT } from "./command.ts";
import { namedFiles, readNamed } from "./files.ts";
import type { Io } from "./io.ts";

/** From this many files on, progress is shown. */
const MANY = 5;

/**
 * Does something with each file, one after the other; gives the greatest exit code. A file that can't be opened, or an AppError over one, is told and counts as
 * *could not*, and the others go on.
 */
export async function eachFile(given: readonly string[], io: Io, work: (name: string, bytes: Uint8Array) => Promise<number>): Promise<number> {
  let exit: number = EXIT.yes;
  let done = 0;
  const couldNot = (error: AppError): void => {
    io.tell(`chartulary: ${error.message}`);
    exit = EXIT.couldNot;
  };
  for await (const file of namedFiles(given, io, couldNot)) {
    if (io.isAbandoned()) break;
    if (done >= MANY) io.progress(`${done} files done, now ${file.name}`);
    try {
      exit = Math.max(exit, await work(file.name, await readNamed(file)));
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      couldNot(error.message.startsWith(file.name) ? error : new AppError(error.code, `${file.name}: ${error.message}`));
    }
    done += 1;
  }
  io.progress("");
  return exit;
}
