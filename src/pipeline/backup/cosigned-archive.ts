/** Cosigned checkpoints in a backup, and from one engine to another. Each proves itself: what is not under the log's own signature, or of a tree that the log never had, is refused. docs/formats.md, Backup. */
import { knownLog, signedEver } from "../../core/crypto/log-keys.ts";
import type { LogName } from "../../core/crypto/keys.ts";
import { equalBytes, digestOf } from "../../core/crypto/digest.ts";
import { AppError } from "../../core/errors.ts";
import { countField, textField } from "../../core/formats/fields.ts";
import type { CosignedCheckpoint, CosignedStore } from "../witness/witness-port.ts";
import { formatManifest, objectsAt, parseManifest } from "./manifest.ts";
import type { Archive } from "./write-backup.ts";

const SHAPE = { format: "chartulary-cosigned-backup/1", required: ["origin", "parts", "checkpoints"] };
const PAGE = 500;
/** Nothing stands beside the manifest. */
const NO_PARTS = new Uint8Array();

/** What a log has cosigned, page by page, behind a place and of trees of a size at most. What is not under the log's signature is worth nothing, and left out. */
async function* pagesOf(
  store: Pick<CosignedStore, "from">,
  { log, upTo, after }: { readonly log: LogName; readonly upTo: number; readonly after: Place | undefined },
): AsyncGenerator<CosignedCheckpoint[]> {
  for (let last = after; ;) {
    const found = await store.from(log.origin, last?.size ?? 0, PAGE, last === undefined ? 0 : last.at + 1);
    const page = found.filter((one) => one.size <= upTo && rootUnder(one, log) !== undefined);
    if (page.length > 0) yield page;
    if (found.length < PAGE) return;
    last = found.at(-1);
  }
}

/** The root of the tree of a checkpoint that the log signed, of the size that it is kept under; undefined when it is none. */
function rootUnder({ note, size }: CosignedCheckpoint, log: LogName): Uint8Array | undefined {
  const found = signedEver(note, knownLog(log));
  return found?.size === size ? found.root : undefined;
}

type Place = Pick<CosignedCheckpoint, "size" | "at">;

/**
 * Adds to an archive what was cosigned since; gives how many. One that is later entered before the last of them (two instances at once) stays out: receipts name the next one.
 *
 * @param upTo the size of the backup's record: what is beyond it would speak of entries that the backup lacks
 */
export async function writeCosigned(
  store: Pick<CosignedStore, "from">,
  archive: Pick<Archive, "members" | "read" | "add">,
  { logs, upTo }: { readonly logs: readonly LogName[]; readonly upTo: number },
): Promise<number> {
  const ends = new Map<string, Place>();
  for (const member of archive.members) for (const { origin, size, at } of parseMember(await archive.read(member))) ends.set(origin, { size, at });
  let count = 0;
  for (const log of logs)
    for await (const page of pagesOf(store, { log, upTo, after: ends.get(log.origin) })) {
      const name = `cosigned/${String(archive.members.length).padStart(12, "0")}.json`;
      const checkpoints = page.map(({ size, at, note }) => ({ size, at, note }));
      await archive.add([{ name, bytes: formatManifest({ format: SHAPE.format, origin: log.origin, parts: digestOf(NO_PARTS), checkpoints }) }]);
      count += page.length;
    }
  return count;
}

/** Puts what an archive has where a repository arrives; gives how many. AppError `damaged`. */
export async function readCosigned(
  archive: Pick<Archive, "members" | "read">,
  store: Pick<CosignedStore, "put">,
  held: { readonly logs: readonly LogName[]; readonly roots: ReadonlyMap<number, Uint8Array> },
): Promise<number> {
  let count = 0;
  for (const member of archive.members)
    for (const one of parseMember(await archive.read(member))) {
      holdAgainst(one, held);
      await store.put(one);
      count++;
    }
  return count;
}

/** Copies what was cosigned of these logs; gives how many. */
export async function copyCosigned(
  from: Pick<CosignedStore, "from">,
  to: Pick<CosignedStore, "put">,
  { logs, upTo }: { readonly logs: readonly LogName[]; readonly upTo: number },
): Promise<number> {
  let count = 0;
  for (const log of logs)
    for await (const page of pagesOf(from, { log, upTo, after: undefined }))
      for (const one of page) {
        await to.put(one);
        count++;
      }
  return count;
}

function parseMember(bytes: Uint8Array): CosignedCheckpoint[] {
  try {
    const object = parseManifest(bytes, NO_PARTS, SHAPE);
    const origin = textField(object, "origin");
    return objectsAt(object, "checkpoints").map((one) => ({
      origin,
      size: countField(one, "size"),
      at: countField(one, "at"),
      note: textField(one, "note"),
    }));
  } catch (cause) {
    throw damaged("they are not what was written", cause);
  }
}

/** A checkpoint that was cosigned must be one of the log's, of a tree that the log had. */
function holdAgainst(
  one: CosignedCheckpoint,
  { logs, roots }: { readonly logs: readonly LogName[]; readonly roots: ReadonlyMap<number, Uint8Array> },
): void {
  const log = logs.find((known) => known.origin === one.origin);
  if (log === undefined) throw damaged(`one is of another log, ${one.origin}`);
  const [found, root] = [rootUnder(one, log), roots.get(one.size)];
  if (found === undefined) throw damaged("one is not signed by the log");
  if (root === undefined || !equalBytes(found, root))
    throw damaged(`the one of ${one.size} entries is of a tree that the backup's record does not have`);
}

function damaged(what: string, cause?: unknown): AppError {
  return new AppError(
    "damaged",
    `the backup's cosigned checkpoints (cosigned.tar) cannot be taken: ${what}. Without that file the backup is restored without them`,
    { cause },
  );
}
