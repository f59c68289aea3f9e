import { mkdir, open, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { AppError } from "../../core/errors.ts";
import { parseCustodyLeaf } from "../../core/formats/custody.ts";
import type { ErasureList, ListedErasure } from "../../pipeline/custody.ts";
import { isCode } from "../../core/files/durable-files.ts";

/**
 * The list of erasures in a file beside the keys: one line for each, the leaf of its entry (docs/formats.md, List of erasures). Lines are only ever added; one that was cut
 * off by a crash is passed over, since whoever was adding it does so again.
 */
export function erasuresFile(file: string): ErasureList {
  const read = async (): Promise<readonly ListedErasure[]> => listedIn(await textOf(file));
  return {
    read,
    add: async (documentId, leaf) => {
      const text = await textOf(file);
      if (listedIn(text).some((one) => one.documentId === documentId)) return;
      // Behind a line that was cut off a new one begins.
      const line = `${text === "" || text.endsWith("\n") ? "" : "\n"}${new TextDecoder().decode(leaf)}\n`;
      try {
        await mkdir(dirname(file), { recursive: true, mode: 0o700 });
        const handle = await open(file, "a", 0o600);
        try {
          await handle.write(line);
          await handle.sync();
        } finally {
          await handle.close();
        }
      } catch (cause) {
        throw new AppError("unavailable", `the list of erasures ${file} cannot be written (ERASURES_FILE)`, { cause });
      }
    },
  };
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    if (isCode(cause, "ENOENT")) return "";
    throw new AppError("unavailable", `the list of erasures ${file} cannot be read (ERASURES_FILE)`, { cause });
  }
}

function listedIn(text: string): ListedErasure[] {
  return text.split("\n").flatMap((line) => {
    if (line === "") return [];
    const leaf = new TextEncoder().encode(line);
    try {
      return [{ documentId: parseCustodyLeaf(leaf).document, leaf }];
    } catch (error) {
      if (error instanceof AppError) return [];
      throw error;
    }
  });
}
