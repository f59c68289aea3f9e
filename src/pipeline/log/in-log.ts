/** Whether an entry stands in the tree that the log signed: by its leaf, the hashes beside it and the checkpoint's signature. What only the database says is believed in nothing. */
import type { Checkpoint } from "../../core/crypto/checkpoint.ts";
import { leafHash, inclusionProof } from "../../core/crypto/merkle.ts";
import { verifyInclusion } from "../../core/crypto/merkle-verify.ts";
import { logOf } from "../../core/crypto/log-keys.ts";
import type { LogName } from "../../core/crypto/keys.ts";
import { AppError } from "../../core/errors.ts";
import type { LogEntry, RecordStore } from "../store/record-store.ts";
import { openCheckpoint } from "./tree-head.ts";

/** The log that is, and those that ended before it began. */
export interface OwnLogs {
  readonly log: LogName;
  readonly pastLogs: readonly LogName[];
}

/** As `openCheckpoint` does. */
export type OpensCheckpoint = (note: string, log: LogName) => Checkpoint;

/**
 * Holds an entry against a checkpoint of a tree that it is in.
 *
 * @param note the signed note, as it is stored
 * @param open what it says, for whoever remembers that
 * @throws AppError `damaged` when the leaf, a hash or the checkpoint is not what was committed
 */
export async function holdAgainstLog(
  { leaf, index }: Pick<LogEntry, "leaf" | "index">,
  note: string,
  { log, pastLogs }: OwnLogs,
  store: Pick<RecordStore, "nodes">,
  open: OpensCheckpoint = openCheckpoint,
): Promise<void> {
  const signer = logOf(note, [log, ...pastLogs]);
  if (signer === undefined) throw new AppError("damaged", "a checkpoint is stored of a log that is none of ours");
  const { size, root } = open(note, signer);
  const proof = index < size ? await inclusionProof(index, size, (places) => store.nodes(places)) : undefined;
  if (proof === undefined || !verifyInclusion(leafHash(leaf), index, size, proof, root))
    throw new AppError("damaged", `entry ${index} of the log is not what was committed: its leaf is not in the tree that the log signed`);
}

/** The same under the checkpoint of the entry's own commit, as it is stored. AppError `damaged`. */
export async function holdInOwnTree(
  entry: Pick<LogEntry, "leaf" | "index" | "treeSize">,
  logs: OwnLogs,
  store: Pick<RecordStore, "nodes" | "checkpoint">,
): Promise<void> {
  const { index, treeSize } = entry;
  const own = await store.checkpoint(treeSize);
  if (own === undefined) throw new AppError("damaged", `the checkpoint of entry ${index} is missing`);
  await holdAgainstLog(entry, own.note, logs, store);
}

/** Why something is not what was committed, in words; undefined when it is. @param again tried once before that is said: another process may sign by a key that was not seen here yet */
export async function faultOf(hold: () => Promise<void>, again?: () => Promise<void>): Promise<string | undefined> {
  try {
    await hold();
    return undefined;
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "damaged") throw error;
    if (again === undefined) return error.message;
    await again();
    return faultOf(hold);
  }
}

export interface SpotCheckOptions extends OwnLogs {
  readonly store: Pick<RecordStore, "checkpoint" | "nodes" | "entries">;
  /** Whether a document's key is there, or the log says that it was erased. */
  isKeyInOrder(documentId: string): Promise<boolean>;
}

/** What a look found. `log`: the log is not what was signed. `key`: a document cannot be opened any more, and the log does not say why. */
export interface SpotFault {
  readonly kind: "log" | "key";
  readonly text: string;
}

/** Looks at entries by their indexes, all at once: an engine is waited for a few times, not a few times for each. Gives of each what is wrong with it. AppError `unavailable` when the store does not answer. */
export function checkEntries(
  indexes: readonly number[],
  note: string,
  options: SpotCheckOptions,
): Promise<{ readonly index: number; readonly fault: SpotFault | undefined }[]> {
  return Promise.all(indexes.map(async (index) => ({ index, fault: await checkEntry(index, note, options) })));
}

async function checkEntry(index: number, note: string, options: SpotCheckOptions): Promise<SpotFault | undefined> {
  const { store, isKeyInOrder } = options;
  try {
    const [entry] = await store.entries(index, 1);
    if (entry?.index !== index) return { kind: "log", text: `entry ${index} of the log is not there` };
    await holdAgainstLog(entry, note, options, store);
    if (entry.kind !== "deposit" || (await isKeyInOrder(entry.id))) return undefined;
    return { kind: "key", text: `the key of document ${entry.id} (entry ${index}) is not there, and the log does not say that it was erased` };
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "damaged") throw error;
    return { kind: "log", text: error.message };
  }
}

/** The last entries of a log of so many, and as many more anywhere in it, by their indexes. */
export function indexesToCheck(size: number, tail: number, elsewhere: number): number[] {
  const last = Array.from({ length: Math.min(tail, size) }, (_, at) => size - 1 - at);
  const others = size === 0 ? [] : Array.from({ length: elsewhere }, () => Math.floor(Math.random() * size));
  return [...new Set([...last, ...others])];
}
