import type { Keys } from "../../core/crypto/keys.ts";

/**
 * The documents' own keys: one for each document, which opens all that is kept of it. Destroying it is what erasure is. A key is never changed.
 *
 * - A key is *wrapped* before the entry of its document is committed, and durable no later than that commit. Of a document that never came to be it may be lost.
 * - `destroy` is durable when it resolves, and nothing of the key is left where this port keeps it.
 */
export interface DocumentKeys {
  /** Keeps a new document's key (32 bytes). Idempotent; AppError `internal` when the document has another key. */
  wrap(documentId: string, key: Uint8Array): Promise<void>;
  /** The key; undefined when there is none: none yet, or it was destroyed. AppError `damaged` when it cannot be opened. */
  read(documentId: string): Promise<Uint8Array | undefined>;
  /** Also when there is none. */
  destroy(documentId: string): Promise<void>;
}

/** A document's key that is wrapped anew, in the place of what it was wrapped as. */
export interface KeyMove {
  readonly documentId: string;
  readonly from: Uint8Array;
  readonly to: Uint8Array;
}

/**
 * Where an engine keeps keys that are wrapped already, apart from the record. The promises are those of DocumentKeys; 65 bytes each (docs/formats.md, Wrapped key).
 *
 * - `replace` puts keys that are wrapped in a later epoch of the master key in the place of others, one by one: whoever reads a key meanwhile gets one of the two. What was destroyed before it, or is
 *   while it runs, stays destroyed, also when whoever replaces falls asleep on the way and goes on later. It may be broken off and done again.
 */
export interface WrappedKeys {
  keep(documentId: string, wrappedKey: Uint8Array): Promise<void>;
  read(documentId: string): Promise<Uint8Array | undefined>;
  /** @param epoch in which all of these are wrapped. Gives how many are in their places now; of the others the key is gone, or another than `from`. */
  replace(epoch: number, moves: readonly KeyMove[]): Promise<number>;
  destroy(documentId: string): Promise<void>;
}

/** The port, of an engine that keeps wrapped keys and whoever has the master key. */
export function createDocumentKeys(master: Pick<Keys, "wrap" | "unwrap">, shelf: WrappedKeys): DocumentKeys {
  return {
    wrap: async (documentId, key) => shelf.keep(documentId, await master.wrap(key, documentId)),
    read: async (documentId) => {
      const wrapped = await shelf.read(documentId);
      return wrapped && master.unwrap(wrapped, documentId);
    },
    destroy: (documentId) => shelf.destroy(documentId),
  };
}
