/** A checkpoint by a key that was ended proves nothing any more: what stands in its tree is proved under one that a later key signed. */
import type { LogName } from "../../core/crypto/keys.ts";
import { knownLog, logOf, openedUnder, type LogSignature } from "../../core/crypto/log-keys.ts";
import { AppError } from "../../core/errors.ts";
import type { LogEntry, RecordStore, StoredCheckpoint } from "../store/record-store.ts";
import { holdAgainstLog, type OpensCheckpoint, type OwnLogs } from "./in-log.ts";
import { logKeyEntries } from "./log-keys.ts";

export type { OwnLogs } from "./in-log.ts";

/** The checkpoint itself, where it counts; else the first of a later tree that does, which is the same whenever it is asked for. */
export async function countingCheckpoint(
  given: StoredCheckpoint,
  logs: OwnLogs | undefined,
  store: Pick<RecordStore, "claimed" | "checkpoint">,
): Promise<StoredCheckpoint> {
  const log = logs && logOf(given.note, [logs.log, ...logs.pastLogs]);
  if (log === undefined || signedAs(given.note, log) !== "ended") return given;
  for (const { entry } of await logKeyEntries(store)) {
    const later = entry.treeSize < given.size ? undefined : await store.checkpoint(entry.treeSize);
    if (later !== undefined && signedAs(later.note, log) === "signed") return later;
  }
  return given;
}

/** Holds an entry against the checkpoint of its commit, or the one that counts in its place. AppError `damaged`. @param open as of `holdAgainstLog` */
export async function holdCounting(
  entry: Pick<LogEntry, "leaf" | "index">,
  { treeSize, checkpoint }: { readonly treeSize: number; readonly checkpoint: string },
  logs: OwnLogs,
  store: Pick<RecordStore, "claimed" | "checkpoint" | "nodes">,
  open?: OpensCheckpoint,
): Promise<void> {
  const { note } = await countingCheckpoint({ size: treeSize, note: checkpoint }, logs, store);
  await holdAgainstLog(entry, note, logs, store, open);
}

function signedAs(note: string, log: LogName): LogSignature {
  // Of most logs no key was ever ended.
  if (log.keys?.some(({ ended }) => ended) !== true) return "signed";
  try {
    return openedUnder(note, knownLog(log)).signed;
  } catch (error) {
    if (error instanceof AppError) return "unsigned";
    throw error;
  }
}
