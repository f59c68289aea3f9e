/**
 * What the index holds of a resource so that a search finds it: plain rows, the same on every engine. A row's `name` is a parameter's code, with what kind of value it is where there are several
 * (`nameOf`); an engine keeps names apart by type of resource.
 */

/** A text that is compared whole or from its beginning: tokens, strings, addresses. */
export interface WordRow {
  readonly kind: "word";
  readonly name: string;
  readonly value: string;
  /** Of a token: its system; absent when it has none, and for what has none by its nature. */
  readonly system?: string;
  /** Which of the values of a composite parameter it belongs to, from 1; 0 of any other parameter. */
  readonly part: number;
}

/** From where to where a value reaches: dates in milliseconds, numbers as `numberKey` writes them. Both ends belong to numbers; of dates the upper one does not. */
export interface SpanRow {
  readonly kind: "span";
  readonly name: string;
  /** What can be compared with what: see `DATE_SCALES` and `quantityScales`. */
  readonly scale: string;
  readonly low: number | string;
  readonly high: number | string;
  readonly part: number;
}

/** A reference that leads to another resource of the same document. */
export interface LinkRow {
  readonly kind: "link";
  readonly name: string;
  /** Its place among the resources of the document (`resources.ts`). */
  readonly target: number;
  readonly part: number;
}

export type IndexRow = WordRow | SpanRow | LinkRow;

/** A word of a document's texts (full-text.ts) with all places where it stands: there is one for each word of a document, however many of its resources have it. */
export interface DocumentWord {
  readonly value: string;
  readonly at: readonly Occurrences[];
}

export interface Occurrences {
  /** Of the resources that have it. */
  readonly type: string;
  /** In which of their texts: `_text`, `_content`, or those of a parameter (`code:text`). */
  readonly name: string;
  /** Their places among the resources of the document, with commas between them: as one text, since nobody looks into it but who finds the word. */
  readonly places: string;
}

/** The same of one resource. */
export interface TextRow {
  readonly kind: "text";
  readonly name: string;
  readonly value: string;
  readonly part: 0;
}

/** The kinds of values that a parameter has beside those that it is asked for without a modifier. */
export type ValueKind = "text" | "of-type" | "identifier" | "exact";

export function nameOf(code: string, kind?: ValueKind): string {
  return kind === undefined ? code : `${code}:${kind}`;
}

/** The values of a composite parameter's component, counted from 0. */
export function componentName(code: string, component: number): string {
  return `${code}$${component}`;
}
