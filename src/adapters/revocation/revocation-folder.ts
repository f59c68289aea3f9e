import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { fromBase64 } from "../../core/crypto/base64.ts";
import { isEmpty, joined, shelfOf, type RevocationShelf } from "../../core/revocation/revocation-shelf.ts";

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
  /** Read once: a long list is indexed when it is first asked. */
  readonly shelf: RevocationShelf | undefined;
}

/** Reads the lists of revoked certificates and answers about one (DER, or PEM) in a folder; again what has changed since. What is none is told once and passed over. */
export function watchFolder(
  folder: string,
  { size, files, look }: FolderLimits,
  onFault: (where: string, reason: string) => void,
): () => Promise<RevocationShelf> {
  let seen = new Map<string, Seen>();
  let looked: Promise<RevocationShelf> | undefined;
  let nextLook = -Infinity;

  const read = async (): Promise<RevocationShelf> => {
    const names = (await readdir(folder)).filter((name) => !name.startsWith(".")).sort();
    if (names.length > files) onFault(folder, `it holds more than ${files} files; the others are not read`);
    const found = new Map<string, Seen>();
    for (const name of names.slice(0, files)) {
      const path = join(folder, name);
      const { mtimeMs, size: length } = await stat(path);
      const stamp = `${mtimeMs} ${length}`;
      const before = seen.get(name);
      const shelf = before?.stamp === stamp ? before.shelf : length <= size ? shelfIn(await readFile(path)) : undefined;
      if (shelf === undefined && before?.stamp !== stamp)
        onFault(path, "it is no list of revoked certificates and no answer about one, or too large");
      found.set(name, { stamp, shelf });
    }
    seen = found;
    return joined([...found.values()].flatMap(({ shelf }) => shelf ?? []));
  };

  return () => {
    if (looked === undefined || performance.now() >= nextLook) {
      nextLook = performance.now() + look;
      looked = read().catch(() => {
        onFault(folder, "it cannot be read");
        return joined([]);
      });
    }
    return looked;
  };
}

function shelfIn(content: Uint8Array): RevocationShelf | undefined {
  const [, body] = /^-----BEGIN [A-Z0-9 ]+-----([^-]+)-----END /m.exec(Buffer.from(content).toString("latin1")) ?? [];
  const raw = body === undefined ? new Uint8Array(content) : fromBase64(body.replace(/\s/g, ""));
  const shelf = shelfOf(raw ? [raw] : []);
  return isEmpty(shelf) ? undefined : shelf;
}
