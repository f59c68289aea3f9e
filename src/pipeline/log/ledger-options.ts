import type { LogName } from "../../core/crypto/keys.ts";
import type { RecordStore } from "../store/record-store.ts";
import type { LedgerLimits } from "./queue.ts";
import type { Watermark } from "./watermark.ts";

/** What a ledger needs of the record. */
export type LedgerStore = Pick<
  RecordStore,
  "stage" | "discard" | "commit" | "checkpoint" | "nodes" | "entries" | "entry" | "claimed" | "closure" | "fault"
>;

export interface LedgerOptions {
  readonly limits?: LedgerLimits;
  /** Written after each commit and before its documents are acknowledged; without one an older copy of the store is noticed only while it runs. */
  readonly watermark?: Watermark | undefined;
  /** Logs of this repository that ended before this one began. */
  readonly pastLogs?: readonly LogName[];
}
