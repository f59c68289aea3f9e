import { AppError } from "../../core/errors.ts";
import type { NodePosition } from "../../core/crypto/merkle.ts";
import type { Commit, NewEntry } from "./record-store.ts";

/** A claim's key stands in the key of a row or document of every engine. */
const LONGEST_CLAIM = 256;
const LARGEST_CLAIM = 64 * 1024;

/**
 * Refuses a commit that no tree could come of: nothing in it, one id twice, a checkpoint of another size, a node outside of its tree. AppError `internal`: whoever made
 * it is wrong. For every adapter, before it writes anything.
 */
export function checkCommit({ ids, previousSize, nodes, checkpoint }: Commit): void {
  if (ids.length === 0) throw fault("it holds no entry");
  if (new Set(ids).size < ids.length) throw fault("it names one entry twice");
  if (checkpoint.size !== previousSize + ids.length) throw fault("its checkpoint is of another size");
  if (nodes.some((node) => !isComplete(node, checkpoint.size) || isComplete(node, previousSize)))
    throw fault("it holds a node that it does not complete");
}

/** Refuses entries that cannot be committed together because two bear one claim. AppError `internal`. */
export function checkClaims(entries: readonly NewEntry[]): void {
  const keys = entries.flatMap(({ claims }) => claims.map(({ key }) => key));
  if (new Set(keys).size < keys.length) throw fault("two entries bear the same claim");
}

/** Refuses an entry that no engine could keep, or that is another than the one staged before under its id. AppError `internal`. */
export function checkEntry(entry: NewEntry, before: NewEntry | undefined): void {
  if (before && !isSameEntry(entry, before)) throw new AppError("internal", `another entry was staged under the id ${entry.id}`);
  for (const { key, value } of entry.claims)
    if (key.length > LONGEST_CLAIM || value.length > LARGEST_CLAIM) throw new AppError("internal", "a claim is larger than a claim may be");
}

/** True when a place of the tree lies within its first `size` leaves, so that its hash is final. */
export function isComplete({ level, index }: NodePosition, size: number): boolean {
  return level >= 0 && index >= 0 && (index + 1) * 2 ** level <= size;
}

/** The leaf says what the entry is: it has the digests of all parts. */
function isSameEntry(one: NewEntry, other: NewEntry): boolean {
  return one.kind === other.kind && one.documentId === other.documentId && Buffer.from(one.leaf).equals(other.leaf);
}

function fault(what: string): AppError {
  return new AppError("internal", `the commit is not well-formed: ${what}`);
}
