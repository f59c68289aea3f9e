import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { fromBase64 } from "../../core/crypto/base64.ts";
import { isRevocation } from "../../core/revocation/revocation-shelf.ts";

export interface FolderLimits {
  /** Bytes of a list or an answer. */
  readonly size: number;
  /** Files that are read, the first by name. */
  readonly files: number;
  /** Milliseconds between two looks. */
  readonly look: number;
}

interface Seen {
  readonly stamp: string;
  readonly raw: Uint8Array | undefined;
}

/** Reads the lists of revoked certificates and answers about one (DER, or PEM) in a folder; again what has changed since. What is none is told once and passed over. */
export function watchFolder(
  folder: string,
  { size, files, look }: FolderLimits,
  onFault: (where: string, reason: string) => void,
): () => Promise<readonly Uint8Array[]> {
  let seen = new Map<string, Seen>();
  let looked: Promise<readonly Uint8Array[]> | undefined;
  let nextLook = -Infinity;

  const read = async (): Promise<readonly Uint8Array[]> => {
    const names = (await readdir(folder)).filter((name) => !name.startsWith(".")).sort();
    if (names.length > files) onFault(folder, `it holds more than ${files} files; the others are not read`);
    const found = new Map<string, Seen>();
    for (const name of names.slice(0, files)) {
      const path = join(folder, name);
      const { mtimeMs, size: length } = await stat(path);
      const stamp = `${mtimeMs} ${length}`;
      const before = seen.get(name);
      const raw = before?.stamp === stamp ? before.raw : length <= size ? derIn(await readFile(path)) : undefined;
      if (raw === undefined && before?.stamp !== stamp) onFault(path, "it is no list of revoked certificates and no answer about one, or too large");
      found.set(name, { stamp, raw });
    }
    seen = found;
    return [...found.values()].flatMap(({ raw }) => raw ?? []);
  };

  return () => {
    if (looked === undefined || performance.now() >= nextLook) {
      nextLook = performance.now() + look;
      looked = read().catch(() => {
        onFault(folder, "it cannot be read");
        return [];
      });
    }
    return looked;
  };
}

function derIn(content: Uint8Array): Uint8Array | undefined {
  const [, body] = /^-----BEGIN [A-Z0-9 ]+-----([^-]+)-----END /m.exec(Buffer.from(content).toString("latin1")) ?? [];
  const raw = body === undefined ? new Uint8Array(content) : fromBase64(body.replace(/\s/g, ""));
  return raw && isRevocation(raw) ? raw : undefined;
}
