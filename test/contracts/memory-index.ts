/** The smallest IndexPort: in memory, for tests of what stands above it, and so that the contract suite is held against two engines. */
import { AppError } from "../../src/core/errors.ts";
import type {
  IndexBeside,
  IndexedDocument,
  IndexPort,
  IndexPosition,
  IndexStep,
  NewDocument,
  Related,
  WritableIndex,
} from "../../src/search/index-port.ts";
import { unpacked } from "../../src/search/packed-resources.ts";
import { permits, type Predicate } from "../../src/search/predicate.ts";
import type {
  FoundLink,
  FoundResource,
  FoundText,
  Probe,
  ResourceBounds,
  ResourceStep,
  Scope,
  SearchLane,
  Window,
} from "../../src/search/resource-index.ts";
import type { ResourceIdParts } from "../../src/search/query/resource-id.ts";
import type { ResourceNumber } from "../../src/search/resource-number.ts";
import { MemoryResources } from "./memory-resources.ts";

interface Shelf {
  position: IndexPosition;
  documents: readonly NewDocument[];
  readonly resources: MemoryResources;
}

/** What several open indexes share. */
export class IndexMemory {
  current: Shelf = emptyShelf();
  beside: Shelf | undefined;
}

function emptyShelf(): Shelf {
  return { position: { size: 0, mark: "" }, documents: [], resources: new MemoryResources() };
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
      for (const { from } of shelf.documents.filter(({ summary }) => step.removed.includes(summary.id))) shelf.resources.remove(from);
      for (const { from, header } of step.documents) shelf.resources.add(from, structuredClone(unpacked(header)));
      shelf.documents = [...kept, ...step.documents];
      shelf.position = { size: step.to, mark: step.mark };
      return "advanced";
    });
  }

  depth(): Promise<number> {
    return this.answer(({ resources }) => resources.depth());
  }

  deepen(step: ResourceStep): Promise<"advanced" | "behind"> {
    return this.answer(({ resources, position, documents }) => {
      if (resources.depth() !== step.from || position.size < step.to) return "behind";
      resources.deepen(structuredClone(step), (place) => documents.some(({ from }) => from === place));
      return "advanced";
    });
  }

  named(keys: readonly string[], permitted: Predicate): Promise<IndexedDocument[]> {
    return this.select(permitted, ({ links }) => links.ownKeys.some((key) => keys.includes(key)));
  }

  claiming(keys: readonly string[], permitted: Predicate): Promise<IndexedDocument[]> {
    return this.select(permitted, ({ links }) => links.claims.some(({ key }) => keys.includes(key)));
  }

  sharingComposition(keys: readonly string[], permitted: Predicate): Promise<IndexedDocument[]> {
    return this.select(permitted, ({ links }) => links.compositionKeys.some((key) => keys.includes(key)));
  }

  async document(id: string, permitted: Predicate): Promise<IndexedDocument | undefined> {
    return (await this.select(permitted, ({ summary }) => summary.id === id))[0];
  }

  protected select(permitted: Predicate, matches: (document: NewDocument) => boolean): Promise<IndexedDocument[]> {
    return this.answer(({ documents }) =>
      documents
        .filter((document) => permits(permitted, { ...document.facts, id: document.summary.id }) && matches(document))
        .sort((one, other) => {
          const [ours, theirs] = [one.summary.receivedAt, other.summary.receivedAt];
          return ours === theirs ? other.from - one.from : ours < theirs ? 1 : -1;
        })
        .map(({ terms: _, header: __, ...document }) => structuredClone(document)),
    );
  }

  protected answer<Result>(work: (shelf: Shelf) => Result): Promise<Result> {
    return new Promise((resolve) => resolve(work(this.shelf())));
  }
}

export class MemoryIndex extends MemoryPart implements IndexPort {
  readonly #memory: IndexMemory;
  readonly #state: { isClosed: boolean };

  lane(): SearchLane {
    return { index: this, width: 1 };
  }

  async documents(ids: readonly string[], permitted: Predicate): Promise<IndexedDocument[]> {
    const found = await Promise.all(ids.map((id) => this.document(id, permitted)));
    return found.filter((document) => document !== undefined);
  }

  related(ids: readonly string[], permitted: Predicate): Promise<Related[]> {
    return Promise.all(ids.map((id) => this.#relatedTo(id, permitted)));
  }

  async #relatedTo(id: string, permitted: Predicate): Promise<Related> {
    const { size } = await this.position();
    const document = await this.document(id, permitted);
    const { ownKeys, compositionKeys, claims } = document?.links ?? { ownKeys: [], compositionKeys: [], claims: [] };
    return {
      ...{ size, document },
      claimants: await this.claiming(ownKeys, permitted),
      versions: await this.sharingComposition(compositionKeys, permitted),
      targets: await this.named(
        claims.map(({ key }) => key),
        permitted,
      ),
    };
  }

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
    return (await this.select(permitted, (document) => document.isOfFeed !== true && isAfter(document))).slice(0, count);
  }

  async search(terms: readonly string[], count: number, permitted: Predicate): Promise<IndexedDocument[]> {
    const found = await this.select(
      permitted,
      (document) => document.isOfFeed !== true && terms.every((term) => document.terms.some((own) => own.startsWith(term)) || term === ""),
    );
    return found.slice(0, count);
  }

  find(type: string, probe: Probe, window: Window, scope: Scope): Promise<ResourceNumber[]> {
    return this.answer((shelf) =>
      shelf.resources.find(type, probe, window, (number) => shelf.resources.resources([number], scope, documentAt(shelf)).length > 0),
    );
  }

  among(type: string, probe: Probe, numbers: readonly ResourceNumber[]): Promise<ResourceNumber[]> {
    return this.answer(({ resources }) => resources.among(type, probe, numbers));
  }

  estimate(type: string, probe: Probe, most: number): Promise<number> {
    return this.answer(({ resources }) => resources.estimate(type, probe, most));
  }

  targets(type: string | undefined, name: string | undefined, numbers: readonly ResourceNumber[]): Promise<FoundLink[]> {
    return this.answer(({ resources }) => numbers.flatMap((number) => resources.links(type, name).filter(({ from }) => from === number)));
  }

  referrers(type: string | undefined, name: string | undefined, numbers: readonly ResourceNumber[]): Promise<FoundLink[]> {
    return this.answer(({ resources }) =>
      numbers.flatMap((number) =>
        resources
          .links(type, name)
          .filter(({ to }) => to === number)
          .sort((one, other) => one.from - other.from),
      ),
    );
  }

  resources(numbers: readonly ResourceNumber[], scope: Scope): Promise<FoundResource[]> {
    return this.answer((shelf) => shelf.resources.resources(numbers, scope, documentAt(shelf)));
  }

  numbersOf(places: readonly ResourceIdParts[], type: string): Promise<(ResourceNumber | undefined)[]> {
    return this.answer(({ documents, resources }) =>
      places.map(({ documentId, path }) => {
        const document = documents.find(({ summary }) => summary.id === documentId);
        return document && resources.numberOf(document.from, path, type);
      }),
    );
  }

  bounds(type: string, name: string, numbers: readonly ResourceNumber[]): Promise<ResourceBounds[]> {
    return this.answer(({ resources }) => resources.bounds(type, name, numbers));
  }

  texts(type: string, name: string, numbers: readonly ResourceNumber[]): Promise<FoundText[]> {
    return this.answer(({ resources }) => resources.texts(type, name, numbers));
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

function documentAt({ documents }: Shelf): (position: number) => IndexedDocument | undefined {
  return (position) => documents.find(({ from }) => from === position);
}
