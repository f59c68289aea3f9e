/** What ids of a search stand for in the index: asked once however often they come up. A compartment asks for the same places with each of its types and parameters. */
import { isPersonId } from "../derived/person.ts";
import { PERMIT_ALL } from "../predicate.ts";
import type { ResourceSearch, Scope } from "../resource-index.ts";
import { endOf, positionOf, type ResourceNumber } from "../resource-number.ts";
import type { Criterion } from "./criterion.ts";
import { listed, unique, type Driver } from "./drivers.ts";
import { pathOf, resourceId, type ResourceIdParts } from "./resource-id.ts";
import type { SearchedPeople } from "./searched-people.ts";

const EVERYTHING: Scope = { permitted: PERMIT_ALL, isCurrent: false };

export class IdLookups {
  readonly #index: ResourceSearch;
  readonly #people: SearchedPeople;
  readonly #numbers = new Map<string, Promise<(ResourceNumber | undefined)[]>>();

  constructor(index: ResourceSearch, people: SearchedPeople) {
    this.#index = index;
    this.#people = people;
  }

  async numbersOf(type: string, ids: readonly string[]): Promise<ResourceNumber[]> {
    const places = ids.map(pathOf).filter((place) => place !== undefined);
    const people = type === "Patient" ? ids.filter(isPersonId) : [];
    // Each document has its word; who searches takes the one that speaks for the person.
    const [numbers, derived] = await Promise.all([this.#numbersAt(type, places), people.length === 0 ? [] : this.#people.derived(people)]);
    return unique([...numbers.filter((number) => number !== undefined), ...derived]);
  }

  async targetsOf({ types, id }: Extract<Criterion, { kind: "refers-to" }>): Promise<ResourceNumber[]> {
    const found = await Promise.all(types.map((type) => this.numbersOf(type, [id])));
    return unique(found.flat());
  }

  /** Patients that link to one. */
  async linking(criterion: Extract<Criterion, { kind: "refers-to" }>): Promise<ResourceNumber[]> {
    const links = await this.#index.referrers("Patient", criterion.name, await this.targetsOf(criterion));
    return this.#people.whole(links.map(({ from }) => from));
  }

  /** Those of `numbers` that stand in one of these documents. */
  async within(documents: readonly string[], numbers: readonly ResourceNumber[]): Promise<ResourceNumber[]> {
    const positions = new Set(await this.#positionsOf(documents));
    return numbers.filter((number) => positions.has(positionOf(number)));
  }

  /** All of a type in these documents. */
  async inDocuments(type: string, documents: readonly string[]): Promise<Driver> {
    const found: ResourceNumber[] = [];
    for (const position of await this.#positionsOf(documents))
      for (let below = endOf(position + 1), isMore = true; isMore;) {
        const batch = await this.#index.find(type, { kind: "any" }, { below, count: BATCH }, EVERYTHING);
        const own = batch.filter((number) => number >= endOf(position));
        found.push(...own);
        isMore = own.length === BATCH;
        below = batch.at(-1) ?? 0;
      }
    return listed(found);
  }

  async #positionsOf(documents: readonly string[]): Promise<number[]> {
    // Each document has its Bundle.
    const places = documents.map((documentId) => ({ documentId, path: "" }));
    const numbers = await this.#numbersAt("Bundle", places);
    return numbers.filter((number) => number !== undefined).map(positionOf);
  }

  #numbersAt(type: string, places: readonly ResourceIdParts[]): Promise<(ResourceNumber | undefined)[]> {
    if (places.length === 0) return Promise.resolve([]);
    const key = [type, ...places.map(resourceId)].join(" ");
    const asked = this.#numbers.get(key) ?? this.#index.numbersOf(places, type);
    this.#numbers.set(key, asked);
    return asked;
  }
}

/** A document has fewer resources of most types. */
const BATCH = 256;
