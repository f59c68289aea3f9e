import { mkdir, open } from "node:fs/promises";
import { dirname } from "node:path";
import { AppError } from "../../core/errors.ts";

/** Makes the file when there is none, so that its name and mode are on the disk before the first document is. */
export async function makeFile(path: string): Promise<void> {
  const folder = dirname(path);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const file = await open(path, "a", 0o600);
    await file.close();
    for (const name of [folder, dirname(folder)]) await syncFolder(name);
  } catch (cause) {
    throw new AppError("unavailable", `the database file cannot be made or opened: ${path}`, { cause });
  }
}

/** Makes the names in a folder durable, where the system lets one. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r").catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}
