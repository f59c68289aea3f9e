/** Which documents were erased: the log says so, whether their keys are gone already or not. */
import { AppError } from "../core/errors.ts";
import { meaningOf, parseCustodyLeaf } from "../core/formats/custody.ts";
import type { DocumentKeys } from "./store/document-keys.ts";
import type { LogEntry, RecordStore } from "./store/record-store.ts";

/** What is told of an erasure to whoever asks for the document. */
export interface Erasure {
  /** The entry's place in the log. */
  readonly index: number;
  readonly at: string;
  /** A code (core/formats/custody.ts). */
  readonly reason: string;
}

/** The claim that an erasure bears, by which it is found; and of two only one is entered. */
export function erasureClaim(documentId: string): string {
  return `erasure:${documentId}`;
}

/** The erasure of a document; undefined when it was not erased. An entry of a form that is not known here erases all the same. */
export async function erasureOf(documentId: string, store: Pick<RecordStore, "claimed">): Promise<Erasure | undefined> {
  return (await erasuresOf([documentId], store)).get(documentId);
}

/** Those of the documents that were erased, with their erasures, asked for at once. */
export async function erasuresOf(documentIds: readonly string[], store: Pick<RecordStore, "claimed">): Promise<Map<string, Erasure>> {
  if (documentIds.length === 0) return new Map();
  const claimed = await store.claimed(documentIds.map(erasureClaim));
  return new Map(
    documentIds.flatMap((id): [string, Erasure][] => {
      const entry = claimed.get(erasureClaim(id))?.entry;
      return entry ? [[id, erasureIn(entry)]] : [];
    }),
  );
}

function erasureIn({ index, receivedAt, leaf }: LogEntry): Erasure {
  try {
    const { at, reason = "other" } = parseCustodyLeaf(leaf);
    return { index, at, reason };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { index, at: receivedAt, reason: "other" };
  }
}

/** The failure that everybody is told who asks for an erased document. */
export function erasedError(documentId: string, { at, reason, index }: Erasure): AppError {
  return new AppError(
    "gone",
    `Document ${documentId} was erased on ${at.slice(0, 10)} (${reason}: ${meaningOf(reason)}). Its entry in the log remains, and so does that of the erasure, ${index}; a receipt that was given before still proves what was deposited.`,
  );
}

/**
 * The keys as the log lets them be read: of an erased document there is none, and whoever finds one still there (a crash between the entry and the key, a copy that was
 * put back) destroys it.
 */
export function honourErasures(keys: DocumentKeys, store: Pick<RecordStore, "claimed">): DocumentKeys {
  return {
    wrap: (documentId, key) => keys.wrap(documentId, key),
    read: async (documentId) => {
      // Asked together, so that an engine is waited for once; the key is given to nobody before the log was heard.
      const key = keys.read(documentId);
      key.catch(() => undefined);
      if ((await erasureOf(documentId, store)) === undefined) return key;
      await finishErasure(documentId, keys);
      return undefined;
    },
    destroy: (documentId) => keys.destroy(documentId),
  };
}

/** Destroys a key whose erasure is in the log, if it is still there. */
export async function finishErasure(documentId: string, keys: Pick<DocumentKeys, "read" | "destroy">): Promise<void> {
  const isThere = await keys.read(documentId).then(
    (key) => key !== undefined,
    () => true,
  );
  if (isThere) await keys.destroy(documentId);
}
