/** What follows from the record: the index with whoever writes and asks it, and the followers. A part of the composition root. */
import { randomUUID } from "node:crypto";
import type { IndexRoom } from "../adapters/sqlite/open-index.ts";
import type { RebuildTold } from "../cli/command.ts";
import type { Config } from "../config.ts";
import type { Keys } from "../core/crypto/keys.ts";
import { AppError } from "../core/errors.ts";
import { openDocument } from "../core/fhir/document-bundle.ts";
import type { Definitions } from "../core/fhir/r4/definitions.ts";
import { STORED_READ_LIMITS } from "../core/fhir/reading/read-limits.ts";
import { Follower } from "../followers/follower.ts";
import type { FollowerPositions } from "../followers/position-port.ts";
import { shareOpenings } from "../followers/shared-opening.ts";
import type { ErasureList } from "../pipeline/custody.ts";
import { honourErasures } from "../pipeline/erasures.ts";
import { fetchDocument, type Fetched } from "../pipeline/fetch.ts";
import { createDocumentKeys, type DocumentKeys } from "../pipeline/store/document-keys.ts";
import type { LogEntry, RecordStore } from "../pipeline/store/record-store.ts";
import type { Description } from "../pipeline/record.ts";
import { Finder } from "../search/finder.ts";
import { openEngine } from "./engine.ts";
import { holdAgainst, Indexer, type IndexSource } from "../search/indexer.ts";
import { rebuildIndex } from "../search/rebuild.ts";
import type { PatientSystems } from "../search/same-person.ts";
import type { Described } from "../search/index-port.ts";

/** How long a deposit's answer waits for the index, in milliseconds: only one that is made anew takes so long. */
const PATIENCE = 2_000;
/** How often it is looked for erasures of other processes, in milliseconds. */
const LOOK = 1_000;

export interface DerivedOptions {
  readonly room: IndexRoom;
  readonly store: RecordStore;
  readonly documentKeys: DocumentKeys;
  readonly positions: FollowerPositions;
  readonly systems: PatientSystems;
  readonly definitions: Definitions;
  /** Where erasures are listed apart from the record; without it they are not. */
  readonly erasures?: ErasureList;
  /** Told of what fails behind the scenes. */
  onFault(error: unknown, what: string): void;
}

/** The index and the followers of a service. */
export interface Derived {
  readonly finder: Finder;
  takeIn(entry: LogEntry, description: Description): Promise<void>;
  /** Begins to follow the log. An index that is missing, or of another version, is made anew meanwhile. */
  start(prepareView: (id: string) => Promise<unknown>): void;
  stopFollowing(): Promise<void>;
  close(): Promise<void>;
}

export async function openDerived({
  room,
  store,
  documentKeys,
  positions,
  systems,
  definitions,
  erasures,
  onFault,
}: DerivedOptions): Promise<Derived> {
  const source = indexSource(store, documentKeys, definitions);
  const onIndexFault = (error: unknown): void => onFault(error, "the index could not take in a document");
  await holdAgainst(source, room.index);
  const indexer = new Indexer(room.index, { source, systems, onFault: onIndexFault });
  let views: Follower<Fetched> | undefined;
  // What another process erased leaves the index at once, and what it was interrupted in is finished.
  const finisher = new Follower<undefined>({
    name: "erasures",
    holder: randomUUID(),
    log: { size: source.size, entries: source.entries },
    positions,
    open: () => Promise.resolve(undefined),
    concerns: ({ kind }) => kind === "erasure",
    act: async ({ entry: { documentId, index, leaf } }) => {
      if (documentId === undefined) return;
      await erasures?.add(documentId, leaf);
      // Whoever finds the key of an erased document destroys it.
      await documentKeys.read(documentId);
      await indexer.reach(index + 1, PATIENCE);
    },
    beginsAt: "beginning",
    onFailure: "retry",
    poll: LOOK,
    onFault: (error) => onFault(error, "an erasure could not be finished"),
  });
  return {
    finder: new Finder(room.index, indexer, onIndexFault),
    takeIn: async (entry, description) => {
      // It is what `describe` of the same composition root gave (search/summary.ts).
      await indexer.take(entry, description as Described, PATIENCE);
      views?.wake();
    },
    start: (prepareView) => {
      // Narratives of new documents are judged (the slow part) before anybody asks, so that no reader waits for it. Nothing depends on it.
      views = new Follower({
        name: "views",
        holder: randomUUID(),
        log: { size: source.size, entries: source.entries },
        positions,
        open: shareOpenings((id) => fetchDocument(id, { store, documentKeys, limits: STORED_READ_LIMITS, definitions })),
        act: async ({ entry }) => {
          if (entry.kind === "deposit") await prepareView(entry.id);
        },
        beginsAt: "end",
        onFailure: "pass",
        mostBehind: 500,
        quiet: 100,
        // Whoever reads the document meets the same failure, and is told of it.
        onFault: (error, entry) => entry === undefined && onFault(error, "views of new documents could not be prepared"),
      });
      views.start();
      finisher.start();
      void indexer.reach(undefined, 0).catch(onIndexFault);
    },
    stopFollowing: async () => {
      await finisher.close();
      await views?.close();
    },
    close: async () => {
      await indexer.close();
      await room.close();
    },
  };
}

/** Makes the index anew, also beside a service that runs. */
export async function rebuildIndexOf(
  config: Config,
  keys: Keys,
  definitions: Definitions,
  { onProgress, onFault }: RebuildTold,
): Promise<{ readonly entries: number; readonly documents: number }> {
  const engine = await openEngine(config, { mayCreate: false, mayBeOpen: true });
  const { store, wrappedKeys } = engine;
  const room = await engine.openIndex().catch(async (error: unknown) => {
    await store.close();
    throw error;
  });
  try {
    const source = indexSource(store, honourErasures(createDocumentKeys(keys, wrappedKeys), store), definitions);
    const told = (error: unknown): void => onFault(error instanceof Error ? error.message : String(error));
    return await rebuildIndex(room.index, { source, systems: config.patientSystems, onFault: told }, onProgress);
  } finally {
    await room.close();
    await store.close();
  }
}

/** What the index is made from. */
export function indexSource(store: RecordStore, documentKeys: DocumentKeys, definitions: Definitions): IndexSource {
  return {
    size: async () => (await store.checkpoint())?.size ?? 0,
    entries: (from, count) => store.entries(from, count),
    isReadable: async (id) => (await documentKeys.read(id)) !== undefined,
    open: async (id) => {
      try {
        const { resource, deposit } = await fetchDocument(id, { store, documentKeys, limits: STORED_READ_LIMITS, definitions });
        return openDocument(resource, deposit.decisions);
      } catch (error) {
        if (error instanceof AppError && error.code === "gone") return undefined;
        throw error;
      }
    },
  };
}
