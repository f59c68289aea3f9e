import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import { AppError } from "../core/errors.ts";
import type { SubmittedMetadata } from "../core/formats/submitted.ts";
import type { DocumentBundle } from "../core/fhir/document-bundle.ts";
import { FEED_KIND } from "../core/formats/identity-feed.ts";
import type { LogEntry } from "../pipeline/store/record-store.ts";
import { indexStep, markOf, type StepSource } from "./index-step.ts";
import type { DocumentFacts } from "../pipeline/document-forms.ts";
import { OthersEntries } from "./others-entries.ts";
import type { Described, DescribedMessage, IndexPort, NewDocument, WritableIndex } from "./index-port.ts";

/** What the index is made from. */
export interface IndexSource {
  /** The size of the log. */
  size(): Promise<number>;
  entries(from: number, count: number): Promise<LogEntry[]>;
  /** A deposit's document, opened; undefined when its key was destroyed. AppError `damaged` when it is not what was deposited. */
  open(documentId: string): Promise<OpenedDocument | undefined>;
  /** Whether the document has its key still. */
  isReadable(documentId: string): Promise<boolean>;
}

/** A document, and what is known of it beside what it says. */
export interface OpenedDocument {
  readonly document: DocumentBundle;
  readonly mediaType: string;
  /** What its source said of it (IHE MHD). */
  readonly submitted: SubmittedMetadata | undefined;
}

export interface IndexerOptions {
  readonly source: IndexSource;
  /** What the index takes from a document. */
  describe(document: DocumentBundle, facts: DocumentFacts): Promise<Described>;
  /** What it takes from a message of an identity feed (search/feed/describe-feed.ts). AppError `damaged`, `invalid`, `malformed`. */
  describeFeed(entry: LogEntry): Promise<DescribedMessage>;
  /** Told of a document that cannot be indexed, and of an index that fails: it is tried again later. */
  onFault(error: unknown, entry?: LogEntry): void;
}

/** How many entries one step takes, so that nobody's lock is held for long. */
const STEP = 64;
/** How many times a step is made again when others move the index too, and how long at most between. */
const ATTEMPTS = 40;
const LONGEST_WAIT = 100;
/** How long it is trusted that the index stands where we left it, in milliseconds. */
const FRESH = 1_000;

/**
 * The one who writes the index. Whoever has committed an entry brings the index up to it, others' entries included, before he answers: so its position is one number
 * without gaps, and whoever asks right after a deposit finds it.
 */
export class Indexer {
  readonly #index: IndexPort;
  readonly #source: IndexSource;
  readonly #options: IndexerOptions;
  /** What was just committed here, by its place: nobody needs to read or open it again. */
  readonly #known = new Map<number, { readonly entry: LogEntry; readonly description: Described }>();
  #waiting: { readonly size: number; readonly resolve: (isReached: boolean) => void; readonly reject: (cause: unknown) => void }[] = [];
  #running: Promise<void> | undefined;
  #isClosing = false;
  /** Where we left the index; somebody may have moved it since. */
  #at: { readonly size: number; readonly since: number } | undefined;
  readonly #others: OthersEntries;
  /** What is to be laid ahead, of all that was committed together. */
  #toLay: NewDocument[] = [];

  constructor(index: IndexPort, options: IndexerOptions) {
    this.#index = index;
    this.#source = options.source;
    this.#options = options;
    this.#others = new OthersEntries(index);
  }

  /**
   * Takes in a document that was committed just now, and whatever came before it. What goes wrong is told to `onFault` and made good by whoever asks next:
   * a deposit is what it is without a row.
   *
   * @param patience how long it may take, in milliseconds; an index that is being made anew is left to itself then
   */
  async take(entry: LogEntry, description: Described, patience: number): Promise<void> {
    this.#known.set(entry.index, { entry, description });
    this.#layAhead({ ...description, from: entry.index });
    await this.#wait(entry.index + 1, patience);
    this.#known.delete(entry.index);
  }

  /** Brings the index to the log's first `size` entries, all of it by default; gives what is missing when patience has run out, in entries. */
  async reach(size: number | undefined, patience: number): Promise<number> {
    const wanted = size ?? (await this.#source.size());
    const { size: found } = await this.#index.position();
    if (found >= wanted || (await this.#wait(wanted, patience))) return 0;
    return Math.max(0, wanted - (await this.#index.position()).size);
  }

  /** Lets go of what waits, and waits for what runs. */
  async close(): Promise<void> {
    this.#isClosing = true;
    await this.#running;
  }

  /** Gives whether the index came to `size` while there was patience. */
  async #wait(size: number, patience: number): Promise<boolean> {
    let tired: NodeJS.Timeout | undefined;
    const reached = new Promise<boolean>((resolve, reject) => {
      this.#waiting.push({ size, resolve, reject });
      tired = setTimeout(() => resolve(false), patience).unref();
    });
    this.#running ??= this.#run();
    try {
      return await reached;
    } catch (error) {
      this.#options.onFault(error);
      return false;
    } finally {
      clearTimeout(tired);
    }
  }

  async #run(): Promise<void> {
    // One turn of the event loop lets everybody come along whose commit was answered together with this one.
    await nextTurn();
    try {
      while (this.#waiting.length > 0 && !this.#isClosing) this.#answer(await this.#advance());
    } catch (cause) {
      for (const { reject } of this.#waiting.splice(0)) reject(cause);
    } finally {
      for (const { resolve } of this.#waiting.splice(0)) resolve(false);
      this.#running = undefined;
    }
  }

  #answer(size: number): void {
    for (const one of this.#waiting) if (one.size <= size) one.resolve(size < Infinity);
    this.#waiting = this.#waiting.filter((one) => one.size > size);
  }

  /** Lays down what belongs to a document at once, whoever's turn it is to take it in. What fails is done by the step. */
  #layAhead(document: NewDocument): void {
    if (!this.#index.layAhead) return;
    if (this.#toLay.push(document) > 1) return;
    void nextTurn()
      .then(() => this.#index.layAhead?.(this.#toLay.splice(0)))
      .catch(() => undefined);
  }

  async #advance(): Promise<number> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const at = await this.#position();
      const wanted = Math.max(...this.#waiting.map(({ size }) => size));
      if (at >= wanted) return at;
      const entries = await this.#entries(at, Math.min(STEP, wanted - at));
      if (entries.length === 0) return Infinity;
      const ready = await this.#others.ready(entries, (place) => this.#known.has(place));
      if (ready.size > at) this.#noteAt(ready.size);
      else {
        const taken = await indexStep(ready.entries, this.#index, this.#stepSource(ready.documents));
        if (await this.#others.timed(async () => (await this.#index.advance(taken)) === "advanced")) return this.#noteAt(taken.to);
        this.#at = undefined;
        await sleep(Math.random() * Math.min(2 ** attempt, LONGEST_WAIT));
      }
    }
    throw new AppError("unavailable", "other writers of the index were quicker too often");
  }

  /** Where the index stands, as far as we know: a step upon a place where it stood is not taken. What is not at hand is not made for an old place. */
  async #position(): Promise<number> {
    const { size, since } = this.#at ?? { size: -1, since: -Infinity };
    return this.#known.has(size) || performance.now() - since < FRESH ? size : (await this.#index.position()).size;
  }

  #noteAt(size: number): number {
    this.#at = { size, since: performance.now() };
    return size;
  }

  /** Those that are at hand, else what the record has. */
  #entries(from: number, count: number): Promise<readonly LogEntry[]> {
    const entries: LogEntry[] = [];
    for (let known = this.#known.get(from); known !== undefined && entries.length < count; known = this.#known.get(from + entries.length))
      entries.push(known.entry);
    return entries.length > 0 ? Promise.resolve(entries) : this.#source.entries(from, count);
  }

  #stepSource(laid: ReadonlyMap<number, NewDocument>): StepSource {
    const source = describing(this.#source, this.#options);
    return { ...source, describe: async (entry) => this.#known.get(entry.index)?.description ?? laid.get(entry.index) ?? source.describe(entry) };
  }
}

/** Makes sure that an index is of this record: one that was made from another, or from more than there is, is emptied. */
export async function holdAgainst(source: IndexSource, index: IndexPort): Promise<void> {
  const { size, mark } = await index.position();
  if (size === 0) return;
  const [last] = await source.entries(size - 1, 1);
  if (markOf(last) !== mark) await index.clear();
}

/** Takes the next entries into an index; gives its new size. */
export async function advance(index: WritableIndex, source: IndexSource, step: StepSource): Promise<number | "behind"> {
  const { size } = await index.position();
  const entries = await source.entries(size, STEP);
  if (entries.length === 0) return Infinity;
  const taken = await indexStep(entries, index, step);
  return (await index.advance(taken)) === "behind" ? "behind" : taken.to;
}

const UNREADABLE: ReadonlySet<string> = new Set(["damaged", "invalid", "malformed"]);

/** Describes documents by opening them. One that is damaged has no row: it cannot be shown either, and must not keep others from being found. */
export function describing<Description>(
  source: IndexSource,
  {
    describe,
    describeFeed,
    onFault,
  }: {
    readonly describe: (document: DocumentBundle, facts: DocumentFacts) => Promise<Description>;
    readonly describeFeed: (entry: LogEntry) => Promise<Description>;
    readonly onFault: IndexerOptions["onFault"];
  },
): { isReadable: StepSource["isReadable"]; describe(entry: LogEntry): Promise<Description | undefined> } {
  return {
    isReadable: (documentId) => source.isReadable(documentId),
    describe: async (entry) => {
      try {
        if (entry.kind === FEED_KIND) return await describeFeed(entry);
        const opened = await source.open(entry.id);
        return (
          opened &&
          (await describe(opened.document, { id: entry.id, receivedAt: entry.receivedAt, mediaType: opened.mediaType, submitted: opened.submitted }))
        );
      } catch (error) {
        if (!(error instanceof AppError) || !UNREADABLE.has(error.code)) throw error;
        onFault(error, entry);
        return undefined;
      }
    },
  };
}
