import { AtOnce, type AtOnceLimits } from "../core/at-once.ts";
import { AppError } from "../core/errors.ts";
import type { SearchParameters } from "../core/fhir/r4/search-parameters.ts";
import type { Indexer } from "./indexer.ts";
import type { IndexPort } from "./index-port.ts";
import { permittedIndex, type AskedIndex } from "./permitted-index.ts";
import { PERMIT_ALL, type Predicate } from "./predicate.ts";
import { every, type Criterion } from "./query/criterion.ts";
import { asksHeadersAlone } from "./query/reach.ts";
import type { FedIdentity } from "./identities.ts";
import { notRetracted, People, type Person, type WantedPerson } from "./people.ts";
import { copyAt, type PlacedCopy } from "./placed-copy.ts";
import { Effort } from "./query/effort.ts";
import { Evaluator } from "./query/evaluate.ts";
import { included } from "./query/included.ts";
import { SearchLanes } from "./query/lanes.ts";
import type { PageToken } from "./query/page-token.ts";
import { resourceId, type ResourceIdParts } from "./query/resource-id.ts";
import type { SearchQuery } from "./query/search-query.ts";
import { routine } from "./query/routine.ts";
import { given } from "./query/given.ts";
import { sorted, type Match } from "./query/sorted.ts";
import type { PageScope, ResourceIndex, Scope } from "./resource-index.ts";
import type { SearchPage } from "./search-page.ts";
import { endOf } from "./resource-number.ts";
import type { ResourceIndexer } from "./resource-indexer.ts";

/** How long a search waits for an index that is behind, in milliseconds. */
const PATIENCE = 1_000;
/** Up to so many matches are counted for each page, of which nobody may want to know; if somebody asks for an estimate; and sorted at all. */
const MOST_COUNTED = 1_000;
const MOST_ESTIMATED = 10_000;
const MOST_SORTED = 50_000;

/** Searches of one asker. */
const AT_ONCE: AtOnceLimits = { each: 16, waiting: 1_000, patience: 30_000 };

/** Types that tell of a document and not of what stands in it: they stay findable when it is superseded. */
const ABOUT_DOCUMENTS: ReadonlySet<string> = new Set(["Bundle", "Composition", "DocumentReference", "List", "Provenance"]);

type SearchedIndex = ResourceIndex & Pick<IndexPort, "position">;

export class Searcher {
  readonly #index: SearchedIndex;
  readonly #lanes: SearchLanes;
  readonly #indexer: Pick<ResourceIndexer, "reach">;
  readonly #documents: Pick<Indexer, "reach">;
  readonly #parameters: SearchParameters;
  readonly #atOnce = new AtOnce(AT_ONCE);

  /**
   * @param indexer brings all of the index up to the log
   * @param documents brings documents up to the log, with their resources of header types
   */
  constructor(
    index: SearchedIndex,
    {
      indexer,
      documents,
      parameters,
    }: { readonly indexer: Pick<ResourceIndexer, "reach">; readonly documents: Pick<Indexer, "reach">; readonly parameters: SearchParameters },
  ) {
    this.#documents = documents;
    this.#index = index;
    this.#lanes = new SearchLanes((longest) => index.lane(longest));
    this.#indexer = indexer;
    this.#parameters = parameters;
  }

  /**
   * @param token of a page that is not the first
   * @param asker names whoever asks among others: nobody's searches hold up those of others
   * @throws AppError `too-costly` for a search that takes too long; `bad-query` for a page that there is not; `unavailable` when too much else is asked; `too-many-requests` when too many of the asker's wait
   */
  search(asked: SearchQuery, permitted: Predicate, token?: PageToken, asker = ""): Promise<SearchPage> {
    return this.#atOnce.take(asker, () => this.#searched(asked, permitted, token, asker));
  }

  async #searched(asked: SearchQuery, permitted: Predicate, token: PageToken | undefined, asker: string): Promise<SearchPage> {
    const query = routine(asked);
    const { missing, reached } = await this.#reach(asksHeadersAlone(query));
    const size = token?.size ?? reached;
    if (size > reached && missing === 0) throw new AppError("bad-query", "There is no such page: the log is not that long. Begin the search anew.");
    if (size > reached)
      throw new AppError("unavailable", "The index has not come as far as this search did; try again in a moment.", { retryAfter: 5 });
    const effort = new Effort(asker);
    const index = permittedIndex(this.#lanes.of(effort), permitted);
    const evaluator = new Evaluator(index, effort, endOf(size));
    const { matches, total, hasMore } = query.isCount
      ? { matches: [], total: await this.#count(query, { evaluator, size }), hasMore: false }
      : query.sort.length > 0
        ? await this.#sortedPage(query, { index, evaluator, size, after: token?.after })
        : await this.#newestPage(query, { evaluator, size, after: token?.after });
    const scope: Scope = { permitted: PERMIT_ALL, isCurrent: false };
    const found = await given(
      query,
      await index.resources(
        matches.map(({ number }) => number),
        scope,
      ),
      index,
    );
    const { resources: all, isCut } = await included(found, query, {
      index,
      parameters: this.#parameters,
      scope,
      end: endOf(size),
      checkTime: () => evaluator.checkTime(),
    });
    const resources = all.filter(({ type }) => query.includedTypes?.includes(type) ?? true);
    const last = matches.at(-1);
    const people = new People(index);
    // Several that are contained in one resource are one entry.
    const isCounted = query.isCount || query.contained === "false" || query.containedType === "contained";
    return {
      matches: await people.calledAsOne(found),
      included: await people.calledAsOne(resources),
      isCut,
      total: isCounted ? total : undefined,
      moreThan: isCounted && total === undefined && query.total !== "none" ? mostCounted(query) : undefined,
      size,
      missing,
      next: hasMore && last ? { size, after: last.number } : undefined,
    };
  }

  /** By which id the person is called, of those of derived Patients of whom anything is known; asked about at once. */
  async survivors(ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
    if (ids.length === 0) return new Map();
    const { reached } = await this.#reach(true);
    return this.#people().survivors(ids, endOf(reached));
  }

  /** Of each of the ids that an identity feed named the person and the messages that count about them; undefined of any other. */
  async feeds(ids: readonly string[]): Promise<(FedIdentity | undefined)[]> {
    await this.#reach(true);
    const { identities } = this.#people();
    const found = await identities.of(ids);
    const messages = await identities.messagesOf([...found.values()]);
    return ids.map((id) => {
      const identity = found.get(id);
      const own = identity && messages.get(identity.survivor);
      return identity && own && { identity, messages: own };
    });
  }

  /**
   * Derived Patients as of now, in the order in which they are wanted and asked for at once; undefined for an id by which nobody is called that may be known.
   * @param wanted ids of the form of derived/person.ts; without a document, as the one says that speaks for them
   */
  async persons(wanted: readonly WantedPerson[], permitted: Predicate): Promise<(Person | undefined)[]> {
    if (wanted.length === 0) return [];
    const { reached } = await this.#reach(true);
    return this.#people(permitted).persons(wanted, PERMIT_ALL, endOf(reached));
  }

  /** Who the Patient is that stands at a place in a document, whoever may know of them; undefined where none does. */
  async copyAt(place: ResourceIdParts): Promise<PlacedCopy | undefined> {
    await this.#reach(true);
    return copyAt(place, permittedIndex(this.#lanes.of(new Effort()), PERMIT_ALL));
  }

  /**
   * Those of the ids of the type whose resource satisfies the criterion, of what may be known.
   * @param asker as of `search`
   * @throws AppError `too-costly` when it takes too long
   */
  async satisfying(type: string, criterion: Criterion, ids: readonly string[], permitted: Predicate, asker?: string): Promise<ReadonlySet<string>> {
    if (ids.length === 0) return new Set();
    await this.#reach(false);
    const effort = new Effort(asker);
    const index = permittedIndex(this.#lanes.of(effort), permitted);
    const evaluator = new Evaluator(index, effort);
    const everything: Scope = { permitted: PERMIT_ALL, isCurrent: false };
    const asked = every([{ kind: "id", ids }, criterion]);
    const numbers = await evaluator.page(type, asked, { below: Infinity, count: ids.length }, everything, "both");
    return new Set((await index.resources(numbers, everything)).map(resourceId));
  }

  #people(permitted: Predicate = PERMIT_ALL): People {
    return new People(permittedIndex(this.#lanes.of(new Effort()), permitted));
  }

  /** Brings the index up to the log; gives how far it came, and how many entries are missing. */
  async #reach(isHeader: boolean): Promise<{ readonly missing: number; readonly reached: number }> {
    const missing = await (isHeader ? this.#documents : this.#indexer).reach(undefined, PATIENCE);
    return { missing, reached: isHeader ? (await this.#index.position()).size : await this.#index.depth() };
  }

  async #newestPage(query: SearchQuery, { evaluator, size, after }: Walk): Promise<Page> {
    const below = Math.min(after ?? Infinity, endOf(size));
    const found = await this.#matches(query, { evaluator, below, count: query.count + 1 });
    const hasMore = found.length > query.count;
    const count = async (): Promise<number | undefined> => (after === undefined && !hasMore ? found.length : this.#count(query, { evaluator, size }));
    return { matches: found.slice(0, query.count), total: query.total === "none" ? undefined : await count(), hasMore };
  }

  async #sortedPage(query: SearchQuery, { index, evaluator, size, after }: Walk & { readonly index: Pick<AskedIndex, "bounds"> }): Promise<Page> {
    const all = await this.#matches(query, { evaluator, below: endOf(size), count: MOST_SORTED + 1 });
    if (all.length > MOST_SORTED)
      throw new AppError("too-costly", `More than ${MOST_SORTED} matches are not sorted: ask for something more specific.`);
    const inOrder = await sorted(all, query.sort, index);
    const isFirst = after === undefined || after === endOf(size);
    const last = isFirst ? -1 : inOrder.findIndex(({ number }) => number === after);
    if (!isFirst && last < 0) throw new AppError("bad-query", "What the page before ended with is no longer found: begin the search anew.");
    const matches = inOrder.slice(last + 1, last + 1 + query.count);
    return { matches, total: query.total === "none" ? undefined : all.length, hasMore: last + 1 + matches.length < inOrder.length };
  }

  async #count(query: SearchQuery, { evaluator, size }: Walk): Promise<number | undefined> {
    const most = mostCounted(query);
    let total = 0;
    for (const together of inGroups(query.types)) {
      const counts = await Promise.all(
        together.map(({ type, criterion }) =>
          countOf({ type, criterion, most: most - total, contained: query.contained }, scopeOf(type, query), { evaluator, size }),
        ),
      );
      total = counts.reduce((sum, count) => sum + count, total);
      if (total > most) return undefined;
    }
    return total;
  }

  /** The newest matches of all types together. */
  async #matches(query: SearchQuery, { evaluator, below, count }: { evaluator: Evaluator; below: number; count: number }): Promise<Match[]> {
    const found: Match[] = [];
    for (const together of inGroups(query.types)) {
      const numbers = await Promise.all(
        together.map(({ type, criterion }) => evaluator.page(type, criterion, { below, count }, scopeOf(type, query), query.contained)),
      );
      together.forEach(({ type }, at) => found.push(...(numbers[at] ?? []).map((number) => ({ number, type }))));
    }
    return found.sort((one, other) => other.number - one.number).slice(0, count);
  }
}

/** How many matches are counted. */
function mostCounted({ total, isCount }: SearchQuery): number {
  if (isCount || total === "accurate") return Infinity;
  return total === "estimate" ? MOST_ESTIMATED : MOST_COUNTED;
}

/** Types that are asked about at the same time: an engine on another machine is waited for with each question. */
const TOGETHER = 16;

function inGroups<Item>(items: readonly Item[]): Item[][] {
  return Array.from({ length: Math.ceil(items.length / TOGETHER) }, (_, at) => items.slice(at * TOGETHER, (at + 1) * TOGETHER));
}

/** All that satisfy a criterion, counted until they are more than `most`. */
async function countOf(
  {
    type,
    criterion,
    most,
    contained,
  }: { readonly type: string; readonly criterion: Criterion; readonly most: number; readonly contained: SearchQuery["contained"] },
  scope: PageScope,
  { evaluator, size }: Walk,
): Promise<number> {
  let total = 0;
  for (let below = endOf(size); total <= most;) {
    const found = await evaluator.page(type, criterion, { below, count: MOST_ESTIMATED }, scope, contained);
    total += found.length;
    if (found.length < MOST_ESTIMATED) break;
    below = found.at(-1) ?? 0;
  }
  return total;
}

interface Walk {
  readonly evaluator: Evaluator;
  readonly size: number;
  readonly after?: number | undefined;
}

interface Page {
  readonly matches: readonly Match[];
  readonly total: number | undefined;
  readonly hasMore: boolean;
}

/**
 * Data of documents that were superseded or entered in error is found by those alone who ask for it; what tells of the documents themselves by everybody. A DocumentReference or Bundle that merely stands in a
 * document is data.
 */
function scopeOf(type: string, { withSuperseded }: SearchQuery): PageScope {
  const everything: Scope = { permitted: PERMIT_ALL, isCurrent: false };
  if (withSuperseded) return everything;
  const data: Scope = { permitted: notRetracted(PERMIT_ALL), isCurrent: true };
  return ABOUT_DOCUMENTS.has(type) ? { ...everything, within: data } : data;
}
