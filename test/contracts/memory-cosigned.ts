/** Cosigned checkpoints in memory. */
import type { CosignedCheckpoint, CosignedStore } from "../../src/pipeline/witness/witness-port.ts";

export class MemoryCosigned implements CosignedStore {
  #rows: CosignedCheckpoint[] = [];

  put(one: CosignedCheckpoint): Promise<void> {
    if (!this.#rows.some(({ size, at }) => size === one.size && at === one.at)) this.#rows.push(one);
    this.#rows.sort((a, b) => a.size - b.size || a.at - b.at);
    return Promise.resolve();
  }

  newest(): Promise<CosignedCheckpoint | undefined> {
    return Promise.resolve(this.#rows.at(-1));
  }

  from(size: number, count: number): Promise<CosignedCheckpoint[]> {
    return Promise.resolve(this.#rows.filter((row) => row.size >= size).slice(0, count));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
