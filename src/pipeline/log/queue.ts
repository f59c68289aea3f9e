import { AppError } from "../../core/errors.ts";
import type { Sealed } from "../record.ts";

/** How much may wait, how much one commit takes, and how long it is tried. Bytes are those of the encrypted contents. */
export interface LedgerLimits {
  readonly batchDocuments: number;
  readonly batchBytes: number;
  readonly queueDocuments: number;
  readonly queueBytes: number;
  /** How often one batch tries to be the next commit, against other processes on the same store. */
  readonly attempts: number;
}

export const LEDGER_LIMITS: LedgerLimits = { batchDocuments: 64, batchBytes: 32 << 20, queueDocuments: 1024, queueBytes: 512 << 20, attempts: 40 };

/** A document that waits for its commit, and whoever waits for it. */
export interface Waiting<Answer> {
  readonly document: Sealed;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (cause: unknown) => void;
}

/** The documents that wait for a commit, in order of arrival. */
export class CommitQueue<Answer> {
  readonly #limits: LedgerLimits;
  #waiting: Waiting<Answer>[] = [];
  #bytes = 0;

  constructor(limits: LedgerLimits) {
    this.#limits = limits;
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /** AppError `unavailable` when too much waits already. A single document always finds room. */
  push(entry: Waiting<Answer>): void {
    const bytes = this.#bytes + sizeOf(entry);
    if (this.#waiting.length >= this.#limits.queueDocuments || (!this.isEmpty && bytes > this.#limits.queueBytes))
      throw new AppError("unavailable", "too many deposits are waiting; try again in a few seconds");
    this.#waiting.push(entry);
    this.#bytes = bytes;
  }

  /**
   * The next batch: at least one document, no more than the limits, no two of one identity key. Whoever arrived with a key that is in the batch already
   * keeps waiting, and will find its twin stored.
   */
  take(): Waiting<Answer>[] {
    const batch: Waiting<Answer>[] = [];
    const left: Waiting<Answer>[] = [];
    const keys = new Set<string>();
    let bytes = 0;
    let isFull = false;
    for (const entry of this.#waiting) {
      isFull ||= batch.length >= this.#limits.batchDocuments || (batch.length > 0 && bytes + sizeOf(entry) > this.#limits.batchBytes);
      if (isFull || keys.has(entry.document.identityKey)) {
        left.push(entry);
        continue;
      }
      batch.push(entry);
      keys.add(entry.document.identityKey);
      bytes += sizeOf(entry);
    }
    this.#waiting = left;
    this.#bytes -= bytes;
    return batch;
  }
}

function sizeOf({ document }: { readonly document: Sealed }): number {
  return document.encryptedContent.length + document.encryptedEvidence.length;
}
