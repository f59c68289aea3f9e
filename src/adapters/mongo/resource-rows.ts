/** Resources of the index as rows: one for each resource, with all that it is found by in lists, each of which an index of the engine goes through; and such rows of no type, for words of a document's texts. */
import { resourceNumber } from "../../search/resource-number.ts";
import type { IndexedResource } from "../../search/resource-index.ts";

/** A text; `k` is the parameter's name and the text, so that one comparison finds both. A word of a document's texts is `k` alone, and `at` says where it stands. */
export interface WordField {
  readonly k: string;
  /** System; absent without one. */
  readonly s?: string;
  readonly p: number;
  readonly at?: readonly OccurrencesField[];
}

/** `n`: the type of resources and the name of the text; `r`: their places in the document, with commas between them. */
export interface OccurrencesField {
  readonly n: string;
  readonly r: string;
}

/** `k`: the parameter's name and the scale. */
export interface SpanField {
  readonly k: string;
  readonly l: number | string;
  readonly h: number | string;
  readonly p: number;
}

/** `n`: the parameter's name; `t`: the number of what it leads to. */
export interface LinkField {
  readonly n: string;
  readonly t: number;
}

export interface ResourceRow {
  /** `{generation}/{number}` */
  readonly _id: string;
  readonly generation: number;
  readonly number: number;
  /** Of its document's entry in the log. */
  readonly position: number;
  readonly type: string;
  readonly path: string;
  readonly words: readonly WordField[];
  readonly spans: readonly SpanField[];
  readonly links: readonly LinkField[];
  /** The names of all that it has. */
  readonly names: readonly string[];
}

/** In no name. */
const BETWEEN = "\n";

export function fieldKey(name: string, value: string): string {
  return `${name}${BETWEEN}${value}`;
}

/** The type of rows of words; no resource has it. */
export const WORDS_TYPE = "";

/** What stands behind the name. */
export function valueIn(key: string): string {
  return key.slice(key.indexOf(BETWEEN) + 1);
}

export function resourceRowId(generation: number, number: number): string {
  return `${generation}/${number}`;
}

export function resourceRowOf(
  { place, type, path, rows, words: ofDocument = [] }: IndexedResource,
  position: number,
  generation: number,
): ResourceRow {
  const number = resourceNumber(position, place);
  const words = ofDocument.map(({ value, at }): WordField => ({
    k: value,
    p: 0,
    at: at.map((one) => ({ n: fieldKey(one.type, one.name), r: one.places })),
  }));
  const spans: SpanField[] = [];
  const links: LinkField[] = [];
  for (const row of rows)
    switch (row.kind) {
      case "word":
        words.push({ k: fieldKey(row.name, row.value), p: row.part, ...(row.system !== undefined && { s: row.system }) });
        break;
      case "span":
        spans.push({ k: fieldKey(row.name, row.scale), l: row.low, h: row.high, p: row.part });
        break;
      case "link":
        links.push({ n: row.name, t: resourceNumber(position, row.target) });
    }
  const names = [...new Set(rows.map(({ name }) => name))];
  return { _id: resourceRowId(generation, number), generation, number, position, type, path, words, spans, links, names };
}
