/** The smallest DocumentStore: in memory, for tests of what stands above it, and so that the contract suite is held against two engines. */
import { AppError } from "../../src/core/errors.ts";
import { checkCommit, isComplete } from "../../src/pipeline/store/commit-shape.ts";
import type { CheckpointRecord, Commit, CommitResult, DocumentStore, StoredProof, Twin } from "../../src/pipeline/store/document-store.ts";
import type { DocumentSummary, Stored } from "../../src/pipeline/record.ts";

/** What was committed; several stores may share it. */
export class Memory {
  documents: readonly Stored[] = [];
  /** Leaves of entries that are about no document, by index. */
  readonly entries = new Map<number, Uint8Array>();
  readonly nodes = new Map<string, Uint8Array>();
  checkpoint: CheckpointRecord | undefined;
}

export class MemoryDocumentStore implements DocumentStore {
  readonly memory: Memory;
  #isClosed = false;

  constructor(memory = new Memory()) {
    this.memory = memory;
  }

  async checkpoint(): Promise<CheckpointRecord | undefined> {
    await this.check();
    return this.memory.checkpoint;
  }

  async nodes(places: readonly { readonly level: number; readonly index: number }[]): Promise<Uint8Array[]> {
    await this.check();
    return places.map((place) => {
      const hash = isComplete(place, this.memory.checkpoint?.size ?? 0) ? this.memory.nodes.get(`${place.level}/${place.index}`) : undefined;
      if (!hash) throw new AppError("damaged", "no such node");
      return hash;
    });
  }

  async commit(commit: Commit): Promise<CommitResult> {
    await this.check();
    checkCommit(commit);
    if ((this.memory.checkpoint?.size ?? 0) !== commit.previousSize) return { kind: "behind" };
    const identityKeys = commit.documents
      .map((document) => document.identityKey)
      .filter((key) => this.#all((one) => one.identityKey === key).length > 0);
    if (identityKeys.length > 0) return { kind: "taken", identityKeys };
    if (commit.documents.some(({ id }) => this.#all((one) => one.id === id).length > 0)) throw new AppError("internal", "the id is in use");
    for (const { level, index, hash } of commit.nodes) this.memory.nodes.set(`${level}/${index}`, hash);
    commit.entries?.forEach((leaf, at) => this.memory.entries.set(commit.previousSize + at, leaf));
    this.memory.documents = [...this.memory.documents, ...commit.documents];
    this.memory.checkpoint = commit.checkpoint;
    return { kind: "committed" };
  }

  async findTwins(identityKeys: readonly string[]): Promise<Map<string, Twin>> {
    await this.check();
    const found = this.#all(({ identityKey }) => identityKeys.includes(identityKey));
    return new Map(found.map(({ identityKey, id, sameness }) => [identityKey, { id, sameness, isReadable: true }]));
  }

  async read(id: string): Promise<Stored | undefined> {
    await this.check();
    return this.#all((document) => document.id === id)[0];
  }

  async readProof(id: string): Promise<StoredProof | undefined> {
    const stored = await this.read(id);
    if (!stored) return undefined;
    const { leaf, encryptedEvidence, wrappedKey, position, encryptedContent } = stored;
    return { id, leaf, encryptedEvidence, wrappedKey, position, contentBytes: encryptedContent.length };
  }

  async leaves(from: number, count: number): Promise<Uint8Array[]> {
    await this.check();
    const leaves = new Map(this.memory.entries);
    for (const { position, leaf } of this.memory.documents) leaves.set(position.index, leaf);
    return [...leaves]
      .sort(([one], [other]) => one - other)
      .slice(from, from + count)
      .map(([, leaf]) => leaf);
  }

  async newest(count: number, before?: string): Promise<DocumentSummary[]> {
    await this.check();
    const summaries = this.#summaries(() => true);
    const start = before === undefined ? 0 : summaries.findIndex(({ id }) => id === before) + 1 || summaries.length;
    return summaries.slice(start, start + count);
  }

  async search(terms: readonly string[], count: number): Promise<DocumentSummary[]> {
    await this.check();
    return this.#summaries(({ searchTerms }) => terms.every((term) => term === "" || searchTerms.some((word) => word.startsWith(term)))).slice(
      0,
      count,
    );
  }

  async named(keys: readonly string[]): Promise<DocumentSummary[]> {
    await this.check();
    return this.#summaries(({ ownKeys }) => ownKeys.some((key) => keys.includes(key)));
  }

  async claiming(keys: readonly string[]): Promise<DocumentSummary[]> {
    await this.check();
    return this.#summaries(({ claims }) => claims.some(({ key }) => keys.includes(key)));
  }

  async sharingComposition(keys: readonly string[]): Promise<DocumentSummary[]> {
    await this.check();
    return this.#summaries(({ compositionKeys }) => compositionKeys.some((key) => keys.includes(key)));
  }

  async summary(id: string): Promise<DocumentSummary | undefined> {
    await this.check();
    return this.#summaries((summary) => summary.id === id)[0];
  }

  fault(): string | undefined {
    return this.#isClosed ? "closed" : undefined;
  }

  check(): Promise<void> {
    return this.#isClosed ? Promise.reject(new AppError("unavailable", "closed")) : Promise.resolve();
  }

  close(): Promise<void> {
    this.#isClosed = true;
    return Promise.resolve();
  }

  #all(matches: (document: Stored) => boolean): Stored[] {
    return this.memory.documents.filter(matches);
  }

  #summaries(matches: (summary: DocumentSummary) => boolean): DocumentSummary[] {
    const found = this.#all((document) => matches(document.summary));
    const order = (one: Stored, other: Stored): number =>
      one.summary.receivedAt === other.summary.receivedAt
        ? other.position.index - one.position.index
        : one.summary.receivedAt < other.summary.receivedAt
          ? 1
          : -1;
    return found.sort(order).map((document) => document.summary);
  }
}
