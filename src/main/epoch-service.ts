/** What a service does about epochs of the master key while it runs: it looks for new ones, and tells which keys it has. A part of the composition root. */
import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import type { MasterKeys } from "../core/crypto/keys.ts";
import type { EpochWatch } from "../pipeline/epochs/epoch-watch.ts";
import type { Instances } from "../pipeline/epochs/instances.ts";

/** How often it is looked, in milliseconds, and after how many looks it is told again that we live. */
const LOOK = 1_000;
const TELL_EVERY = 5;

export interface EpochServiceOptions {
  readonly watch: Pick<EpochWatch, "look">;
  readonly master: Pick<MasterKeys, "epochs">;
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
    const { watch, master, instances, onFault } = this.#options;
    try {
      await watch.look();
      const keyIds = master.epochs().flatMap(({ keyId, isEnded }) => (isEnded ? [] : [keyId]));
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
