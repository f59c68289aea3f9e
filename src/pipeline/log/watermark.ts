/**
 * The high-water mark: the newest checkpoint of the log, kept apart from the store, so that an older copy of the store is noticed when it takes the store's place.
 * It says nothing about a copy of both; that only a witness elsewhere notices.
 */
import type { LogName } from "../../core/crypto/keys.ts";
import type { Checkpoint } from "../../core/crypto/checkpoint.ts";
import { knownLog, logOf, signedEver } from "../../core/crypto/log-keys.ts";
import { equalBytes } from "../../core/crypto/digest.ts";
import { consistencyProof, rootOf } from "../../core/crypto/merkle.ts";
import { verifyConsistency } from "../../core/crypto/merkle-verify.ts";
import { AppError } from "../../core/errors.ts";
import { isNewOrigin, parseNewOrigin } from "../../core/formats/new-origin.ts";
import type { RecordStore } from "../store/record-store.ts";

/** Where the mark is kept: one signed note. After a crash at any step it is the last or the one before; it is never half. */
export interface Watermark {
  /** The note that stands there; undefined when none was ever written. AppError `damaged` when there is something that is none of ours. */
  read(): Promise<string | undefined>;
  /**
   * Puts a note there; it is durable when this resolves. A note of the same log that is further is left standing (another process was quicker). Gives the one that
   * stands. AppError `unavailable` when it can't be written.
   */
  write(note: string): Promise<string>;
  /** Puts a note there, whatever stands: the first of a log under another origin. */
  begin(note: string): Promise<void>;
}

/** The note of the mark; undefined when there is none, and when what stands there is none of ours: then the reason is told. */
export async function readMarkOr(tell: (reason: string) => void, watermark: Watermark | undefined): Promise<string | undefined> {
  try {
    return await watermark?.read();
  } catch (cause) {
    if (!(cause instanceof AppError) || cause.code !== "damaged") throw cause;
    tell(cause.message);
    return undefined;
  }
}

/** The log as the store has it: its size, and whose it is. */
export interface LogHead {
  readonly size: number;
  readonly log: LogName;
  readonly pastLogs: readonly LogName[];
}

/**
 * Why the store's log cannot be what the mark was taken of: it is shorter, or is another tree. Undefined when it begins with the marked one: then nothing is missing, and
 * the mark may be brought forward. Read the mark first and the store's head after it: another process may commit between the two.
 *
 * @param what where else the checkpoint comes from, which is held against the store in the same way
 */
export async function contradiction(
  mark: string,
  head: LogHead,
  store: Pick<RecordStore, "nodes" | "entries">,
  what = "the mark",
): Promise<string | undefined> {
  const signer = logOf(mark, [head.log, ...head.pastLogs]);
  const marked = signer && signedEver(mark, knownLog(signer));
  if (signer === undefined || marked === undefined) return `${what} is not a checkpoint that this repository's log signed`;
  if (await isNamedByOrigin(mark, signer, head, store)) return undefined;
  if (marked.size > head.size)
    return `the log has ${head.size} entries and had ${marked.size}: the database is older than ${what}, and what was deposited since is not in it`;
  return (await beginsWith(marked, head.size, store))
    ? undefined
    : `the log's first ${marked.size} entries are not those that ${what} was taken of: the database holds another tree`;
}

/** Whether the tree of the mark is the beginning of the store's, by a consistency proof (RFC 6962 section 2.1.2). */
async function beginsWith({ size, root }: Checkpoint, newSize: number, store: Pick<RecordStore, "nodes">): Promise<boolean> {
  const fetch = (positions: readonly { readonly level: number; readonly index: number }[]): Promise<Uint8Array[]> => store.nodes(positions);
  // A proof from the empty tree says nothing, and its root is always the same.
  if (size === 0) return equalBytes(root, await rootOf(0, fetch));
  const proof = await consistencyProof(size, newSize, fetch);
  return verifyConsistency(size, root, newSize, await rootOf(newSize, fetch), proof);
}

/** Whether the log went on under another origin since, and its first entry names this mark of the one before. */
async function isNamedByOrigin(mark: string, signer: LogName, { size, log }: LogHead, store: Pick<RecordStore, "entries">): Promise<boolean> {
  if (signer.origin === log.origin) return false;
  for (let from = 0; from < size; from += PAGE)
    for (const { leaf, index } of await store.entries(from, PAGE)) {
      if (!isNewOrigin(leaf)) continue;
      const { previous } = parseNewOrigin(leaf, index);
      if (verifierKeys(signer).includes(previous.vkey)) return previous.mark === mark || previous.kept === mark;
    }
  return false;
}

function verifierKeys({ vkey, keys }: LogName): readonly string[] {
  return keys?.map((key) => key.vkey) ?? [vkey];
}

const PAGE = 1_000;
