import { checkEntry } from "../../pipeline/store/commit-shape.ts";
import type { NewEntry } from "../../pipeline/store/record-store.ts";

/**
 * What waits for its commit: in memory, so that everything reaches the disk in one transaction and with one flush. The ledger bounds how much it is; a crash loses
 * nothing that was acknowledged.
 */
export class Staging {
  readonly #entries = new Map<string, NewEntry>();
  readonly #keys = new Map<string, Uint8Array>();

  put(entry: NewEntry): void {
    checkEntry(entry, this.#entries.get(entry.id));
    if (!this.#entries.has(entry.id)) this.#entries.set(entry.id, entry);
  }

  entry(id: string): NewEntry | undefined {
    return this.#entries.get(id);
  }

  putKey(documentId: string, wrappedKey: Uint8Array): void {
    this.#keys.set(documentId, wrappedKey);
  }

  key(documentId: string): Uint8Array | undefined {
    return this.#keys.get(documentId);
  }

  discard(ids: readonly string[]): void {
    for (const id of ids) {
      this.#entries.delete(id);
      this.#keys.delete(id);
    }
  }
}
