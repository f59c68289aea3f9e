import type { MasterKeys } from "../../core/crypto/keys.ts";
import { AppError } from "../../core/errors.ts";
import type { RecordStore } from "../store/record-store.ts";
import { entriesOf, epochsInLog, isKeyOf, type EpochEntry } from "./epochs.ts";

export interface EpochWatchOptions {
  readonly store: Pick<RecordStore, "claimed">;
  readonly master: MasterKeys;
  /** Destroys the key of an epoch that has ended, where it is still here. */
  shred(epoch: number): Promise<void>;
}

/** Epochs that are looked for beyond the newest. */
const AHEAD = 3;

/**
 * Knows in which epoch keys are wrapped: the newest that the log says was begun. Where its key is not here, no key can be wrapped, and what was wrapped by it cannot be opened, until somebody has put it
 * into the folder. The key of an epoch that has ended is destroyed by whoever finds it.
 */
export class EpochWatch {
  readonly #options: EpochWatchOptions;
  #newest: EpochEntry | undefined;
  #fault: string | undefined;

  private constructor(options: EpochWatchOptions) {
    this.#options = options;
  }

  static async open(options: EpochWatchOptions): Promise<EpochWatch> {
    const watch = new EpochWatch(options);
    const { begun, newest } = await epochsInLog(options.store);
    watch.#newest = begun.get(newest);
    await watch.look();
    return watch;
  }

  /** Why no key can be wrapped, in words for whoever operates it; undefined when it can. */
  get fault(): string | undefined {
    return this.#fault;
  }

  /** Looks whether an epoch was begun or has ended, and whether its key is here by now. */
  async look(): Promise<void> {
    const { store, master, shred } = this.#options;
    const live = master.epochs().filter(({ isEnded }) => !isEnded);
    const from = this.#newest?.epoch ?? 1;
    const next = Array.from({ length: AHEAD }, (_, at) => from + 1 + at);
    const epochs = live.map(({ epoch }) => epoch);
    const found = await entriesOf(store, next, epochs).catch((error: unknown) => {
      if (error instanceof AppError && error.code === "damaged") return error.message;
      throw error;
    });
    if (typeof found === "string") {
      this.#fault = `what the database says of master keys was not committed: ${found}`;
      return;
    }
    this.#newest = found.begun.at(-1) ?? this.#newest;
    // After the log: a key is in the folder before the log says that its epoch was begun.
    await master.refresh();
    this.#fault = this.#newest === undefined || isKeyOf(this.#newest, master) ? undefined : missing(this.#newest, master);
    if (this.#newest === undefined || this.#fault !== undefined) return;
    if (this.#newest.epoch > master.current) master.use(this.#newest.epoch);
    // Nothing is wrapped by it any more: the log would not say so before that was proved.
    const over = found.ended.filter((entry) => entry.epoch < master.current && isKeyOf(entry, master));
    for (const { epoch } of over) await shred(epoch);
    if (over.length > 0) await master.refresh();
  }

  /** Whether keys were wrapped by a master key that should be here and is not. */
  isMissing(keyId: string): boolean {
    return this.#fault !== undefined && this.#newest?.keyId === keyId;
  }

  /** AppError `unavailable` when no key can be wrapped. */
  async refuseWithout(): Promise<void> {
    await this.look();
    if (this.#fault !== undefined) throw new AppError("unavailable", `The repository takes no documents: ${this.#fault}`);
  }
}

function missing({ epoch, keyId, at }: EpochEntry, master: MasterKeys): string {
  const fault = master.faultOf(epoch);
  if (fault !== undefined) return `the master key of epoch ${epoch} (${keyId}), which was begun on ${at}, cannot be used here: ${fault}`;
  const file = `master-${String(epoch).padStart(4, "0")}.key`;
  return `the master key of epoch ${epoch} (${keyId}), which was begun on ${at}, is not in KEYS_DIR: copy ${file} there from the machine on which \`chartulary keys rewrap\` was run`;
}
