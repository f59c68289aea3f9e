/** Cosigned checkpoints in memory. */
import type { CosignedCheckpoint, CosignedStore } from "../../src/pipeline/witness/witness-port.ts";

export class MemoryCosigned implements CosignedStore {
  #rows: CosignedCheckpoint[] = [];

  put(one: CosignedCheckpoint): Promise<void> {
    if (!this.#rows.some(({ origin, size, at }) => origin === one.origin && size === one.size && at === one.at)) this.#rows.push(one);
    this.#rows.sort((a, b) => a.size - b.size || a.at - b.at);
    return Promise.resolve();
  }

  newest(origin: string): Promise<CosignedCheckpoint | undefined> {
    return Promise.resolve(this.#rows.findLast((row) => row.origin === origin));
  }

  from(origin: string, size: number, count: number, at = 0): Promise<CosignedCheckpoint[]> {
    return Promise.resolve(
      this.#rows.filter((row) => row.origin === origin && (row.size > size || (row.size === size && row.at >= at))).slice(0, count),
    );
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
