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

/** Where an engine keeps keys that are wrapped already, apart from the record. The promises are those of DocumentKeys; 65 bytes each (docs/formats.md, Wrapped key). */
export interface WrappedKeys {
  keep(documentId: string, wrappedKey: Uint8Array): Promise<void>;
  read(documentId: string): Promise<Uint8Array | undefined>;
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
