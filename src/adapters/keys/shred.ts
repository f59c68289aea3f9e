/** Files whose bytes are to be gone, and not their name alone. */
import { randomBytes } from "node:crypto";
import { link, open, unlink } from "node:fs/promises";
import { isCode, replaceFile, syncFolder } from "../../core/files/durable-files.ts";
import { basename, dirname, join } from "node:path";

/** The other name of a file that dies: by it the file is found again when we are interrupted after its own name is another's. */
export function dyingName(file: string): string {
  return join(dirname(file), `.${basename(file)}.ending`);
}

/** Puts new text in a file's place, and destroys the bytes before. Interrupted, `shred(dyingName(file))` finishes it. */
export async function replaceAndShred(file: string, text: string): Promise<void> {
  await keepDying(file);
  await replaceFile(file, text);
  await shred(dyingName(file));
  await syncFolder(dirname(file));
}

/** Gives a file its name for dying; nothing happens when it has it. */
export async function keepDying(file: string): Promise<void> {
  await link(file, dyingName(file)).catch((cause: unknown) => {
    if (!isCode(cause, "EEXIST")) throw cause;
  });
}

/** Writes over a file, as far as the file system writes in place, and removes it; nothing happens when there is none. */
export async function shred(file: string): Promise<void> {
  const handle = await open(file, "r+").catch((cause: unknown) => {
    if (!isCode(cause, "ENOENT")) throw cause;
    return undefined;
  });
  if (handle === undefined) return;
  try {
    const { size } = await handle.stat();
    await handle.write(randomBytes(size), 0, size, 0);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await unlink(file).catch((cause: unknown) => {
    // Another process was at it too.
    if (!isCode(cause, "ENOENT")) throw cause;
  });
}
