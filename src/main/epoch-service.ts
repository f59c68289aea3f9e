/** What a service does about its keys while it runs: it looks what the log says of them, and tells which it has. A part of the composition root. */
import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import type { Keys } from "../core/crypto/keys.ts";
import type { Instances } from "../pipeline/epochs/instances.ts";
import { logKeyId } from "./log-keys.ts";
import { sealKeyId } from "./seal-keys.ts";

/** How often it is looked, in milliseconds, and after how many looks it is told again that we live. */
const LOOK = 1_000;
const TELL_EVERY = 5;

export interface EpochServiceOptions {
  /** Who knows what the log says of keys: epochs of the master key, seal keys. */
  readonly watches: readonly { look(): Promise<void> }[];
  /** The keys that are here. */
  keyIds(): readonly string[];
  /** Undefined where all instances share the folder of the keys. */
  readonly instances: Instances | undefined;
  /** Told of the first of failures in a row. */
  onFault(error: unknown): void;
}

export class EpochService {
  readonly #options: EpochServiceOptions;
  readonly #id = randomUUID();
  readonly #stop = new AbortController();
  #running: Promise<void> | undefined;
  #told = "";
  #isFailing = false;

  constructor(options: EpochServiceOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#running;
    await this.#options.instances?.leave(this.#id).catch(() => undefined);
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    for (let count = 0; !signal.aborted; count++) {
      await this.#look(count % TELL_EVERY === 0);
      await sleep(LOOK, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  async #look(mustTell: boolean): Promise<void> {
    const { watches, instances, onFault } = this.#options;
    try {
      for (const watch of watches) await watch.look();
      const keyIds = this.#options.keyIds();
      if (instances !== undefined && (mustTell || this.#told !== keyIds.join())) {
        await instances.tell({ id: this.#id, name: `${hostname()} (process ${process.pid})`, keyIds });
        this.#told = keyIds.join();
      }
      this.#isFailing = false;
    } catch (error) {
      // The database is away, say: then nothing is taken anyway.
      if (!this.#isFailing) onFault(error);
      this.#isFailing = true;
    }
  }
}

/** By which an instance tells which keys it has: master keys, and keys of seal and log that can sign. */
export function keyIdsOf({ master, sealKeys, logKeys }: Pick<Keys, "master" | "sealKeys" | "logKeys">): readonly string[] {
  const masters = master.epochs().flatMap(({ keyId, isEnded }) => (isEnded ? [] : [keyId]));
  const seals = sealKeys.held().flatMap((key) => (key.signer ? [sealKeyId(key)] : []));
  return [...masters, ...seals, ...logKeys.held().flatMap((key) => (key.canSign ? [logKeyId(key)] : []))];
}
