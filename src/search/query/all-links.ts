/**
 * References from one document's resources to another's. Data leads within its document alone; but what we make of documents, and what a source sent with them, names others that are here: a submission's List the
 * DocumentReferences of all of its documents. In the index they stand as words, `Type/id`.
 */
import { PERMIT_ALL } from "../predicate.ts";
import type { FoundLink, ResourceSearch, Scope } from "../resource-index.ts";
import { isOfDocument, type ResourceNumber } from "../resource-number.ts";
import { nameOf } from "../values/index-row.ts";
import type { RowTest } from "./criterion.ts";
import { pathOf, resourceId, type ResourceIdParts } from "./resource-id.ts";

/** The parameters of such references, by type. */
const CROSSING: Readonly<Record<string, readonly string[]>> = { List: [nameOf("item")], DocumentReference: [nameOf("relatesto")] };

const EVERYTHING: Scope = { permitted: PERMIT_ALL, isCurrent: false };
/** Tests of one question, and what is found of it at once. */
const TOGETHER = 100;
const BATCH = 8_192;

/** The types and names of crossing references among those that are asked for; undefined: any. */
function crossing(type: string | undefined, name: string | undefined): readonly (readonly [type: string, name: string])[] {
  return Object.entries(CROSSING).flatMap(([own, names]) =>
    type === undefined || type === own ? names.filter((one) => name === undefined || one === name).map((one) => [own, one] as const) : [],
  );
}

type Questions = Pick<ResourceSearch, "targets" | "referrers" | "texts" | "numbersOf" | "resources" | "find">;

/** References within documents and from one to another. */
export class AllLinks {
  readonly #index: Questions;

  constructor(index: Questions) {
    this.#index = index;
  }

  /** Whether references of the type by this parameter may lead to another document. */
  mayCross(type: string, name: string): boolean {
    return crossing(type, name).length > 0;
  }

  /** As ResourceSearch.targets, with those in other documents. */
  async targets(type: string | undefined, name: string | undefined, numbers: readonly ResourceNumber[]): Promise<FoundLink[]> {
    const own = this.#index.targets(type, name, numbers);
    return crossing(type, name).length === 0 ? own : (await Promise.all([own, this.#otherTargets(type, name, numbers)])).flat();
  }

  /** As ResourceSearch.referrers, with those in other documents. */
  async referrers(type: string | undefined, name: string | undefined, numbers: readonly ResourceNumber[]): Promise<FoundLink[]> {
    const own = this.#index.referrers(type, name, numbers);
    return crossing(type, name).length === 0 ? own : (await Promise.all([own, this.#otherReferrers(type, name, numbers)])).flat();
  }

  async #otherTargets(type: string | undefined, name: string | undefined, numbers: readonly ResourceNumber[]): Promise<FoundLink[]> {
    const own = numbers.filter(isOfDocument);
    if (own.length === 0) return [];
    const all = await Promise.all(crossing(type, name).map(([from, by]) => this.#index.texts(from, by, own)));
    const named = all.flat().flatMap(({ from, value }) => {
      const place = placeIn(value);
      return place ? [{ from, ...place }] : [];
    });
    const links: FoundLink[] = [];
    for (const [target, group] of Map.groupBy(named, (one) => one.type)) {
      const found = await this.#index.numbersOf(
        group.map(({ place }) => place),
        target,
      );
      group.forEach(({ from }, at) => {
        const to = found[at];
        if (to !== undefined) links.push({ from, to });
      });
    }
    return links;
  }

  async #otherReferrers(type: string | undefined, name: string | undefined, numbers: readonly ResourceNumber[]): Promise<FoundLink[]> {
    const asked = crossing(type, name);
    if (numbers.length === 0) return [];
    const wanted = new Map((await this.#index.resources(numbers, EVERYTHING)).map((one) => [`${one.type}/${resourceId(one)}`, one.number]));
    const links: FoundLink[] = [];
    for (const [from, by] of asked)
      for (const values of grouped([...wanted.keys()])) {
        const found = (await this.#naming(from, by, values)).filter(isOfDocument);
        if (found.length === 0) continue;
        for (const { from: number, value } of await this.#index.texts(from, by, found)) {
          const to = wanted.get(value);
          if (to !== undefined) links.push({ from: number, to });
        }
      }
    return links;
  }

  async #naming(type: string, name: string, values: readonly string[]): Promise<ResourceNumber[]> {
    const anyOf = values.map((value): RowTest => ({ kind: "word", name, match: "whole", value }));
    const found: ResourceNumber[] = [];
    for (let below = Infinity, isMore = true; isMore;) {
      const batch = await this.#index.find(type, { kind: "row", anyOf }, { below, count: BATCH }, EVERYTHING);
      found.push(...batch);
      isMore = batch.length === BATCH;
      below = batch.at(-1) ?? 0;
    }
    return found;
  }
}

function placeIn(value: string): { readonly type: string; readonly place: ResourceIdParts } | undefined {
  const [, type, id] = /^([A-Z][A-Za-z]*)\/(.+)$/.exec(value) ?? [];
  const place = id === undefined ? undefined : pathOf(id);
  return type === undefined || !place ? undefined : { type, place };
}

function grouped(values: readonly string[]): string[][] {
  return Array.from({ length: Math.ceil(values.length / TOGETHER) }, (_, at) => values.slice(at * TOGETHER, (at + 1) * TOGETHER));
}
