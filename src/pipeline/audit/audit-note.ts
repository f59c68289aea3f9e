import type { LogName } from "../../core/crypto/keys.ts";
import { parseCheckpoint } from "../../core/crypto/checkpoint.ts";
import { equalBytes } from "../../core/crypto/digest.ts";
import { faultOfSignature, knownLog, logOf, openedUnder, signedEver, type KnownLog } from "../../core/crypto/log-keys.ts";
import { AppError } from "../../core/errors.ts";

/** A checkpoint as it is stored, and the root of the tree of its size as it was made from the entries. */
export interface NoteToAudit {
  readonly size: number;
  readonly note: string;
}

/** What is wrong with a checkpoint but its root, in words. That a key was ended says nothing against what the record has: the root is made again from its entries. */
export function faultOfNote({ size, note }: NoteToAudit, logs: readonly KnownLog[]): string | undefined {
  try {
    const log = logOf(note, logs);
    if (log === undefined) return "is of a log that is none of the repository's";
    const { checkpoint, signed } = openedUnder(note, log);
    const fault = signed === "ended" ? undefined : faultOfSignature(signed);
    if (fault !== undefined) return fault;
    return checkpoint.size === size ? undefined : `says that it is of ${checkpoint.size}`;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return "cannot be read";
  }
}

/** Whether a checkpoint has this root, whoever signed it; false also when it can't be read. */
export function hasRoot(note: string, root: Uint8Array): boolean {
  try {
    return equalBytes(parseCheckpoint(note.slice(0, note.indexOf("\n\n") + 1)).root, root);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return false;
  }
}

/** Whether a checkpoint says that it is of the size that it is stored as, whoever signed it. */
export function hasSize({ size, note }: NoteToAudit): boolean {
  return note.split("\n", 2)[1] === String(size);
}

/** A checkpoint that somebody holds. AppError `invalid` when no log of this repository signed it. */
export function heldCheckpoint(note: string, logs: readonly LogName[]): { readonly size: number; readonly root: Uint8Array } {
  const log = logOf(note, logs);
  if (log === undefined) throw new AppError("invalid", "the checkpoint to audit against is of another log than this repository's");
  const held = signedEver(note, knownLog(log));
  if (held === undefined) throw new AppError("invalid", "the checkpoint to audit against does not bear the log's signature");
  return held;
}
