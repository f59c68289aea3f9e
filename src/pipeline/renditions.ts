/** What was made of a document and took long, kept encrypted under the document's own key: whatever becomes of the shelf, it ends with that key on every machine. */
import { closeEnvelope, openEnvelope } from "../core/envelope.ts";
import { AppError } from "../core/errors.ts";
import type { DocumentKeys } from "./store/document-keys.ts";
import type { RenditionShelf } from "./store/rendition-shelf.ts";

export interface Renditions {
  /** Undefined when there is nothing under this name, or what there is was altered. AppError `gone` when the document has no key any more. */
  read(id: string, name: string): Promise<Uint8Array | undefined>;
  /** AppError `gone`. */
  keep(id: string, name: string, bytes: Uint8Array): Promise<void>;
}

export function createRenditions(shelf: RenditionShelf, documentKeys: Pick<DocumentKeys, "read">): Renditions {
  const keyOf = async (id: string): Promise<Uint8Array> => {
    const key = await documentKeys.read(id);
    if (key === undefined) throw new AppError("gone", `Document ${id} was erased; its entry in the log remains.`);
    return key;
  };
  return {
    read: async (id, name) => {
      const key = await keyOf(id);
      const sealed = await shelf.read(name);
      if (sealed === undefined) return undefined;
      try {
        return openEnvelope(sealed, key, "rendition", boundTo(id, name));
      } catch (error) {
        if (!(error instanceof AppError) || error.code !== "damaged") throw error;
        await shelf.drop(name);
        return undefined;
      }
    },
    keep: async (id, name, bytes) => {
      const key = await keyOf(id);
      await shelf.keep(name, closeEnvelope(bytes, key, "rendition", boundTo(id, name)));
    },
  };
}

/** What is kept opens for one document and one name alone, wherever it is put. */
function boundTo(id: string, name: string): string {
  return `${id}\n${name}`;
}
