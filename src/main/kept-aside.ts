/** What lies in a file of its own beside the record, and goes along in backups and copies. A part of the composition root. */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { TarFile } from "../adapters/archive/tar-file.ts";
import type { Config } from "../config.ts";

export async function isThere(file: string): Promise<boolean> {
  return (await stat(file).catch(() => undefined)) !== undefined;
}

/** Opens something, works with it and closes it; gives what the work gave. */
export async function during<Opened extends { close(): Promise<void> }, Result>(
  opening: Promise<Opened>,
  work: (opened: Opened) => Promise<Result>,
): Promise<Result> {
  const opened = await opening;
  try {
    return await work(opened);
  } finally {
    await opened.close();
  }
}

/** The same with what a repository has; nothing is made where a folder has no such file. @param file its name in the data folder */
export async function withKept<Opened extends { close(): Promise<void> }>(
  { mongodbUrl, dataFolder }: Pick<Config, "mongodbUrl" | "dataFolder">,
  { file, open }: { readonly file: string; open(): Promise<Opened> },
  work: (opened: Opened) => Promise<number>,
): Promise<number> {
  if (mongodbUrl === undefined && !(await isThere(join(dataFolder, file)))) return 0;
  return during(open(), work);
}

/** Works with an archive of a backup. */
export function withArchive<Result>(file: string, mode: "r" | "w", work: (archive: TarFile) => Promise<Result>): Promise<Result> {
  return during(TarFile.open(file, mode), work);
}
