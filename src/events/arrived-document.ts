/** A document as subscriptions are held against it: by the rows that the index has of it (search/describe-resources.ts), though nothing need be in the index. */
import { ROWS } from "../search/derived/person.ts";
import { unpacked } from "../search/packed-resources.ts";
import type { Criterion } from "../search/query/criterion.ts";
import { resourceId } from "../search/query/resource-id.ts";
import { haveRows, satisfies } from "../search/query/satisfies.ts";
import type { IndexedResource, IndexedResources } from "../search/resource-index.ts";
import { isContained, MADE_PLACES } from "../search/resource-number.ts";
import type { IndexRow, TextRow } from "../search/values/index-row.ts";

/** A resource of it: one that a search finds by itself, and so none that is contained in another. */
export interface ArrivedResource {
  readonly place: number;
  readonly type: string;
  readonly id: string;
  readonly rows: readonly IndexRow[];
  readonly receivedAt: string;
}

export interface ArrivedOptions {
  readonly id: string;
  readonly receivedAt: string;
  /** Whether another document superseded it by then. */
  readonly isSuperseded: boolean;
}

export class ArrivedDocument {
  readonly id: string;
  readonly resources: readonly ArrivedResource[];
  readonly #isSuperseded: boolean;
  readonly #words: readonly IndexedResource[];
  readonly #byPlace: ReadonlyMap<number, ArrivedResource>;
  #texts: ReadonlyMap<string, readonly TextRow[]> | undefined;

  /** @param parts of what was described: its header, and what else stands in it where that is asked for */
  constructor({ id, receivedAt, isSuperseded }: ArrivedOptions, parts: readonly IndexedResources[]) {
    const all = parts.flatMap(unpacked);
    this.id = id;
    this.#isSuperseded = isSuperseded;
    this.#words = all.filter(({ words }) => words !== undefined);
    const resources = all
      .filter(({ words }) => words === undefined)
      .map(({ place, type, path, rows }) => ({ place, type, id: resourceId({ documentId: id, path }), rows, receivedAt }));
    this.#byPlace = new Map(resources.map((one) => [one.place, one]));
    this.resources = resources.filter(({ place }) => !isContained(place));
  }

  /** Whether a resource of it satisfies a criterion that `unmatchable` passes, as a search would find it the moment after. */
  satisfies(one: ArrivedResource, criterion: Criterion): boolean {
    switch (criterion.kind) {
      case "not":
        return !this.satisfies(one, criterion.of);
      case "every":
        return criterion.of.every((each) => this.satisfies(one, each));
      case "some":
        return criterion.of.some((each) => this.satisfies(one, each));
      case "refers-to":
        return this.#refersTo(one, criterion);
      case "superseded":
        return this.#isSuperseded;
      case "document":
        return one.place === MADE_PLACES.Bundle;
      case "within":
        return criterion.documents.includes(this.id);
      case "text":
        return haveRows(this.textsOf(one), criterion);
      default:
        return satisfies(one, criterion);
    }
  }

  /** The words of a resource's texts. */
  textsOf({ type, place }: ArrivedResource): readonly TextRow[] {
    this.#texts ??= textsIn(this.#words);
    return this.#texts.get(`${type} ${place}`) ?? [];
  }

  /** By which ids a resource of the same document is referred to: of a Patient also those of the persons that it stands for. */
  idsAt(place: number): readonly string[] {
    const target = this.#byPlace.get(place);
    if (!target) return [];
    const people =
      target.type === "Patient" ? target.rows.flatMap((row) => (row.kind === "word" && row.name === ROWS.person ? [row.value] : [])) : [];
    return [target.id, ...people];
  }

  /** References lead within one document: those to elsewhere are words. */
  #refersTo(one: ArrivedResource, { name, types, id }: Extract<Criterion, { kind: "refers-to" }>): boolean {
    return one.rows.some((row) => {
      if (row.kind !== "link" || row.name !== name) return false;
      const type = this.#byPlace.get(row.target)?.type;
      return type !== undefined && (types.length === 0 || types.includes(type)) && this.idsAt(row.target).includes(id);
    });
  }
}

function textsIn(pieces: readonly IndexedResource[]): ReadonlyMap<string, readonly TextRow[]> {
  const texts = new Map<string, TextRow[]>();
  for (const { words = [] } of pieces)
    for (const { value, at } of words)
      for (const { type, name, places } of at)
        for (const place of places.split(",")) {
          const key = `${type} ${place}`;
          const rows = texts.get(key);
          if (rows) rows.push({ kind: "text", name, value, part: 0 });
          else texts.set(key, [{ kind: "text", name, value, part: 0 }]);
        }
  return texts;
}
