import { AppError } from "../../core/errors.ts";
import type { Commit } from "./document-store.ts";

/**
 * Refuses a commit that no tree could come of: nothing in it, indexes that do not continue the tree, a position in another tree than the commit's, or two
 * documents of one id or identity key. AppError `internal`: whoever made it is wrong. For every adapter, before it writes anything.
 */
export function checkCommit({ entries = [], documents, previousSize, checkpoint }: Commit): void {
  const count = entries.length + documents.length;
  if (count === 0) throw fault("it holds nothing");
  if (checkpoint.size !== previousSize + count) throw fault("its checkpoint is of another size");
  documents.forEach(({ position }, at) => {
    if (position.index !== previousSize + entries.length + at) throw fault(`document ${at} does not stand at index ${previousSize + at}`);
    if (position.treeSize !== checkpoint.size || position.checkpoint !== checkpoint.note) throw fault(`document ${at} is proved in another tree`);
  });
  for (const name of ["id", "identityKey"] as const) {
    if (new Set(documents.map((document) => document[name])).size < documents.length) throw fault(`two documents have the same ${name}`);
  }
}

/** True when a place of the tree lies within its first `size` leaves, so that its hash is final. */
export function isComplete({ level, index }: { readonly level: number; readonly index: number }, size: number): boolean {
  return level >= 0 && index >= 0 && (index + 1) * 2 ** level <= size;
}

function fault(what: string): AppError {
  return new AppError("internal", `the commit is not well-formed: ${what}`);
}
