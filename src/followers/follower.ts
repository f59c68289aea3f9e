import { setTimeout as sleep } from "node:timers/promises";
import type { LogEntry } from "../pipeline/store/record-store.ts";
import type { FollowerPositions } from "./position-port.ts";

/** What a log holds that is followed: entries of the record's, or of another one. */
export type Followed = Pick<LogEntry, "index" | "id" | "documentId">;

/** What a follower does about one entry. */
export interface Deed<Opened, Entry extends Followed = LogEntry> {
  readonly entry: Entry;
  /** Names the deed for ever: the follower's name and the entry's place. The same deed may be done twice, and must come to the same as once. */
  readonly key: string;
  /** The entry's document, opened once for all followers. Rejects when it was erased or is damaged. */
  open(): Promise<Opened>;
}

export interface FollowerOptions<Opened, Entry extends Followed = LogEntry> {
  /** Of the follower, for ever: its position is saved under it. */
  readonly name: string;
  /** Of this process, unique among all that share the log. */
  readonly holder: string;
  readonly log: { size(): Promise<number>; entries(from: number, count: number): Promise<Entry[]> };
  readonly positions: FollowerPositions;
  open(id: string): Promise<Opened>;
  /** Which entries there is something to do about; all by default. */
  concerns?(entry: Entry): boolean;
  act(deed: Deed<Opened, Entry>): Promise<void>;
  /** Does what there is to do about several entries that follow each other at once, in the place of `act`: the position moves past all of them together. */
  actOnAll?(entries: readonly Entry[]): Promise<void>;
  /** Where a follower begins that has never run: at the log's end, or at its beginning. */
  readonly beginsAt: "end" | "beginning";
  /** `pass`: a deed that fails is left undone. `retry`: it is done again, later and later, and nothing after it before. */
  readonly onFailure: "pass" | "retry";
  /** A follower that is further behind passes over the oldest. Unlimited by default. */
  readonly mostBehind?: number;
  /** Works only when it was not woken for so long, in milliseconds: whatever wakes it goes first. Default 0. */
  readonly quiet?: number;
  /** For so long at most whatever wakes it goes first, in milliseconds: who has not caught up by then works on until that is done. Unlimited by default. */
  readonly putOffFor?: number;
  /** Told of whatever fails. */
  onFault(error: unknown, entry?: Entry): void;
  /** How often it looks for entries that other processes made, in milliseconds. */
  readonly poll?: number;
  /** How long nobody goes on when the process that works dies, at most, in milliseconds. Default half a minute. */
  readonly lease?: number;
}

const POLL = 5_000;
/** How long a lease is good for; it is taken again when half of it has run. */
const LEASE = 30_000;
const BATCH = 64;
const LONGEST_PAUSE = 60_000;

const WOKEN = "woken";

/**
 * Follows the log with a saved position: woken by commits, it does its deed about each entry in order, once or more often, never leaving one out (unless `pass` or
 * `mostBehind` allow it). Of several instances the one that holds the lease works; when it dies, another goes on where its position stands.
 */
export class Follower<Opened, Entry extends Followed = LogEntry> {
  readonly #options: FollowerOptions<Opened, Entry>;
  readonly #stopped = new AbortController();
  #lastWoken = -Infinity;
  /** When there was nothing to do, or nothing for us. */
  #lastDone = performance.now();
  #leasedUntil = 0;
  #wakeUp: () => void = () => undefined;
  #isWoken = false;
  #running: Promise<void> | undefined;

  constructor(options: FollowerOptions<Opened, Entry>) {
    this.#options = options;
  }

  /** Begins to follow. */
  start(): void {
    this.#running ??= this.#run();
  }

  /** Says that the log has grown. Returns at once. */
  wake(): void {
    this.#lastWoken = performance.now();
    this.#isWoken = true;
    this.#wakeUp();
  }

  /** Finishes the deed that runs, and gives the lease back. */
  async close(): Promise<void> {
    this.#stopped.abort();
    this.#wakeUp();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { positions, name, holder, onFault, poll = POLL } = this.#options;
    for (let failures = 0; !this.#stopped.signal.aborted;) {
      this.#isWoken = false;
      try {
        await this.#catchUp();
        failures = 0;
        await this.#rest(poll);
      } catch (error) {
        onFault(error);
        await this.#pause(Math.min(2 ** failures++ * 100, LONGEST_PAUSE));
      }
    }
    await positions.release(name, holder).catch(() => undefined);
  }

  /** Does what is to be done up to the log's end. */
  async #catchUp(): Promise<void> {
    const { log, positions, name, holder, beginsAt, mostBehind = Infinity, concerns = () => true } = this.#options;
    const size = await log.size();
    let position = (await positions.read(name))?.position;
    if (position === undefined) {
      await positions.begin(name, beginsAt === "end" ? size : 0);
      position = (await positions.read(name))?.position ?? 0;
    }
    if (position >= size || !(await this.#hold())) {
      this.#lastDone = performance.now();
      return;
    }
    if (size - position > mostBehind) {
      if (!(await positions.move(name, holder, { from: position, to: size - mostBehind, now: Date.now() }))) return;
      position = size - mostBehind;
    }
    const entries = await log.entries(position, BATCH);
    if (this.#options.actOnAll) return this.#catchUpTogether(position, entries);
    for (const entry of entries) {
      // What is of no concern is passed over together with what follows.
      if (!concerns(entry) && entry !== entries.at(-1)) continue;
      await this.#untilQuiet();
      if (this.#stopped.signal.aborted || !(await this.#hold())) return;
      if (concerns(entry)) await this.#do(entry);
      // Somebody else has gone on from here: look again where.
      if (!(await positions.move(name, holder, { from: position, to: entry.index + 1, now: Date.now() }))) {
        this.#leasedUntil = 0;
        break;
      }
      position = entry.index + 1;
    }
    // There may be more by now; the next round looks.
    this.#isWoken = true;
  }

  /** The same of entries that are done together. */
  async #catchUpTogether(position: number, entries: readonly Entry[]): Promise<void> {
    const { actOnAll, positions, name, holder, concerns = () => true } = this.#options;
    const last = entries.at(-1);
    if (last === undefined || this.#stopped.signal.aborted) return;
    const concerning = entries.filter((entry) => concerns(entry));
    if (concerning.length > 0) await actOnAll?.(concerning);
    if (!(await positions.move(name, holder, { from: position, to: last.index + 1, now: Date.now() }))) this.#leasedUntil = 0;
    this.#isWoken = true;
  }

  async #do(entry: Entry): Promise<void> {
    const { name, act, open, onFailure, onFault } = this.#options;
    const deed = { entry, key: `${name}/${entry.index}`, open: () => open(entry.documentId ?? entry.id) };
    try {
      await act(deed);
    } catch (error) {
      if (onFailure === "retry") throw error;
      onFault(error, entry);
    }
  }

  /** Takes the lease, or keeps it. */
  async #hold(): Promise<boolean> {
    const now = Date.now();
    const { positions, name, holder, lease = LEASE } = this.#options;
    if (this.#leasedUntil - now > lease / 2) return true;
    const isHeld = await positions.lease(name, holder, { now, until: now + lease });
    this.#leasedUntil = isHeld ? now + lease : 0;
    return isHeld;
  }

  async #untilQuiet(): Promise<void> {
    const { quiet = 0, putOffFor = Infinity } = this.#options;
    for (let early = quiet; early > 0 && !this.#stopped.signal.aborted;) {
      const now = performance.now();
      early = Math.min(this.#lastWoken + quiet, this.#lastDone + putOffFor) - now;
      if (early > 0) await this.#pause(early);
    }
  }

  /** Waits until it is woken, or for so long. */
  async #rest(longest: number): Promise<void> {
    const awake = new AbortController();
    // A reason of our own: without one an error is made each time, with its stack.
    this.#wakeUp = () => awake.abort(WOKEN);
    if (this.#isWoken || this.#stopped.signal.aborted) return;
    await sleep(longest, undefined, { ref: false, signal: awake.signal }).catch(() => undefined);
  }

  async #pause(milliseconds: number): Promise<void> {
    await sleep(milliseconds, undefined, { ref: false, signal: this.#stopped.signal }).catch(() => undefined);
  }
}
