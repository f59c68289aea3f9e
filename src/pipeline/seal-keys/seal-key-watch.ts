import type { SealKeys } from "../../core/crypto/keys.ts";
import { faultOf, holdInOwnTree, type OwnLogs } from "../log/in-log.ts";
import type { LogKeyWatch } from "../log/log-keys.ts";
import { followEntries, numberedEntries } from "../log/numbered-entries.ts";
import type { RecordStore } from "../store/record-store.ts";
import { SEAL_KEYS, toldBy, type SealKeyEntry } from "./seal-key-log.ts";

/** Whoever chooses a key has looked at the log within the last so many milliseconds. */
const FRESH = 5_000;
/** Where another machine may wait for a connection: how long the commit of the entry is tried at most (`LEDGER_LIMITS.patience`), and how long it may take until that begins. */
const AFAR = { patience: 20_000, slack: 8_000 };
/** The same on one machine, where only its disk is waited for. */
const HERE = { patience: 4_000, slack: 4_000 };
/** What a commit that began in time may take to its end. */
const MARGIN = 2_000;
/** The private key of one that another has followed is kept for so long: a clock that is behind may ask for it. */
const GRACE = 15_000;

/** Until a key seals: all in milliseconds. */
export interface Handover {
  /** From its entry on. */
  readonly whole: number;
  /** What must be left of it when the commit of the entry begins. */
  readonly least: number;
  /** For how long that commit is tried. */
  readonly patience: number;
}

/**
 * How long after its entry a key begins to seal: until then every instance has read it (docs/design/keys.md).
 *
 * @param skew by how much the clocks of instances may differ from the right time; undefined where all of them run on one machine
 */
export function handover(skew: number | undefined): Handover {
  const { patience, slack } = skew === undefined ? HERE : AFAR;
  const least = FRESH + patience + MARGIN + 2 * (skew ?? 0);
  return { whole: least + slack, least, patience };
}

export interface SealKeyWatchOptions {
  readonly store: Pick<RecordStore, "claimed" | "checkpoint" | "nodes">;
  readonly sealKeys: SealKeys;
  /** By whose trees entries are held. */
  readonly logs: OwnLogs;
  /** Knows which keys sign those trees; without one it is the same for ever. */
  readonly logKeys?: Pick<LogKeyWatch, "look"> | undefined;
  /** Told once why an entry is not followed. */
  onFault?(text: string): void;
  /** Destroys the private key of a number, where it is still here. */
  retire(number: number): Promise<void>;
  readonly now?: () => Date;
}

/** Knows which seal key seals when, as the log says it; private keys by which nothing is sealed any more are destroyed by whoever finds them. */
export class SealKeyWatch {
  readonly #options: SealKeyWatchOptions;
  readonly #now: () => Date;
  #entries: readonly SealKeyEntry[] = [];
  #fault: string | undefined;
  /** When the last look began that came to its end, by `performance.now()`. */
  #lookedAt = -Infinity;
  #looking: Promise<void> | undefined;

  private constructor(options: SealKeyWatchOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => new Date());
  }

  static async open(options: SealKeyWatchOptions): Promise<SealKeyWatch> {
    const watch = new SealKeyWatch(options);
    await watch.look();
    return watch;
  }

  /** Entries about seal keys, as far as they were seen. */
  get entries(): readonly SealKeyEntry[] {
    return this.#entries;
  }

  /** Why an entry about seal keys is not followed, in words for whoever operates it; undefined when all are. */
  get fault(): string | undefined {
    return this.#fault;
  }

  /** Looks whether a key was begun or ended. */
  async look(): Promise<void> {
    const { sealKeys, store, logs, logKeys, onFault } = this.#options;
    const began = performance.now();
    const known = this.#entries;
    const { entries, fault } = await followEntries(await numberedEntries(SEAL_KEYS, store, known.length), known, {
      about: "seal keys",
      faultOf: (entry) => faultOf(() => holdInOwnTree(entry, logs, store), logKeys && (() => logKeys.look())),
    });
    if (fault !== undefined && fault !== this.#fault) onFault?.(fault);
    this.#fault = fault;
    // Another look may have found the same meanwhile, or more.
    if (entries.length > this.#entries.length) this.#entries = entries;
    // After the log: a key is in the folder before the log says that it was begun.
    await sealKeys.refresh();
    sealKeys.follow(toldBy(this.#entries));
    await this.#retire();
    this.#lookedAt = Math.max(this.#lookedAt, began);
  }

  /** The same, when the last look is so old that a key may seal now of which it knew nothing. */
  async lookIfOld(): Promise<void> {
    if (performance.now() - this.#lookedAt < FRESH) return;
    await (this.#looking ??= this.look().finally(() => (this.#looking = undefined)));
  }

  async #retire(): Promise<void> {
    const { sealKeys, retire } = this.#options;
    const { begun, ended } = toldBy(this.#entries);
    const held = sealKeys.held().filter(({ signer }) => signer);
    const over = held.filter(({ number }) => {
      const next = begun.find((one) => one.number > number);
      const isFollowed = next !== undefined && next.from.getTime() + GRACE <= this.#now().getTime() && held.some((one) => one.number >= next.number);
      const isEnded =
        ended.some((one) => one.number === number) && held.some((one) => one.number > number && begun.some((b) => b.number === one.number));
      return isFollowed || isEnded;
    });
    for (const { number } of over) await retire(number);
    if (over.length > 0) await sealKeys.refresh();
  }
}
