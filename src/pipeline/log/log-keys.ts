/** Which keys sign for the log, as its own entries say it. The log is the fence: nobody who has not read such an entry commits anything after it. */
import type { LogKeys, LogKeysTold } from "../../core/crypto/keys.ts";
import { AppError } from "../../core/errors.ts";
import { formatLogKeyBegun, formatLogKeyEnded, parseLogKeyLeaf, type LogKeyBegun, type LogKeyEnded } from "../../core/formats/log-key.ts";
import type { LogEntry, RecordStore } from "../store/record-store.ts";
import type { KeyFence } from "./ledger-options.ts";
import type { Unit } from "./queue.ts";

/** Entries that are asked for at once. */
const RUN = 4;
/** Milliseconds after which a key that signs no more is destroyed. */
const GRACE = 15_000;

/** The claim of the entry about the log's keys that so many came before. */
export function logKeyClaim(place: number): string {
  return `log-key:${place}`;
}

/** An entry about a key of the log, and what it says. */
export interface LogKeyEntry {
  readonly entry: LogEntry;
  readonly said: LogKeyBegun | LogKeyEnded;
}

/** The entries about the log's keys, in their order. @param from how many are known already */
export async function logKeyEntries(store: Pick<RecordStore, "claimed">, from = 0): Promise<LogKeyEntry[]> {
  const entries: LogKeyEntry[] = [];
  for (let next = from; ; next += RUN) {
    const claims = Array.from({ length: RUN }, (_, at) => logKeyClaim(next + at));
    const found = await store.claimed(claims);
    for (const claim of claims) {
      const entry = found.get(claim)?.entry;
      const said = entry && read(entry.leaf);
      if (entry === undefined || said === undefined) return entries;
      entries.push({ entry, said });
    }
  }
}

/** One that was altered in the database is none: nothing is entered upon it, since its claim stands, and the audit tells of it. */
function read(leaf: Uint8Array): LogKeyEntry["said"] | undefined {
  try {
    return parseLogKeyLeaf(leaf);
  } catch (error) {
    if (error instanceof AppError && error.code === "malformed") return undefined;
    throw error;
  }
}

/** What they come to. */
export function logKeysTold(entries: readonly LogKeyEntry[]): LogKeysTold {
  const begun = entries.flatMap(({ entry: { index }, said }) =>
    said.kind === "log-key-begun" ? [{ ...said, index, until: new Date(said.until) }] : [],
  );
  const ended = entries.flatMap(({ said }) => (said.kind === "log-key-ended" ? [{ ...said, since: new Date(said.since) }] : []));
  return { begun, ended };
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
  readonly store: Pick<RecordStore, "claimed">;
  readonly logKeys: LogKeys;
  /** Destroys the private key of a number, where it is still here. Undefined: nobody does. */
  retire?(number: number): Promise<void>;
  readonly now?: () => Date;
}

/** Follows what the log says of its keys, and keeps from committing whoever has not read it; private keys that sign no more are destroyed by whoever finds them. */
export class LogKeyWatch implements KeyFence {
  readonly #options: LogKeyWatchOptions;
  #entries: readonly LogKeyEntry[] = [];

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

  /** Looks whether a key was begun or ended. */
  async look(): Promise<void> {
    const { store, logKeys } = this.#options;
    const known = this.#entries.length;
    const more = await logKeyEntries(store, known);
    // Another look may have found the same meanwhile.
    if (this.#entries.length === known) this.#entries = [...this.#entries, ...more];
    // After the log: a key is in the folder before the log says that it was begun.
    await logKeys.refresh();
    logKeys.follow(logKeysTold(this.#entries));
    await this.#retire();
  }

  claimsAgainst(): string[] {
    return [logKeyClaim(this.#entries.length)];
  }

  async renew(): Promise<void> {
    await this.look();
    const { missing } = this.#options.logKeys;
    if (missing !== undefined) throw new AppError("unavailable", `The repository takes no documents: ${missing}`);
  }

  async #retire(): Promise<void> {
    const { logKeys, retire, now = () => new Date() } = this.#options;
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
