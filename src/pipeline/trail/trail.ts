/**
 * The audit trail as it is written: what is told while a batch is being written makes up the next one. Events are encrypted under the day's key and appended as one leaf of this instance's audit log, with one wait for the disk. Whoever
 * records them waits until that is done. Where the trail cannot be written they are kept, encrypted, in a spool on this machine, and brought into the trail as soon as it can be.
 */
import { randomUUID } from "node:crypto";
import type { Keys } from "../../core/crypto/keys.ts";
import { digestOf } from "../../core/crypto/digest.ts";
import { closeEnvelope } from "../../core/envelope.ts";
import { AppError } from "../../core/errors.ts";
import { formatBatchLeaf, formatEvents, parseEvents, type NewTrailEvent, type TrailEvent } from "../../core/formats/audit-trail.ts";
import { boundToBatch } from "./open-batch.ts";
import { TrailCounts } from "./trail-counts.ts";
import { TrailKeys } from "./trail-keys.ts";
import { TrailLog } from "./trail-log.ts";
import type { TrailSpool } from "./trail-spool.ts";
import type { TrailStore } from "./trail-store.ts";
import { batchWord, eventId, wordsOf } from "./trail-words.ts";

/** Milliseconds. An append that takes longer is given up and spooled; while the trail fails it is tried again so often. */
const APPEND_LIMIT = 3_000;
const RETRY = 2_000;
/** Events in one batch, and events that may wait: beyond that nobody writes them down. */
const MOST_IN_BATCH = 1_000;
const MOST_WAITING = 20_000;

export interface TrailOptions {
  readonly store: TrailStore;
  readonly spool: TrailSpool;
  readonly keys: Pick<Keys, "audit" | "wrap" | "unwrap">;
  /** The name of this instance's audit log. */
  readonly log: string;
  /** Told of each checkpoint that was written; not waited for. */
  readonly onCheckpoint?: (note: string) => void;
  /** Told why events are spooled, and once more (undefined) when the trail is written again. */
  readonly onFault: (error: unknown) => void;
}

/** Where events are told. */
export interface Recording {
  /** Resolves when they are durable. AppError `unavailable` when they are not: then nothing that they tell of may leave. */
  record(events: readonly NewTrailEvent[]): Promise<void>;
}

interface Waiting {
  readonly events: readonly NewTrailEvent[];
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

export class Trail implements Recording {
  /** What this process wrote. */
  readonly counts = new TrailCounts();
  readonly #options: TrailOptions;
  readonly #dayKeys: TrailKeys;
  readonly #log: TrailLog;
  #waiting: Waiting[] = [];
  #waitingEvents = 0;
  #flushing: Promise<void> | undefined;
  #failedAt = -Infinity;
  #spooled = 0;
  #drainTimer: NodeJS.Timeout | undefined;
  /** Of those that wait: they were told of, and are not tried again. */
  readonly #unreadable = new Set<string>();
  #isClosed = false;

  private constructor(options: TrailOptions) {
    this.#options = options;
    this.#dayKeys = new TrailKeys(options.keys, options.store);
    this.#log = new TrailLog(options.log, options.store, options.keys.audit);
  }

  /** Brings into the trail what waits in the spool. AppError `damaged` when the log was changed; a store that cannot be reached is no reason not to start. */
  static async open(options: TrailOptions): Promise<Trail> {
    const trail = new Trail(options);
    try {
      await trail.#log.open();
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== "unavailable") throw error;
      trail.#fail(error);
    }
    trail.#spooled = (await options.spool.waiting()).length;
    await trail.#drain();
    return trail;
  }

  /** Batches that wait in the spool. */
  get spooled(): number {
    return this.#spooled;
  }

  /** Batches in the trail of this instance's log, as far as it was looked at. */
  get size(): number {
    return this.#log.size;
  }

  record(events: readonly NewTrailEvent[]): Promise<void> {
    if (events.length === 0) return Promise.resolve();
    if (this.#isClosed || this.#waitingEvents + events.length > MOST_WAITING)
      return Promise.reject(new AppError("unavailable", "What is read cannot be written down at this moment; try again in a moment."));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ events, resolve, reject });
      this.#waitingEvents += events.length;
      this.#flushing ??= this.#flush();
    });
  }

  /** Writes what waits. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#drainTimer);
    await this.#flushing;
  }

  async #flush(): Promise<void> {
    // Whoever else is answered in this turn of the loop goes into the same batch; to wait longer would only leave the processor idle while answers are held back.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#waiting.length > 0) {
      const batch = this.#next();
      const events = batch.flatMap((one) => one.events);
      try {
        await this.#write(events);
        for (const { resolve } of batch) resolve();
      } catch (cause) {
        const error = new AppError("unavailable", "What is read cannot be written down at this moment; try again in a moment.", { cause });
        for (const { reject } of batch) reject(error);
      }
    }
    this.#flushing = undefined;
  }

  /** Those that come first, as many as go into one batch; the events of one request stay together. */
  #next(): Waiting[] {
    let count = 0;
    const upTo = this.#waiting.findIndex(({ events }) => (count += events.length) > MOST_IN_BATCH);
    const batch = this.#waiting.splice(0, upTo < 0 ? Infinity : Math.max(1, upTo));
    this.#waitingEvents -= batch.reduce((sum, { events }) => sum + events.length, 0);
    return batch;
  }

  async #write(told: readonly NewTrailEvent[]): Promise<void> {
    const id = randomUUID();
    const events = told.map((event, n) => ({ ...event, id: eventId(id, n) }));
    const begun = performance.now();
    const where = await this.#keep(id, events).catch((error: unknown) => {
      this.counts.batch("failed");
      throw error;
    });
    this.counts.batch(where);
    this.counts.durable(events, (performance.now() - begun) / 1_000);
  }

  async #keep(id: string, events: readonly TrailEvent[]): Promise<"written" | "spooled"> {
    if (performance.now() - this.#failedAt > RETRY) {
      try {
        await within(APPEND_LIMIT, this.#append(id, events));
        // What waits in the spool is no fault of the trail's any more once it takes events again.
        this.#recover();
        return "written";
      } catch (error) {
        this.#fail(error);
      }
    }
    const { spool, keys } = this.#options;
    await spool.keep(id, keys.audit.closeSpooled(formatEvents(events), id));
    this.#spooled += 1;
    this.#drainLater();
    return "spooled";
  }

  /** @param mayBeThere whether another may have written it already: it is looked for before it is written. False when it was there. */
  async #append(id: string, events: readonly TrailEvent[], mayBeThere = false): Promise<boolean> {
    const { keys, log, onCheckpoint } = this.#options;
    const at = new Date().toISOString();
    const day = at.slice(0, 10);
    const sealed = closeEnvelope(formatEvents(events), await this.#dayKeys.toWrite(day, log), "audit", boundToBatch(log, id));
    const leaf = formatBatchLeaf({ id, at, day, events: events.length, sealedDigest: digestOf(sealed) });
    const times = events.map((event) => event.at).sort();
    const words = new Set([batchWord(id), ...events.flatMap(wordsOf)]);
    const tokens = [...words].map((word) => keys.audit.tokenOf(word));
    const [from = at, to = at] = [times[0], times.at(-1)];
    const appended = await this.#log.append(
      { log, from, to, day, events: events.length, leaf, sealed, tokens },
      { identity: keys.audit.tokenOf(batchWord(id)), mayBeThere },
    );
    if (appended) onCheckpoint?.(appended.note);
    return appended !== undefined;
  }

  #recover(): void {
    if (this.#failedAt === -Infinity) return;
    this.#failedAt = -Infinity;
    this.#options.onFault(undefined);
  }

  #fail(error: unknown): void {
    const isFirst = this.#failedAt === -Infinity;
    this.#failedAt = performance.now();
    if (isFirst) this.#options.onFault(error);
  }

  #drainLater(): void {
    if (this.#isClosed || this.#drainTimer) return;
    this.#drainTimer = setTimeout(() => {
      this.#drainTimer = undefined;
      void this.#drain();
    }, RETRY);
    this.#drainTimer.unref();
  }

  /** Brings what was spooled into the trail, once each: a batch whose append was given up may have been written after all, and another process may bring it in at the same moment. */
  async #drain(): Promise<void> {
    const { spool } = this.#options;
    try {
      let isReached = false;
      for (const id of await spool.waiting()) {
        const events = await this.#spooledEvents(id);
        if (!events) continue;
        if (await this.#append(id, events, true)) this.counts.batch("brought-in");
        isReached = true;
        await spool.drop(id);
      }
      this.#spooled = (await spool.waiting()).length;
      if (isReached) this.#recover();
    } catch (error) {
      this.#fail(error);
    }
    if (this.#spooled > this.#unreadable.size) this.#drainLater();
  }

  /** What waits under an id; undefined where nothing does any more, or a crash left half of it: then nobody was answered, and it stays for whoever wants to look. */
  async #spooledEvents(id: string): Promise<TrailEvent[] | undefined> {
    const { spool, keys, onFault } = this.#options;
    if (this.#unreadable.has(id)) return undefined;
    const kept = await spool.read(id);
    try {
      return kept && parseEvents(keys.audit.openSpooled(kept, id));
    } catch (error) {
      this.#unreadable.add(id);
      onFault(error);
      return undefined;
    }
  }
}

function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  work.catch(() => undefined);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new AppError("unavailable", "the audit trail did not answer in time")), milliseconds);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
