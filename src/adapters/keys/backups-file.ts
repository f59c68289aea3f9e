import { mkdir, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { createFile, isCode, replaceFile } from "../../core/files/durable-files.ts";

/** The folders into which this installation has backed up: a file beside the list of erasures, one folder a line, as a JSON string. */
export interface BackupsFile {
  read(): Promise<readonly string[]>;
  /** Durable when it resolves; nothing happens when it stands there already. */
  add(folder: string): Promise<void>;
}

export function backupsFile(file: string): BackupsFile {
  const read = async (): Promise<string[]> => {
    const text = await readFile(file, "utf8").catch((cause: unknown) => {
      if (isCode(cause, "ENOENT")) return "";
      throw cause;
    });
    return text.split("\n").flatMap((line) => folderIn(line) ?? []);
  };
  const write = (folders: readonly string[]): string => folders.map((folder) => `${JSON.stringify(folder)}\n`).join("");
  return {
    read,
    add: async (folder) => {
      const known = await read();
      if (known.includes(folder)) return;
      await mkdir(dirname(file), { recursive: true, mode: 0o700 });
      if (!(await createFile(file, write([folder])))) await replaceFile(file, write([...(await read()), folder]));
    },
  };
}

function folderIn(line: string): string | undefined {
  try {
    const folder: unknown = JSON.parse(line);
    return typeof folder === "string" ? folder : undefined;
  } catch {
    return undefined;
  }
}
