import type { LogName } from "../../core/crypto/keys.ts";
import { AppError } from "../../core/errors.ts";
import type { RecordStore } from "../store/record-store.ts";
import type { LedgerLimits } from "./queue.ts";
import type { Watermark } from "./watermark.ts";

/** What a ledger needs of the record. */
export type LedgerStore = Pick<
  RecordStore,
  "stage" | "isFree" | "discard" | "commit" | "checkpoint" | "nodes" | "entries" | "entry" | "claimed" | "closure" | "fault"
>;

/** Keeps entries from being committed whose documents' keys were wrapped in an epoch of the master key that another one has followed. */
export interface KeyFence {
  /** The claims that nobody may bear when these are committed. */
  claimsAgainst(ids: readonly string[]): readonly string[];
  /** Wraps their keys anew, after somebody was found to bear one. AppError `unavailable` when that cannot be done. @param barring the claims of which one is borne, where that is known */
  renew(ids: readonly string[], barring?: readonly string[]): Promise<void>;
}

/** What is held by each of several. */
export function allFences(fences: readonly KeyFence[]): KeyFence {
  const claimsAgainst = (ids: readonly string[]): string[] => fences.flatMap((fence) => fence.claimsAgainst(ids));
  return {
    claimsAgainst,
    renew: async (ids, barring) => {
      for (const fence of fences) await fence.renew(ids);
      // The same would bar it again, however often it is tried.
      if (barring === undefined || claimsAgainst(ids).join() !== barring.join()) return;
      const text = `the database has a claim (one of ${barring.join(", ")}) that no entry of the log makes; \`chartulary audit\` names it`;
      throw new AppError("unavailable", `The repository takes no documents: ${text}`);
    },
  };
}

export interface LedgerOptions {
  readonly limits?: LedgerLimits;
  /** Written after each commit and before its documents are acknowledged; without one an older copy of the store is noticed only while it runs. */
  readonly watermark?: Watermark | undefined;
  /** Without one keys are of one epoch for ever. */
  readonly fence?: KeyFence | undefined;
  /** Logs of this repository that ended before this one began. */
  readonly pastLogs?: readonly LogName[];
}
