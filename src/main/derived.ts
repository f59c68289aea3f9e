/** What follows from the record: the index with whoever writes and asks it, and the followers. A part of the composition root. */
import { randomUUID } from "node:crypto";
import type { OpenedIndex } from "../adapters/sqlite/open-index.ts";
import type { RebuildTold } from "../cli/told.ts";
import type { Config } from "../config.ts";
import { AppError } from "../core/errors.ts";
import { parseDepositRecord } from "../core/formats/deposit-record.ts";
import { openDocument } from "../core/fhir/document-bundle.ts";
import type { Definitions } from "../core/fhir/r4/definitions.ts";
import type { Knowledge } from "../core/fhir/r4/knowledge.ts";
import { readKeptDocument } from "../pipeline/opening.ts";
import { submissionsOf } from "../pipeline/submissions.ts";
import { STORED_READ_LIMITS } from "../core/fhir/reading/read-limits.ts";
import { Follower } from "../followers/follower.ts";
import type { FollowerPositions } from "../followers/position-port.ts";
import { Turn } from "../followers/turn.ts";
import type { ErasureList } from "../pipeline/custody.ts";
import { erasuresOf, honourErasures } from "../pipeline/erasures.ts";
import { fetchDocument, fetchOriginal, type Original } from "../pipeline/fetch.ts";
import type { DocumentKeys } from "../pipeline/store/document-keys.ts";
import type { LogEntry, RecordStore } from "../pipeline/store/record-store.ts";
import type { Description } from "../pipeline/document-forms.ts";
import { Finder } from "../search/finder.ts";
import { Historian } from "../search/history/historian.ts";
import type { KeptRecord } from "./kept-record.ts";
import { describing, holdAgainst, Indexer, type IndexerOptions, type IndexSource } from "../search/indexer.ts";
import { personIds } from "../search/person-ids.ts";
import { rebuildIndex } from "../search/rebuild.ts";
import type { DocumentBundle } from "../core/fhir/document-bundle.ts";
import { named, type UnnamedDescription } from "../search/describe-with-header.ts";
import type { DocumentFacts } from "../pipeline/document-forms.ts";
import { describerOf } from "./describer.ts";
import type { SearchParameters } from "../core/fhir/r4/search-parameters.ts";
import { ResourceIndexer, type ResourceSource } from "../search/resource-indexer.ts";
import { Searcher } from "../search/searcher.ts";
import type { DocumentSource } from "../events/happened.ts";
import { RecentDescriptions } from "../events/recent-descriptions.ts";
import { arrivingDocuments } from "./arriving.ts";
import { resourceSource, type ResourceSourceOptions } from "./resource-source.ts";
import { xmlSealer, type XmlSealerOptions } from "./xml-seals.ts";

/** How long a deposit's answer waits for the index, in milliseconds: only one that is made anew takes so long. */
const PATIENCE = 2_000;
/** As long as a timer can be set for, in milliseconds: an index that is made anew may take hours. */
const LONGEST = 2 ** 31 - 1;
/** How often it is looked for erasures of other processes, in milliseconds. */
const LOOK = 1_000;

export interface DerivedOptions extends ResourceSourceOptions {
  /** What the index takes from a document when it comes (`describe` of the tasks). */
  readonly describe: (document: DocumentBundle, facts: DocumentFacts) => UnnamedDescription;
  /** What it takes from a message of an identity feed. */
  readonly describeFeed: IndexerOptions["describeFeed"];
  readonly parameters: SearchParameters;
  readonly openedIndex: OpenedIndex;
  readonly store: RecordStore;
  readonly positions: FollowerPositions;
  /** Whether other processes may work on the same index. */
  readonly isShared?: boolean;
  readonly definitions: Definitions;
  /** Where erasures are listed apart from the record; without it they are not. */
  readonly erasures?: ErasureList;
  /** Told of each document that was erased, whoever did it; again after a crash. */
  onErased?(documentId: string): Promise<void>;
}

/** The index and the followers of a service. */
export interface Derived {
  readonly finder: Finder;
  readonly searcher: Searcher;
  readonly historian: Historian;
  /** Documents as they come, for whoever tells of them; `woken` is called with each that was taken in here. */
  readonly arriving: DocumentSource & { follow(woken: () => void): void };
  /** Entries of the log that the index has not taken in whole; undefined when it cannot be asked. */
  lag(): Promise<number | undefined>;
  takeIn(entry: LogEntry, description: Description): Promise<void>;
  /** Begins to follow the log, with what XML seals are made by behind the deposits, where they are. An index that is missing, or of another version, is made anew meanwhile. */
  start(judgeNarratives: (original: Original) => Promise<void>, sealing?: XmlSealerOptions): void;
  /** Takes in nothing more of what stands in documents: before that is closed by which it is done. */
  stopTakingIn(): void;
  stopFollowing(): Promise<void>;
  close(): Promise<void>;
}

export async function openDerived(options: DerivedOptions): Promise<Derived> {
  const { openedIndex, store, documentKeys, positions, personIdOf, definitions, erasures, onFault } = options;
  const source = indexSource(store, documentKeys, definitions);
  const onIndexFault = (error: unknown): void => onFault(error, "the index could not take in a document");
  await holdAgainst(source, openedIndex.index);
  const onMissing = (fault: string): void => onFault(new AppError("internal", fault), "a resource is not found by a parameter");
  const described: IndexerOptions = {
    source,
    onFault: onIndexFault,
    describeFeed: options.describeFeed,
    describe: async (document, facts) => {
      const described = options.describe(document, facts);
      described.faults.forEach(onMissing);
      return named(described, personIdOf);
    },
  };
  const indexer = new Indexer(openedIndex.index, described);
  const recent = new RecentDescriptions();
  const inDocuments = resourceSource(source, options);
  const rest: ResourceSource["describe"] = (entry) => recent.rest(entry.id, () => inDocuments.describe(entry));
  let tellOf: () => void = () => undefined;
  const resources = new ResourceIndexer(openedIndex.index, {
    source: { ...inDocuments, describe: rest, size: async () => (await openedIndex.index.position()).size },
    onFault: (error) => onFault(error, "the index could not take in what stands in documents"),
    ...(options.isShared === true && { turn: new Turn(positions, "resources") }),
  });
  let views: Follower<Original> | undefined;
  let sealer: Follower<Original> | undefined;
  // What another process erased leaves the index at once, and what it was interrupted in is finished.
  const finisher = new Follower<undefined>({
    name: "erasures",
    holder: randomUUID(),
    log: { size: source.size, entries: source.entries },
    positions,
    open: () => Promise.resolve(undefined),
    concerns: ({ kind }) => kind !== "deposit",
    act: async ({ entry: { kind, documentId, index, leaf } }) => {
      if (kind === "erasure" && documentId !== undefined) {
        await erasures?.add(documentId, leaf);
        // Whoever finds the key of an erased document destroys it.
        for (const id of [documentId, ...(await submissionsOf(documentId, store))]) await documentKeys.read(id);
        await options.onErased?.(documentId);
      }
      // Whatever commands enter, the index goes on past it.
      await indexer.reach(index + 1, PATIENCE);
      resources.wake();
    },
    beginsAt: "beginning",
    onFailure: "retry",
    poll: LOOK,
    onFault: (error) => onFault(error, "an erasure could not be finished"),
  });
  // What stands in documents is taken in behind the documents.
  const whole: Pick<ResourceIndexer, "reach"> = {
    reach: async (size, patience) => (await indexer.reach(size, patience)) + (await resources.reach(size, patience)),
  };
  return {
    finder: new Finder(openedIndex.index, indexer, onIndexFault),
    searcher: new Searcher(openedIndex.index, { indexer: whole, documents: indexer, parameters: options.parameters }),
    historian: new Historian({ log: store, erasuresOf: (ids) => erasuresOf(ids, store), index: openedIndex.index, indexer: whole }),
    arriving: {
      ...arrivingDocuments({ recent, store, index: openedIndex.index, indexer, rest, describe: describing(source, described).describe }),
      follow: (woken) => {
        recent.isWanted = true;
        tellOf = woken;
      },
    },
    lag: async () => {
      try {
        const [size, depth] = await Promise.all([source.size(), openedIndex.index.depth()]);
        // What was given up, or entered by another process, is begun anew by whoever asks, even when nobody searches or deposits any more.
        if (depth < size) {
          void indexer.reach(size, 0).catch(onIndexFault);
          resources.goOn();
        }
        return Math.max(0, size - depth);
      } catch (error) {
        onIndexFault(error);
        return undefined;
      }
    },
    takeIn: async (entry, description) => {
      // It is what `describe` of the same composition root gave (search/describe-with-header.ts).
      const described = description as UnnamedDescription;
      described.faults.forEach(onMissing);
      const whole = await named(described, personIdOf);
      recent.note(entry.id, whole);
      await indexer.take(entry, whole, PATIENCE);
      tellOf();
      resources.wake();
      views?.wake();
      sealer?.wake();
    },
    start: (judgeNarratives, sealing) => {
      sealer = sealing && xmlSealer(sealing);
      sealer?.start();
      // Narratives of new documents are judged (the slow part) before anybody asks, so that no reader waits for it. Nothing depends on it.
      views = new Follower({
        // Called so since it made whole pages; its position is kept by this name.
        name: "views",
        holder: randomUUID(),
        log: { size: source.size, entries: source.entries },
        positions,
        open: (id) => fetchOriginal(id, { store, documentKeys }),
        act: async ({ entry, open }) => {
          if (entry.kind === "deposit") await judgeNarratives(await open());
        },
        beginsAt: "end",
        onFailure: "pass",
        mostBehind: 500,
        quiet: 500,
        // Whoever reads the document meets the same failure, and is told of it.
        onFault: (error, entry) => entry === undefined && onFault(error, "narratives of new documents could not be judged"),
      });
      views.start();
      finisher.start();
      void indexer
        .reach(undefined, LONGEST)
        .then(() => resources.wake())
        .catch(onIndexFault);
    },
    stopTakingIn: () => resources.stop(),
    stopFollowing: async () => {
      await finisher.close();
      await views?.close();
      await sealer?.close();
    },
    close: async () => {
      await resources.close();
      await indexer.close();
      await openedIndex.close();
    },
  };
}

/**
 * Makes the index anew, also beside a service that runs.
 *
 * @param kept the record, with keys that are its own: with others no document could be opened, and an index without any would take the place of the one that answers
 */
export async function rebuildIndexOf(
  config: Config,
  { keys, store, keptKeys, engine }: KeptRecord,
  { knowledge, parameters }: { readonly knowledge: Knowledge; readonly parameters: SearchParameters },
  { onProgress, onFault }: RebuildTold,
): Promise<{ readonly entries: number; readonly documents: number }> {
  const { definitions } = knowledge;
  const openedIndex = await engine.openIndex();
  try {
    const documentKeys = honourErasures(keptKeys, store);
    const source = indexSource(store, documentKeys, definitions);
    const told = onceEach(onFault);
    const { describer, describe, describeFeed } = describerOf(config, keys, { knowledge, parameters }, { store, documentKeys });
    const resources = resourceSource(source, {
      ...{ store, documentKeys, onFault: told, personIdOf: personIds(keys, config.patientSystems) },
      describeResources: ({ evidence, ...original }) => {
        // A parameter that could not be worked out is no document that could not be opened; a service tells of it.
        const record = parseDepositRecord(evidence.deposit);
        return Promise.resolve({ ...describer.rest(readKeptDocument(original, record, definitions), record.submitted), faults: [] });
      },
    });
    return await rebuildIndex(openedIndex.index, { source, resources, describe, describeFeed, onFault: told }, onProgress);
  } finally {
    await openedIndex.close();
  }
}

/** Tells of faults in words. A document that cannot be opened is met twice, as a document and for its resources, and is one fault. */
function onceEach(tell: (text: string) => void): (error: unknown) => void {
  const told = new Set<string>();
  return (error) => {
    const text = error instanceof Error ? error.message : String(error);
    if (told.has(text)) return;
    told.add(text);
    tell(text);
  };
}

/** What the index is made from. */
export function indexSource(store: RecordStore, documentKeys: DocumentKeys, definitions: Definitions): IndexSource {
  return {
    size: async () => (await store.checkpoint())?.size ?? 0,
    entries: (from, count) => store.entries(from, count),
    isReadable: async (id) => (await documentKeys.read(id)) !== undefined,
    open: async (id) => {
      try {
        const { resource, deposit, mediaType } = await fetchDocument(id, { store, documentKeys, limits: STORED_READ_LIMITS, definitions });
        return { document: openDocument(resource, deposit.decisions), mediaType, submitted: deposit.submitted };
      } catch (error) {
        if (error instanceof AppError && error.code === "gone") return undefined;
        throw error;
      }
    },
  };
}
