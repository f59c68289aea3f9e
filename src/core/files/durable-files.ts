/** Files that are there wholly, and after a power cut still, or not at all. */
import { randomUUID } from "node:crypto";
import { link, mkdir, open, rename, rm, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

const FOR_THE_OWNER = 0o600;
const FOLDER_FOR_THE_OWNER = 0o700;

/**
 * Makes a folder with files, by name, in one step: it appears under its name with everything in it. False when something stood there already (an empty folder
 * does not count): then nothing was changed.
 */
export async function createFolder(folder: string, files: Readonly<Record<string, string>>): Promise<boolean> {
  const parent = dirname(folder);
  await mkdir(parent, { recursive: true });
  const draft = temporaryName(folder);
  await mkdir(draft, { mode: FOLDER_FOR_THE_OWNER });
  try {
    for (const [name, text] of Object.entries(files)) await writeDurably(join(draft, name), text);
    await syncFolder(draft);
    await rename(draft, folder);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    if (isCode(error, "ENOTEMPTY", "EEXIST", "EPERM")) return false;
    throw error;
  }
  await syncFolder(parent);
  return true;
}

/** Makes a file in one step. False when one of that name is there already: of two that try at once, one succeeds. */
export async function createFile(file: string, text: string): Promise<boolean> {
  const draft = temporaryName(file);
  await writeDurably(draft, text);
  try {
    await link(draft, file);
  } catch (error) {
    if (isCode(error, "EEXIST")) return false;
    throw error;
  } finally {
    await unlink(draft);
  }
  await syncFolder(dirname(file));
  return true;
}

/** Puts new content in the place of a file's in one step. */
export async function replaceFile(file: string, content: string | Uint8Array): Promise<void> {
  const draft = temporaryName(file);
  await writeDurably(draft, content);
  try {
    await rename(draft, file);
  } catch (cause) {
    await unlink(draft).catch(() => undefined);
    throw cause;
  }
  await syncFolder(dirname(file));
}

function temporaryName(path: string): string {
  return join(dirname(path), `.${basename(path)}.${randomUUID()}.new`);
}

/** Writes a new file for its owner alone, and makes its content durable; its name is by `syncFolder`. Fails (EEXIST) when there is one. */
export async function writeDurably(file: string, content: string | Uint8Array): Promise<void> {
  const handle = await open(file, "wx", FOR_THE_OWNER);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } catch (cause) {
    // On a full disk the name was made, and what stands under it is half of it.
    await unlink(file).catch(() => undefined);
    throw cause;
  } finally {
    await handle.close();
  }
}

/** Makes durable what was made, renamed or removed in a folder. */
export async function syncFolder(folder: string): Promise<void> {
  // Windows has no such call for folders, and needs none.
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Whether an error of the operating system has one of these codes. */
export function isCode(error: unknown, ...codes: readonly string[]): boolean {
  return typeof error === "object" && error !== null && "code" in error && typeof error.code === "string" && codes.includes(error.code);
}
