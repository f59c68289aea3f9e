import type { RenditionShelf } from "../../src/pipeline/store/rendition-shelf.ts";

/** Renditions in memory, the least recently used given up first. */
export class MemoryRenditions implements RenditionShelf {
  readonly kept: Map<string, Uint8Array>;
  readonly #most: number;

  constructor(most = Infinity, kept = new Map<string, Uint8Array>()) {
    this.#most = most;
    this.kept = kept;
  }

  read(name: string): Promise<Uint8Array | undefined> {
    const bytes = this.kept.get(name);
    if (bytes) this.#put(name, bytes);
    return Promise.resolve(bytes);
  }

  keep(name: string, bytes: Uint8Array): Promise<void> {
    if (bytes.length <= this.#most / 8) this.#put(name, bytes);
    for (const oldest of this.kept.keys()) {
      if ([...this.kept.values()].reduce((sum, { length }) => sum + length, 0) <= this.#most) break;
      this.kept.delete(oldest);
    }
    return Promise.resolve();
  }

  drop(name: string): Promise<void> {
    this.kept.delete(name);
    return Promise.resolve();
  }

  #put(name: string, bytes: Uint8Array): void {
    this.kept.delete(name);
    this.kept.set(name, bytes);
  }
}
