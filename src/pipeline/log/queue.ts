import { AppError } from "../../core/errors.ts";
import type { NewEntry } from "../store/record-store.ts";

/** How much may wait, how much one commit takes, and how long it is tried. Bytes are those of what is staged. */
export interface LedgerLimits {
  readonly batchEntries: number;
  readonly batchBytes: number;
  readonly queueEntries: number;
  readonly queueBytes: number;
  /** How often one batch tries to be the next commit, against other processes on the same store. */
  readonly attempts: number;
  /** How long one commit is tried, in milliseconds. */
  readonly patience: number;
}

export const LEDGER_LIMITS: LedgerLimits = {
  batchEntries: 64,
  batchBytes: 32 << 20,
  queueEntries: 1024,
  queueBytes: 512 << 20,
  attempts: 40,
  patience: 20_000,
};

/** Entries that enter the log together or not at all; at least one. */
export type Unit = readonly [NewEntry, ...NewEntry[]];

/**
 * Whether a unit may be entered in a log of so many entries. It is asked at the size that the commit is made upon, and whoever enters anything else moves that size: so what it looked at cannot
 * change between. Everybody waits for it.
 */
export type UnitCondition = (size: number) => Promise<boolean>;

/** An entry that waits for its commit: without its parts, which an engine may have moved away when they were staged. */
export interface WaitingEntry extends Omit<NewEntry, "content" | "evidence"> {
  readonly contentBytes: number;
  readonly bytes: number;
}

export type WaitingUnit = readonly [WaitingEntry, ...WaitingEntry[]];

/** What is left of a unit when its parts are taken. */
export function waitingUnit([first, ...others]: Unit): WaitingUnit {
  return [waitingEntry(first), ...others.map(waitingEntry)];
}

function waitingEntry({ content, evidence, ...entry }: NewEntry): WaitingEntry {
  const contentBytes = content?.length ?? 0;
  return { ...entry, contentBytes, bytes: contentBytes + (evidence?.length ?? 0) };
}

/** A unit that waits for its commit, and whoever waits for it. */
export interface Waiting<Answer> {
  readonly unit: WaitingUnit;
  readonly condition?: UnitCondition | undefined;
  /** How long its commit is tried, where that is less than any other's: milliseconds. Of a unit with a condition, which goes alone. */
  readonly patience?: number | undefined;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (cause: unknown) => void;
}

/** The units that wait for a commit, in order of arrival. One is taken once it is staged. */
export class CommitQueue<Answer> {
  readonly #limits: LedgerLimits;
  #waiting: { readonly one: Waiting<Answer>; isStaged: boolean }[] = [];
  #entries = 0;
  #bytes = 0;

  constructor(limits: LedgerLimits) {
    this.#limits = limits;
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /** Whether there is something to take. */
  get isReady(): boolean {
    return this.#waiting.some(({ isStaged }) => isStaged);
  }

  /** AppError `unavailable` when too much waits already. A single unit always finds room. */
  push(one: Waiting<Answer>): void {
    const isRoom = this.#entries + one.unit.length <= this.#limits.queueEntries && this.#bytes + bytesOf(one.unit) <= this.#limits.queueBytes;
    if (!isRoom && !this.isEmpty) throw new AppError("unavailable", "too many deposits are waiting; try again in a few seconds");
    this.#waiting.push({ one, isStaged: false });
    this.#count(one, 1);
  }

  /** Says that a unit is staged. */
  ready(one: Waiting<Answer>): void {
    for (const waiting of this.#waiting) if (waiting.one === one) waiting.isStaged = true;
  }

  /** Lets go of a unit. */
  remove(one: Waiting<Answer>): void {
    const left = this.#waiting.filter((waiting) => waiting.one !== one);
    if (left.length < this.#waiting.length) this.#count(one, -1);
    this.#waiting = left;
  }

  /**
   * The next batch of what is staged: at least one unit, no more than the limits, no two of one claim. Whoever arrived with a claim that is in the batch already
   * keeps waiting, and will find it taken. A unit with a condition goes alone: what else is in its commit might be what its condition is about.
   */
  take(): Waiting<Answer>[] {
    const batch: Waiting<Answer>[] = [];
    const claims = new Set<string>();
    let [entries, bytes] = [0, 0];
    for (const { one, isStaged } of this.#waiting) {
      if (!isStaged) continue;
      const isFull = entries + one.unit.length > this.#limits.batchEntries || bytes + bytesOf(one.unit) > this.#limits.batchBytes;
      if (batch.length > 0 && (isFull || one.condition !== undefined)) break;
      const keys = claimsOf(one.unit);
      if (keys.some((key) => claims.has(key))) continue;
      batch.push(one);
      for (const key of keys) claims.add(key);
      entries += one.unit.length;
      bytes += bytesOf(one.unit);
      if (one.condition !== undefined) break;
    }
    for (const one of batch) this.remove(one);
    return batch;
  }

  #count({ unit }: Waiting<Answer>, sign: 1 | -1): void {
    this.#entries += sign * unit.length;
    this.#bytes += sign * bytesOf(unit);
  }
}

/** The keys that a unit claims. */
export function claimsOf(unit: WaitingUnit): string[] {
  return unit.flatMap(({ claims }) => claims.map(({ key }) => key));
}

function bytesOf(unit: WaitingUnit): number {
  return unit.reduce((sum, { bytes }) => sum + bytes, 0);
}
