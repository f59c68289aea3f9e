import type { LogEntry, RecordStore } from "../../pipeline/store/record-store.ts";

/** What anybody may know of the log: entries, which say nothing of a patient, and the tree over them. */
export type PublicLog = Pick<RecordStore, "checkpoint" | "entries" | "nodes">;

/** One of its entries. */
export type PublicEntry = LogEntry;
