import type { ResourceNumber } from "../resource-number.ts";

/** Something that happened to a resource (R4 http.html, history): it came with its document, or went with it; or its document was superseded, which it says since. */
export interface HistoryEvent {
  readonly kind: "created" | "superseded" | "deleted";
  /** Its place in the order of the log: that of a resource which was created is its own number. */
  readonly number: ResourceNumber;
  readonly type: string;
  readonly documentId: string;
  /** As in `resourceId`. */
  readonly path: string;
  /** An instant: when the entry was received. */
  readonly at: string;
}

/** Which events are wanted; absent: all. Times are in milliseconds since 1970. */
export interface HistoryTimes {
  /** `_since`: not before. */
  readonly since?: number;
  /** `_at`: what was current at some time from `low` to `high`, the latter excluded. */
  readonly at?: { readonly low: number; readonly high: number };
}

export interface HistoryQuestion {
  /** Undefined: the history of the whole service, which is that of its documents. */
  readonly type: string | undefined;
  readonly times: HistoryTimes;
  readonly count: number;
}

/** A page of a history, the newest first. */
export interface HistoryPage {
  readonly events: readonly HistoryEvent[];
  /** Entries of the log that it is as of. */
  readonly size: number;
  /** Entries of the log that the index has not taken in, and that a history by the index therefore does not tell of. */
  readonly missing: number;
  readonly next: { readonly size: number; readonly after: ResourceNumber } | undefined;
}
