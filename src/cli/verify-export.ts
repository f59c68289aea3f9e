/** `chartulary verify --export`: the files of an export, as they lie in a folder. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { createGunzip } from "node:zlib";
import type { HeldFile } from "../pipeline/verify/verify-export.ts";

/** Files that were given, and all in folders that were; packed ones (gzip) as what they hold. Each is known by its digest: whoever fetched them may have named them as they liked. */
export async function heldFiles(given: readonly string[]): Promise<HeldFile[]> {
  const held: HeldFile[] = [];
  for (const name of await namesIn(given)) {
    const isPacked = await beginsPacked(name);
    const read = (): AsyncIterable<Uint8Array> => {
      const file = createReadStream(name, { highWaterMark: 1 << 20 });
      return isPacked ? file.pipe(createGunzip()) : file;
    };
    const hash = createHash("sha256");
    try {
      for await (const bytes of read()) hash.update(bytes);
    } catch {
      // What cannot be read, or unpacked, is not what was exported: its name may tell that it was to be.
      held.push({ name, digest: undefined, read });
      continue;
    }
    held.push({ name, digest: `sha256:${hash.digest("hex")}`, read });
  }
  return held;
}

async function namesIn(given: readonly string[]): Promise<string[]> {
  const names: string[] = [];
  for (const name of given) {
    if (!(await stat(name)).isDirectory()) names.push(name);
    else
      for (const entry of await readdir(name, { withFileTypes: true, recursive: true }))
        if (entry.isFile()) names.push(join(entry.parentPath, entry.name));
  }
  return names.sort();
}

async function beginsPacked(name: string): Promise<boolean> {
  for await (const bytes of createReadStream(name, { end: 1 })) return (bytes as Uint8Array)[0] === 0x1f && (bytes as Uint8Array)[1] === 0x8b;
  return false;
}
