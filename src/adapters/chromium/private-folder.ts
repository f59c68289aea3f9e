import { lstat, mkdir } from "node:fs/promises";
import { AppError } from "../../core/errors.ts";

/**
 * Makes sure that a folder exists which nobody else can write to: what lies in it is run as a program. A folder in a shared place that another
 * user made beforehand is refused (AppError `unavailable`).
 */
export async function makePrivateFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const found = await lstat(folder);
  const us = process.getuid?.();
  const isOurs = us === undefined || (found.uid === us && (found.mode & 0o022) === 0);
  if (!found.isDirectory() || !isOurs) {
    throw new AppError("unavailable", `The browser's folder ${folder} belongs to, or can be written by, somebody else.`);
  }
}
