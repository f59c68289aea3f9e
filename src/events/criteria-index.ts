/**
 * Which criteria a resource may satisfy, looked up and not tried: each is filed under the rarest word that it needs, and only what is filed under a word of the resource is asked as a whole. So the
 * cost of a document goes by what matches, and not by how many criteria there are.
 */
import type { Criterion } from "../search/query/criterion.ts";
import type { IndexRow } from "../search/values/index-row.ts";
import type { ArrivedDocument, ArrivedResource } from "./arrived-document.ts";
import { neededWords, NO_SYSTEM, wordsIn, type CostOf, type NeededWord } from "./needed-words.ts";

/** A criterion upon resources of a type, and whose it is. */
export interface FiledCriterion<Owner> {
  readonly type: string;
  readonly criterion: Criterion;
  readonly owner: Owner;
}

/** How common words of a kind are, about: an id is one resource's, and a parameter alone is nearly everybody's. */
const COMMON: Readonly<Record<NeededWord["kind"], number>> = { id: 1, target: 1, word: 2, start: 10, text: 20, system: 100, present: 1_000 };
/** Parameters of few values: what asks for one of them asks for much. */
const OF_FEW_VALUES = /^(?:status|_.*|category|class|gender|active|language|intent|priority|type|kind|use|:.*)$/;
const FEW_VALUES = 50;

export class CriteriaIndex<Owner> {
  readonly #types = new Map<string, FiledType<Owner>>();

  constructor(criteria: readonly FiledCriterion<Owner>[]) {
    const crowds = new Map<string, number>();
    for (const { type, criterion } of criteria) for (const word of wordsIn(criterion)) add(crowds, keyOf(type, word));
    for (const one of criteria) {
      const costOf: CostOf = (word) =>
        (crowds.get(keyOf(one.type, word)) ?? 1) * COMMON[word.kind] * (word.kind === "word" && OF_FEW_VALUES.test(word.name) ? FEW_VALUES : 1);
      const filed = this.#types.get(one.type) ?? new FiledType<Owner>();
      this.#types.set(one.type, filed);
      filed.file(one, neededWords(one.criterion, costOf));
    }
  }

  /** The types of resources that are asked for. */
  get types(): ReadonlySet<string> {
    return new Set(this.#types.keys());
  }

  /** Those that the resource satisfies. */
  satisfied(document: ArrivedDocument, one: ArrivedResource): FiledCriterion<Owner>[] {
    return [...(this.#types.get(one.type)?.mayBe(document, one) ?? [])].filter(({ criterion }) => document.satisfies(one, criterion));
  }

  /** How many must be asked as a whole of the resource. */
  asked(document: ArrivedDocument, one: ArrivedResource): number {
    return this.#types.get(one.type)?.mayBe(document, one).size ?? 0;
  }
}

/** What is filed under the words of one parameter. */
class FiledName<Owner> {
  readonly #exact: Readonly<Record<"word" | "system" | "target", Map<string, FiledCriterion<Owner>[]>>> = {
    word: new Map(),
    system: new Map(),
    target: new Map(),
  };
  /** By how long the beginning is. */
  readonly #starts = new Map<number, Map<string, FiledCriterion<Owner>[]>>();
  readonly #present: FiledCriterion<Owner>[] = [];

  file(one: FiledCriterion<Owner>, { kind, value }: NeededWord): void {
    if (kind === "start" || kind === "text") {
      const starts = this.#starts.get(value.length) ?? new Map<string, FiledCriterion<Owner>[]>();
      this.#starts.set(value.length, starts);
      append(starts, value, one);
    } else if (kind === "present" || kind === "id") this.#present.push(one);
    else append(this.#exact[kind], value, one);
  }

  collect(
    row: Pick<IndexRow, "kind"> & Partial<{ value: string; system: string; target: number }>,
    document: ArrivedDocument,
    into: Set<FiledCriterion<Owner>>,
  ): void {
    collect(this.#present, into);
    if (row.target !== undefined && this.#exact.target.size > 0)
      for (const id of document.idsAt(row.target)) collect(this.#exact.target.get(id), into);
    if (row.value === undefined) return;
    collect(this.#exact.word.get(row.value), into);
    if (this.#exact.system.size > 0) collect(this.#exact.system.get(row.system ?? NO_SYSTEM), into);
    this.collectStarts(row.value, into);
  }

  collectStarts(value: string, into: Set<FiledCriterion<Owner>>): void {
    for (const [length, starts] of this.#starts) if (length <= value.length) collect(starts.get(value.slice(0, length)), into);
  }
}

/** What is filed of one type. */
class FiledType<Owner> {
  readonly #names = new Map<string, FiledName<Owner>>();
  readonly #ids = new Map<string, FiledCriterion<Owner>[]>();
  /** Criteria that need no word. */
  readonly #any: FiledCriterion<Owner>[] = [];
  /** Whether the words of texts are looked at: there are many of them. */
  #hasTexts = false;

  file(one: FiledCriterion<Owner>, words: readonly NeededWord[] | undefined): void {
    if (words === undefined) this.#any.push(one);
    for (const word of words ?? []) {
      if (word.kind === "id") append(this.#ids, word.value, one);
      else {
        const filed = this.#names.get(word.name) ?? new FiledName<Owner>();
        this.#names.set(word.name, filed);
        filed.file(one, word);
        this.#hasTexts ||= word.kind === "text";
      }
    }
  }

  mayBe(document: ArrivedDocument, one: ArrivedResource): Set<FiledCriterion<Owner>> {
    const found = new Set(this.#any);
    collect(this.#ids.get(one.id), found);
    for (const row of one.rows) this.#names.get(row.name)?.collect(row, document, found);
    if (this.#hasTexts) for (const { name, value } of document.textsOf(one)) this.#names.get(name)?.collectStarts(value, found);
    return found;
  }
}

function keyOf(type: string, { kind, name, value }: NeededWord): string {
  return `${type}\n${kind}\n${name}\n${value}`;
}

function add(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function append<Item>(lists: Map<string, Item[]>, key: string, item: Item): void {
  const list = lists.get(key);
  if (list) list.push(item);
  else lists.set(key, [item]);
}

function collect<Item>(items: readonly Item[] | undefined, into: Set<Item>): void {
  if (items) for (const item of items) into.add(item);
}
