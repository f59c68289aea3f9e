/**
 * What a run of entries makes of the index. The same entries make the same rows, in whatever steps and by whomever they are taken in:
 *
 * - a deposit's document gets a row, unless its key was destroyed since, and so does a message of an identity feed;
 * - any other entry that is about a document whose key is gone takes that document's row away, whatever its kind is called;
 * - a document is closed (`to`) at the place where both it and the first document that supersedes it are in the log, whichever came first.
 */
import { digestOf } from "../core/crypto/digest.ts";
import { FEED_KIND } from "../core/formats/identity-feed.ts";
import type { LogEntry } from "../pipeline/store/record-store.ts";
import type { Described, IndexedDocument, IndexStep, NewDocument, WritableIndex } from "./index-port.ts";
import { PERMIT_ALL, type Predicate } from "./predicate.ts";
import { supersedes, supersedingKeys } from "./supersession.ts";

/** What the step asks of the record and its keys. */
export interface StepSource {
  /** What a deposit's document, or a message of an identity feed, is described as; undefined when it is erased or cannot be read. */
  describe(entry: LogEntry): Promise<Described | undefined>;
  /** Whether the document still has its key. */
  isReadable(documentId: string): Promise<boolean>;
}

/** Kinds of entries that get a row of their own. */
export const DESCRIBED: ReadonlySet<string> = new Set(["deposit", FEED_KIND]);

/** The step that takes in `entries`, which begin where the index stands. At least one. */
export async function indexStep(entries: readonly LogEntry[], index: WritableIndex, source: StepSource): Promise<IndexStep> {
  const described = new Map<string, NewDocument>();
  for (const entry of entries) {
    const description = entry.documentId === undefined && DESCRIBED.has(entry.kind) ? await source.describe(entry) : undefined;
    if (description) described.set(entry.id, { ...description, from: entry.index });
  }
  const pending = new Pending(await LookedAhead.over([...described.values()], index));
  for (const { id, documentId } of entries) {
    const document = described.get(id);
    if (document) await pending.add(document);
    else if (documentId !== undefined && !(await source.isReadable(documentId))) await pending.remove(documentId);
  }
  const [from, last] = [entries[0]?.index ?? 0, entries.at(-1)];
  return { from, to: from + entries.length, mark: markOf(last), ...pending.changes() };
}

/** By what an index knows the record that it was made from: the digest of the last leaf that it took in. */
export function markOf(entry: LogEntry | undefined): string {
  return entry === undefined ? "" : digestOf(entry.leaf);
}

type Lookup = Pick<WritableIndex, "named" | "claiming" | "document">;

interface AskedAhead {
  readonly own: ReadonlySet<string>;
  readonly superseding: ReadonlySet<string>;
}

interface FoundAhead {
  readonly claiming: readonly IndexedDocument[];
  readonly named: readonly IndexedDocument[];
}

/** Above so many keys a question would be larger than the answers are worth. */
const MOST_KEYS = 5_000;

/** What the index has about all documents of a step, asked for once: an index on another machine would be waited for with each document. Other keys are asked for as they come. */
class LookedAhead implements Lookup {
  readonly #index: WritableIndex;
  readonly #asked: AskedAhead;
  readonly #found: FoundAhead;

  private constructor(index: WritableIndex, asked: AskedAhead, found: FoundAhead) {
    this.#index = index;
    this.#asked = asked;
    this.#found = found;
  }

  static async over(documents: readonly IndexedDocument[], index: WritableIndex): Promise<LookedAhead> {
    const own = limited(documents.flatMap(({ links }) => links.ownKeys));
    const superseding = limited(documents.flatMap(supersedingKeys));
    const [claiming, named] = await Promise.all([index.claiming([...own], PERMIT_ALL), index.named([...superseding], PERMIT_ALL)]);
    return new LookedAhead(index, { own, superseding }, { claiming, named });
  }

  claiming(keys: readonly string[], permitted: Predicate): Promise<IndexedDocument[]> {
    if (!keys.every((key) => this.#asked.own.has(key))) return this.#index.claiming(keys, permitted);
    return Promise.resolve(this.#found.claiming.filter(({ links }) => links.claims.some(({ key }) => keys.includes(key))));
  }

  named(keys: readonly string[], permitted: Predicate): Promise<IndexedDocument[]> {
    if (!keys.every((key) => this.#asked.superseding.has(key))) return this.#index.named(keys, permitted);
    return Promise.resolve(this.#found.named.filter(({ links }) => links.ownKeys.some((key) => keys.includes(key))));
  }

  document(id: string, permitted: Predicate): Promise<IndexedDocument | undefined> {
    return this.#index.document(id, permitted);
  }
}

function limited(keys: readonly string[]): ReadonlySet<string> {
  const all = new Set(keys);
  return all.size > MOST_KEYS ? new Set() : all;
}

/** The index as it will be after what was taken in so far. */
class Pending {
  readonly #index: Lookup;
  readonly #added = new Map<string, NewDocument>();
  readonly #closed = new Map<string, IndexedDocument>();
  readonly #removed = new Set<string>();

  constructor(index: Lookup) {
    this.#index = index;
  }

  async add(document: NewDocument): Promise<void> {
    const { id } = document.summary;
    this.#added.set(id, document);
    for (const target of await this.#targetsOf(document)) this.#close(target, Math.min(target.to ?? Infinity, document.from));
    this.#close(document, await this.#endOf(document));
  }

  async remove(id: string): Promise<void> {
    const document = await this.#find(id);
    if (!document) return;
    const targets = await this.#targetsOf(document);
    this.#removed.add(id);
    this.#added.delete(id);
    this.#closed.delete(id);
    for (const target of targets) this.#close(target, await this.#endOf(target));
  }

  changes(): Pick<IndexStep, "documents" | "closed" | "removed"> {
    return {
      documents: [...this.#added.values()],
      closed: [...this.#closed.values()].map(({ summary, to }) => ({ id: summary.id, to })),
      removed: [...this.#removed],
    };
  }

  /** The place where the first document that supersedes it, and it, are in the log; undefined when there is none. */
  async #endOf(document: IndexedDocument): Promise<number | undefined> {
    const { ownKeys } = document.links;
    const stored = this.#present(await this.#index.claiming(ownKeys, PERMIT_ALL));
    const added = [...this.#added.values()].filter(({ links }) => links.claims.some(({ key }) => ownKeys.includes(key)));
    const ends = [...stored, ...added].filter((claimant) => supersedes(claimant, document)).map(({ from }) => Math.max(from, document.from));
    return ends.length === 0 ? undefined : Math.min(...ends);
  }

  /** The documents that it supersedes. */
  async #targetsOf(document: IndexedDocument): Promise<IndexedDocument[]> {
    const keys = supersedingKeys(document);
    if (keys.length === 0) return [];
    const stored = this.#present(await this.#index.named(keys, PERMIT_ALL));
    const added = [...this.#added.values()].filter(({ links }) => links.ownKeys.some((key) => keys.includes(key)));
    return [...stored, ...added].filter((target) => supersedes(document, target));
  }

  async #find(id: string): Promise<IndexedDocument | undefined> {
    const stored = this.#added.get(id) ?? (await this.#index.document(id, PERMIT_ALL));
    return stored && this.#present([stored])[0];
  }

  /** What the index has, as it is by now. */
  #present(stored: readonly IndexedDocument[]): IndexedDocument[] {
    return stored.filter(({ summary }) => !this.#removed.has(summary.id)).map((document) => this.#closed.get(document.summary.id) ?? document);
  }

  #close(document: IndexedDocument, to: number | undefined): void {
    const { id } = document.summary;
    if (document.to === to) return;
    const added = this.#added.get(id);
    if (added) this.#added.set(id, ending(added, to));
    else this.#closed.set(id, ending(document, to));
  }
}

function ending<Document extends IndexedDocument>({ to: _, ...open }: Document, to: number | undefined): Document {
  return { ...open, ...(to !== undefined && { to }) } as Document;
}
