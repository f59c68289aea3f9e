import { mkdir, readdir, readFile, stat, unlink } from "node:fs/promises";
import { join } from "node:path";
import { AppError } from "../../core/errors.ts";
import { isCode, syncFolder, writeDurably } from "../../core/files/durable-files.ts";
import type { TrailSpool } from "../../pipeline/trail/trail-spool.ts";

const NAME = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.events$/;

/** Events that wait for the trail, a file for each batch, in a folder for its owner alone. What a crash left half is no event: nobody was answered by it, and it does not open. */
export function spoolFolder(folder: string): TrailSpool {
  const file = (id: string): string => join(folder, `${id}.events`);
  return {
    keep: (id, bytes) =>
      attempt(folder, async () => {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        await writeDurably(file(id), bytes);
        await syncFolder(folder);
      }),
    waiting: () =>
      attempt(folder, async () => {
        const names = (await readdir(folder).catch(nothingThere<string[]>([]))).flatMap((name) => NAME.exec(name)?.[1] ?? []);
        const aged = await Promise.all(names.map(async (id) => ({ id, at: (await stat(file(id)).catch(nothingThere(undefined)))?.mtimeMs ?? 0 })));
        return aged.sort((one, other) => one.at - other.at).map(({ id }) => id);
      }),
    read: (id) => attempt(folder, async () => readFile(file(id)).catch(nothingThere(undefined))),
    drop: (id) => attempt(folder, async () => unlink(file(id)).catch(nothingThere(undefined))),
  };
}

async function attempt<T>(folder: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? ` (${String(cause.code)})` : "";
    throw new AppError("unavailable", `the spool of the audit trail, ${folder}, cannot be read or written${code}: make room, or give the folder and what is in it to the service's user (mode 700); what waits there are events of which nothing else knows, keep them`, { cause }); // prettier-ignore
  }
}

function nothingThere<T>(instead: T): (error: unknown) => T {
  return (error) => {
    if (isCode(error, "ENOENT")) return instead;
    throw error;
  };
}
