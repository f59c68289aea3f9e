/** Which keys sign for the log, as its own entries say it. The log is the fence: nobody who has not read such an entry commits anything after it. */
import type { Keys, LogKeysTold } from "../../core/crypto/keys.ts";
import { AppError } from "../../core/errors.ts";
import { formatLogKeyBegun, formatLogKeyEnded, parseLogKeyLeaf, type LogKeyBegun, type LogKeyEnded } from "../../core/formats/log-key.ts";
import type { RecordStore } from "../store/record-store.ts";
import { faultOf, holdInOwnTree } from "./in-log.ts";
import type { KeyFence } from "./ledger-options.ts";
import { followEntries, numberedEntries, type NumberedEntries, type NumberedEntry } from "./numbered-entries.ts";
import type { Unit } from "./queue.ts";

/** Milliseconds after which a key that signs no more is destroyed. */
const GRACE = 15_000;

/** The claim of the entry about the log's keys that so many came before. */
export function logKeyClaim(place: number): string {
  return `log-key:${place}`;
}

/** An entry about a key of the log, and what it says. */
export type LogKeyEntry = NumberedEntry<LogKeyBegun | LogKeyEnded>;

const LOG_KEYS = { claimOf: logKeyClaim, parse: parseLogKeyLeaf };

/** The entries about the log's keys, in their order, as the database has them: whoever does something upon them holds them against the tree (`followLogKeys`). @param from how many are known already */
export async function logKeyEntries(store: Pick<RecordStore, "claimed">, from = 0): Promise<readonly LogKeyEntry[]> {
  return (await numberedEntries(LOG_KEYS, store, from)).entries;
}

/** What they come to. */
export function logKeysTold(entries: readonly LogKeyEntry[]): LogKeysTold {
  const begun = entries.flatMap(({ entry: { index }, said }) =>
    said.kind === "log-key-begun" ? [{ ...said, index, until: new Date(said.until) }] : [],
  );
  const ended = entries.flatMap(({ said }) => (said.kind === "log-key-ended" ? [{ ...said, since: new Date(said.since) }] : []));
  return { begun, ended };
}

/**
 * Lets the keys follow what the log says of them. Each entry is held against the tree of its own commit by the keys that those before it leave: the one that it lets follow or ends cannot speak for it. AppError
 * `unavailable` when the store does not answer.
 *
 * @param known those that were followed already
 */
export async function followLogKeys(
  { keys, store }: Pick<LogKeyWatchOptions, "keys" | "store">,
  known: readonly LogKeyEntry[] = [],
): Promise<NumberedEntries<LogKeyEntry["said"]>> {
  const found = await numberedEntries(LOG_KEYS, store, known.length);
  // After the log: a key is in the folder before the log says that it was begun.
  await keys.logKeys.refresh();
  return followEntries(found, known, {
    about: "the log's keys",
    faultOf: (entry) => faultOf(() => holdInOwnTree(entry, keys, store)),
    follow: (entries) => keys.logKeys.follow(logKeysTold(entries)),
  });
}

/** Such an entry, as it is entered in the log. @param signatures of both keys @param place how many came before */
export function logKeyBegunUnit(begun: LogKeyBegun, signatures: string, place: number): Unit {
  return unitOf(begun, formatLogKeyBegun(begun, signatures), place);
}

export function logKeyEndedUnit(ended: LogKeyEnded, place: number): Unit {
  return unitOf(ended, formatLogKeyEnded(ended), place);
}

function unitOf({ id, kind, at }: LogKeyBegun | LogKeyEnded, leaf: Uint8Array, place: number): Unit {
  return [{ id, kind, receivedAt: at, leaf, claims: [{ key: logKeyClaim(place), value: new Uint8Array() }] }];
}

export interface LogKeyWatchOptions {
  readonly store: Pick<RecordStore, "claimed" | "checkpoint" | "nodes">;
  readonly keys: Pick<Keys, "log" | "pastLogs" | "logKeys">;
  /** Destroys the private key of a number, where it is still here. Undefined: nobody does. */
  retire?(number: number): Promise<void>;
  /** Told once why an entry is not followed. */
  onFault?(text: string): void;
  readonly now?: () => Date;
}

/** Follows what the log says of its keys, and keeps from committing whoever has not read it; private keys that sign no more are destroyed by whoever finds them. */
export class LogKeyWatch implements KeyFence {
  readonly #options: LogKeyWatchOptions;
  #entries: readonly LogKeyEntry[] = [];
  #fault: string | undefined;
  /** The look that runs, or was the last. */
  #looking: Promise<void> = Promise.resolve();

  private constructor(options: LogKeyWatchOptions) {
    this.#options = options;
  }

  static async open(options: LogKeyWatchOptions): Promise<LogKeyWatch> {
    const watch = new LogKeyWatch(options);
    await watch.look();
    return watch;
  }

  /** Entries about the log's keys, as far as they were seen. */
  get entries(): readonly LogKeyEntry[] {
    return this.#entries;
  }

  /** Why an entry about the log's keys is not followed, in words for whoever operates it; undefined when all are. */
  get fault(): string | undefined {
    return this.#fault;
  }

  /** Looks whether a key was begun or ended. One after another: of two at once the slower would take back what the other followed. */
  look(): Promise<void> {
    const look = this.#looking.catch(() => undefined).then(() => this.#look());
    this.#looking = look;
    return look;
  }

  async #look(): Promise<void> {
    const { entries, fault } = await followLogKeys(this.#options, this.#entries);
    this.#entries = entries;
    if (fault !== undefined && fault !== this.#fault) this.#options.onFault?.(fault);
    this.#fault = fault;
    await this.#retire();
  }

  claimsAgainst(): string[] {
    return [logKeyClaim(this.#entries.length)];
  }

  async renew(): Promise<void> {
    await this.look();
    const missing = this.#fault ?? this.#options.keys.logKeys.missing;
    if (missing !== undefined) throw new AppError("unavailable", `The repository takes no documents: ${missing}`);
  }

  async #retire(): Promise<void> {
    const {
      keys: { logKeys },
      retire,
      now = () => new Date(),
    } = this.#options;
    if (retire === undefined || logKeys.missing !== undefined) return;
    const { begun, ended } = logKeysTold(this.#entries);
    const isOver = (vkey: string): boolean => {
      const next = begun.find(({ previous }) => previous === vkey);
      return next !== undefined && (ended.some((one) => one.vkey === vkey) || next.until.getTime() + GRACE <= now().getTime());
    };
    const over = logKeys.held().filter(({ vkey, canSign }) => canSign && isOver(vkey));
    for (const { number } of over) await retire(number);
    if (over.length > 0) await logKeys.refresh();
  }
}
