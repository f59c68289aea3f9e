/** What commands tell of what they did, and of themselves. */
import type { CopiedTrail } from "../pipeline/backup/copy-trail.ts";
import type { TrailTally } from "../pipeline/trail/trail-store.ts";

/** Entries in a backup, those that are new in it, and its bytes. */
export interface BackedUp {
  readonly size: number;
  readonly added: number;
  readonly bytes: number;
  /** Checkpoints that witnesses cosigned since the last one. */
  readonly cosigned: number;
  /** Events of subscriptions since the last one. */
  readonly events: number;
  readonly trail: BackedUpTrail;
}

/** Batches of the audit trail in a backup, those that are new in it, those that waited in the spool of this machine, and the trail's bytes. */
export interface BackedUpTrail {
  readonly batches: number;
  readonly added: number;
  readonly spooled: number;
  readonly bytes: number;
}

/** What is in the audit trail, and how many batches wait in the spool of this machine. */
export interface TrailStats extends TrailTally {
  /** Batches of each log. */
  readonly logs: readonly { readonly log: string; readonly size: number }[];
  readonly spooled: number;
}

/** Days of the audit trail that need not be read any longer. */
export interface TrailRetention {
  /** The first day that is kept, `YYYY-MM-DD`. */
  readonly before: string;
  /** Earlier days whose keys are there. */
  due(): Promise<readonly string[]>;
  /** Destroys their keys, for ever. */
  end(days: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

/** What was restored. `withheld`: documents that were erased since the backup. */
export interface Restored {
  readonly size: number;
  readonly root: Uint8Array;
  readonly withheld: number;
  /** Checkpoints that witnesses cosigned. */
  readonly cosigned: number;
  /** Events of subscriptions. */
  readonly events: number;
  readonly trail: RestoredTrail;
}

/** What was restored of the audit trail. */
export interface RestoredTrail {
  /** Whether the backup has one: those of earlier versions do not. */
  readonly isKept: boolean;
  /** What there is now, verified; how many of them this run made, and how many of those are of days whose keys were destroyed. */
  readonly batches: number;
  readonly events: number;
  readonly added: number;
  readonly ended: number;
  /** Batches that wait in the spool again: the next start brings them in. */
  readonly spooled: number;
  /** What is missing by the marks beside the keys, a sentence for each log. */
  readonly lacking: readonly string[];
}

/** What was copied. `wasCopied`: an earlier run had come to its end. */
export interface Copied {
  readonly size: number;
  readonly root: Uint8Array;
  readonly closedAt: string;
  readonly to: string;
  readonly isFolder: boolean;
  readonly wasCopied: boolean;
  /** Undefined where the source has no audit trail. */
  readonly trail: CopiedTrail | undefined;
  /** Batches that wait in the spool of the source on this machine: they are in no trail yet. */
  readonly spooled: number;
}

/** Who is told how a rebuild goes on. */
export interface RebuildTold {
  onProgress(done: number, all: number): void;
  /** Told of each document that cannot be opened. */
  onFault(text: string): void;
}
