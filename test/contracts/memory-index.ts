/** The smallest IndexPort: in memory, for tests of what stands above it, and so that the contract suite is held against two engines. */
import { AppError } from "../../src/core/errors.ts";
import type { IndexBeside, IndexedDocument, IndexPort, IndexPosition, IndexStep, NewDocument, WritableIndex } from "../../src/search/index-port.ts";
import { permits, type Predicate } from "../../src/search/predicate.ts";

interface Shelf {
  position: IndexPosition;
  documents: readonly NewDocument[];
}

/** What several open indexes share. */
export class IndexMemory {
  current: Shelf = emptyShelf();
  beside: Shelf | undefined;
}

function emptyShelf(): Shelf {
  return { position: { size: 0, mark: "" }, documents: [] };
}

class MemoryPart implements WritableIndex {
  protected readonly shelf: () => Shelf;

  constructor(shelf: () => Shelf) {
    this.shelf = shelf;
  }

  async position(): Promise<IndexPosition> {
    return Promise.resolve(this.shelf().position);
  }

  advance(step: IndexStep): Promise<"advanced" | "behind"> {
    return this.answer((shelf) => {
      if (shelf.position.size !== step.from) return "behind";
      const closed = new Map(step.closed.map(({ id, to }) => [id, to]));
      const kept = shelf.documents
        .filter(({ summary }) => !step.removed.includes(summary.id))
        .map(({ to: old, ...document }): NewDocument => {
          const to = closed.has(document.summary.id) ? closed.get(document.summary.id) : old;
          return { ...document, ...(to !== undefined && { to }) };
        });
      shelf.documents = [...kept, ...step.documents];
      shelf.position = { size: step.to, mark: step.mark };
      return "advanced";
    });
  }

  named(keys: readonly string[], permitted: Predicate): Promise<IndexedDocument[]> {
    return this.find(permitted, ({ links }) => links.ownKeys.some((key) => keys.includes(key)));
  }

  claiming(keys: readonly string[], permitted: Predicate): Promise<IndexedDocument[]> {
    return this.find(permitted, ({ links }) => links.claims.some(({ key }) => keys.includes(key)));
  }

  sharingComposition(keys: readonly string[], permitted: Predicate): Promise<IndexedDocument[]> {
    return this.find(permitted, ({ links }) => links.compositionKeys.some((key) => keys.includes(key)));
  }

  async document(id: string, permitted: Predicate): Promise<IndexedDocument | undefined> {
    return (await this.find(permitted, ({ summary }) => summary.id === id))[0];
  }

  protected find(permitted: Predicate, matches: (document: NewDocument) => boolean): Promise<IndexedDocument[]> {
    return this.answer(({ documents }) =>
      documents
        .filter((document) => permits(permitted, document.facts) && matches(document))
        .sort((one, other) => {
          const [ours, theirs] = [one.summary.receivedAt, other.summary.receivedAt];
          return ours === theirs ? other.from - one.from : ours < theirs ? 1 : -1;
        })
        .map(({ terms: _, ...document }) => structuredClone(document)),
    );
  }

  protected answer<Result>(work: (shelf: Shelf) => Result): Promise<Result> {
    return new Promise((resolve) => resolve(work(this.shelf())));
  }
}

export class MemoryIndex extends MemoryPart implements IndexPort {
  readonly #memory: IndexMemory;
  readonly #state: { isClosed: boolean };

  constructor(memory = new IndexMemory()) {
    const state = { isClosed: false };
    super(() => {
      if (state.isClosed) throw new AppError("unavailable", "closed");
      return memory.current;
    });
    this.#memory = memory;
    this.#state = state;
  }

  override async position(): Promise<IndexPosition> {
    return this.answer((shelf) => shelf.position);
  }

  async newest(count: number, permitted: Predicate, before?: { readonly receivedAt: string; readonly from: number }): Promise<IndexedDocument[]> {
    const isAfter = ({ summary, from }: NewDocument): boolean =>
      before === undefined || summary.receivedAt < before.receivedAt || (summary.receivedAt === before.receivedAt && from < before.from);
    return (await this.find(permitted, isAfter)).slice(0, count);
  }

  async search(terms: readonly string[], count: number, permitted: Predicate): Promise<IndexedDocument[]> {
    const found = await this.find(permitted, (document) => terms.every((term) => document.terms.some((own) => own.startsWith(term)) || term === ""));
    return found.slice(0, count);
  }

  clear(): Promise<void> {
    return this.answer(() => {
      this.#memory.current = emptyShelf();
    });
  }

  beside(): Promise<IndexBeside> {
    const memory = this.#memory;
    const own = emptyShelf();
    memory.beside = own;
    const part = new MemoryPart(() => {
      if (memory.beside !== own && memory.current !== own) throw new AppError("conflict", "somebody else began to make the index anew");
      return own;
    });
    return Promise.resolve(
      Object.assign(part, {
        takeOver: async () => {
          const { size } = await part.position();
          if (memory.current.position.size > size) return "behind" as const;
          memory.current = own;
          memory.beside = undefined;
          return "taken-over" as const;
        },
        abandon: () => {
          if (memory.beside === own) memory.beside = undefined;
          return Promise.resolve();
        },
      }),
    );
  }

  close(): Promise<void> {
    this.#state.isClosed = true;
    return Promise.resolve();
  }
}
