/** The log as it grows, for whoever follows it: what every entry says of itself in public, and nothing more. */
import type { Ledger } from "../../pipeline/log/ledger.ts";
import type { LogEntry, RecordStore } from "../../pipeline/store/record-store.ts";
import { parseCheckpoint } from "../../core/crypto/checkpoint.ts";

/** An entry as it is told: nothing of it is about a patient. */
export interface ToldEntry {
  readonly index: number;
  readonly kind: string;
  readonly id: string;
  /** Entries of the log with it. */
  readonly size: number;
}

export interface FollowLogNeeds {
  readonly ledger: Pick<Ledger, "checkpoint">;
  readonly store: Pick<RecordStore, "entries">;
}

/** Entries of the log that are told at once. */
const TOGETHER = 256;

export interface LogFollowing {
  /** Entries of the log now. */
  size(): Promise<number>;
  /** Entries from one on, as many as are told at once; none when there are no more yet. */
  entriesFrom(index: number): Promise<readonly ToldEntry[]>;
}

export function followLog({ ledger, store }: FollowLogNeeds): LogFollowing {
  const size = async (): Promise<number> => {
    const note = await ledger.checkpoint();
    return parseCheckpoint(note.slice(0, note.lastIndexOf("\n\n") + 1)).size;
  };
  return {
    size,
    entriesFrom: async (index) => {
      const end = await size();
      if (index >= end) return [];
      return (await store.entries(index, Math.min(TOGETHER, end - index))).map(told);
    },
  };
}

function told({ index, kind, id }: LogEntry): ToldEntry {
  return { index, kind, id, size: index + 1 };
}
