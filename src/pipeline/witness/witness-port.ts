import type { NoteVerifier } from "../../core/crypto/signed-note.ts";
import type { AddCheckpoint } from "../../core/formats/witness-messages.ts";

/** What a witness answered. `refused`: it gives none, and says why by a status of HTTP. */
export type WitnessAnswer =
  | { readonly kind: "cosigned"; readonly lines: string }
  | { readonly kind: "conflict"; readonly size: number }
  | { readonly kind: "refused"; readonly status: number };

/** A witness elsewhere (c2sp.org/tlog-witness). Nothing that it says is believed but what it, or our own log, signed. AppError `unavailable` when it does not answer. */
export interface WitnessPort {
  /** As the policy calls it. */
  readonly name: string;
  readonly verifier: NoteVerifier;
  add(request: AddCheckpoint): Promise<WitnessAnswer>;
  /** The newest checkpoint of a log that it cosigned, where it shows it; undefined where it does not. */
  shown(origin: string): Promise<string | undefined>;
}

/** A checkpoint with the cosignatures that it had at a time. */
export interface CosignedCheckpoint {
  /** Of the log: one that went on under another has trees of its own. */
  readonly origin: string;
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** A signed note: the log's signature, our own time and witnesses' cosignatures. */
  readonly note: string;
}

/**
 * Where cosigned checkpoints are kept, for all instances. Nothing is changed or removed. Not part of the record, but of backups and copies: each proves itself, and a witness may be asked again, so that
 * what is lost here is lost to later receipts alone. Failures are AppErrors `unavailable` or `internal`.
 */
export interface CosignedStore {
  /** Durable when it resolves. Another of the same size and time is left standing. */
  put(one: CosignedCheckpoint): Promise<void>;
  /** Of a log the one of the largest size, and of those the latest. */
  newest(origin: string): Promise<CosignedCheckpoint | undefined>;
  /**
   * Those of a log of a size and above: the smallest first, of one size the earliest; at most `count`.
   * @param at of the size itself only those of this time and later; all by default
   */
  from(origin: string, size: number, count: number, at?: number): Promise<CosignedCheckpoint[]>;
  close(): Promise<void>;
}
