/** A backup's archives that are replaced as a whole, and those that have one member. A part of the composition root. */
import { open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { TarFile } from "../adapters/archive/tar-file.ts";
import { AppError } from "../core/errors.ts";

export interface ArchiveMember {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** The one member of an archive. AppErrors `unavailable`, `damaged`. */
export async function onlyMember(file: string): Promise<Uint8Array> {
  const archive = await TarFile.open(file, "r");
  try {
    const [member] = archive.members;
    if (member === undefined) throw new AppError("damaged", `${file} is empty, or was cut off`);
    return await archive.read(member);
  } finally {
    await archive.close();
  }
}

/** Puts an archive in the place of the one before, in one step. */
export async function replaceArchive(file: string, members: Iterable<ArchiveMember> | AsyncIterable<ArchiveMember>): Promise<void> {
  const draft = `${file}.new`;
  await rm(draft, { force: true });
  const archive = await TarFile.open(draft, "w");
  try {
    // Also one without members is an archive.
    await archive.add([]);
    for await (const member of members) await archive.add([member]);
  } finally {
    await archive.close();
  }
  await rename(draft, file);
  await syncFolder(dirname(file));
}

/** Makes durable what was renamed in a folder, where that can be had: a backup may lie on a share that has no such call. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r").catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}
