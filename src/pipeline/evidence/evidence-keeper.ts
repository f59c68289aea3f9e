/** Has the log time-stamped now and then, behind everything else: nothing and nobody waits for it. */
import { setTimeout as sleep } from "node:timers/promises";
import type { LogEntry, RecordStore } from "../store/record-store.ts";
import { isAboutTime, type EvidenceBook, type KnownEvidence } from "./evidence-book.ts";

/** Whose turn it is among several processes: advice and no lock (`followers/turn.ts`). */
export interface KeeperTurn {
  take(): Promise<boolean>;
  giveBack(): Promise<void>;
}

export interface EvidenceKeeping {
  readonly store: Pick<RecordStore, "checkpoint" | "entries">;
  readonly book: EvidenceBook;
  readonly turn: KeeperTurn;
  /** Milliseconds between two time-stamps of a log that grows. */
  readonly interval: number;
  /** Asks for one and enters it; undefined when there is none to be had, which was told. */
  stamp(): Promise<KnownEvidence | undefined>;
  /** Collects what tells of the certificates behind one, and enters it; done again until there is nothing left to be had. */
  collect(evidence: KnownEvidence): Promise<void>;
  /** Told of what fails, each thing once until it works again. */
  onFault(error: unknown): void;
  now?(): number;
}

const DAY = 24 * 3_600_000;
/** Looks are no further apart. Milliseconds. */
const LONGEST_PAUSE = 600_000;
/** A log that does not grow is stamped anew when what its newest time-stamp rests on ends within so many milliseconds, and that is so old. */
const ENDS_SOON = 180 * DAY;
const RENEWED_AFTER = 30 * DAY;
/** Behind a time-stamp stand at most itself, and what was collected about it. */
const OWN_ENTRIES = 3;

export class EvidenceKeeper {
  readonly #options: EvidenceKeeping;
  readonly #stopped = new AbortController();
  #running: Promise<void> | undefined;
  #told = "";

  constructor(options: EvidenceKeeping) {
    this.#options = options;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Finishes what is under way. */
  async close(): Promise<void> {
    this.#stopped.abort();
    await this.#running;
    await this.#options.turn.giveBack().catch(() => undefined);
  }

  /** Looks once: has the log stamped where that is due, and collects what the newest time-stamp lacks. */
  async round(): Promise<void> {
    const { book, turn, stamp, collect } = this.#options;
    const newest = await book.newest();
    const isDue = await this.#isDue(newest);
    if (!(await turn.take())) return;
    const last = isDue ? ((await stamp()) ?? newest) : newest;
    if (last !== undefined) await collect(last);
  }

  async #run(): Promise<void> {
    const { interval, onFault } = this.#options;
    const pause = Math.min(interval / 4, LONGEST_PAUSE);
    while (!this.#stopped.signal.aborted) {
      try {
        await this.round();
        this.#told = "";
      } catch (error) {
        const text = error instanceof Error ? error.message : "it failed";
        if (text !== this.#told) onFault(error);
        this.#told = text;
      }
      await sleep(pause, undefined, { ref: false, signal: this.#stopped.signal }).catch(() => undefined);
    }
  }

  async #isDue(newest: KnownEvidence | undefined): Promise<boolean> {
    const { store, interval } = this.#options;
    const size = (await store.checkpoint())?.size ?? 0;
    if (newest === undefined) return size > 0;
    const now = this.#options.now?.() ?? Date.now();
    const age = now - Date.parse(newest.stampedAt);
    if (age < interval) return false;
    if (age >= RENEWED_AFTER && Date.parse(newest.until) - now < ENDS_SOON) return true;
    const since = size > newest.index + OWN_ENTRIES ? undefined : await store.entries(newest.index, OWN_ENTRIES);
    return since === undefined || since.some(({ kind }: LogEntry) => !isAboutTime(kind));
  }
}
