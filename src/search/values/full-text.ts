/** Words of texts, for `_text` and `_content` (R4 search.html, text search parameters): one for each word of a document, with the places of the resources that have it. */
import { JsonArray, JsonObject, type JsonValue } from "../../core/fhir/tree/tree.ts";
import { isAscii, plainLetters } from "../search-terms.ts";
import { boundedStart } from "./bounded.ts";
import type { DocumentWord, TextRow, Occurrences } from "./index-row.ts";

export const NARRATIVE_WORDS = "_text";
export const CONTENT_WORDS = "_content";

/** In which words either parameter looks. */
export const WORD_ROWS: Readonly<Record<typeof NARRATIVE_WORDS | typeof CONTENT_WORDS, readonly string[]>> = {
  [NARRATIVE_WORDS]: [NARRATIVE_WORDS],
  [CONTENT_WORDS]: [NARRATIVE_WORDS, CONTENT_WORDS],
};

/** A resource is found by so many different words; more are no text. */
const MOST_WORDS = 4_000;
const MOST_LETTERS = 500_000;

const HAN = /\p{Script=Han}+/gu;
const segmenter = new Intl.Segmenter("und", { granularity: "word" });

/**
 * The words of a text as they are compared: without case and diacritics. Scripts that put no blanks between words are cut by Unicode's rules; Han in pairs of characters, so that any part of a
 * word is found.
 */
export function wordsOf(text: string): string[] {
  const plain = plainLetters(text);
  const found = new Set<string>();
  if (isAscii(plain)) {
    addAsciiWords(plain, found);
    return [...found];
  }
  for (const [run] of plain.matchAll(HAN)) for (const pair of pairsOf([...run])) found.add(pair);
  addSegments(plain.replace(HAN, " "), found);
  return [...found];
}

function addSegments(text: string, found: Set<string>): void {
  for (const { segment, isWordLike } of segmenter.segment(text))
    if (isWordLike === true) found.add(boundedStart(segment.replace(/[^\p{L}\p{N}]+/gu, "")));
  found.delete("");
}

/** Marks between which every word ends by Unicode's rules; those that are left (`.`, `,`, `'`, `:`, `;`, `_` and `"`) may stand within one. */
const ASCII_MARKS = /[^a-z0-9.,':;_"]+/;
/** A word alone; or a number with its points; with nothing around it but marks, which belong to no word. */
const ASCII_WORD = /^[.,':;"]*(?:([a-z0-9]+)|([0-9]+[.,][0-9]+))[.,':;"]*$/;

/** What stands between marks is a word for the most part, and is cut by the rules where it isn't. */
function addAsciiWords(text: string, found: Set<string>): void {
  for (const piece of text.split(ASCII_MARKS)) {
    if (piece === "") continue;
    const [, word, number] = ASCII_WORD.exec(piece) ?? [];
    if (word !== undefined) found.add(boundedStart(word));
    else if (number !== undefined) found.add(boundedStart(number.replace(/[.,]/, "")));
    else addSegments(piece, found);
  }
}

function pairsOf(characters: readonly string[]): string[] {
  if (characters.length < 2) return [...characters];
  return characters.slice(1).map((character, at) => `${characters[at]}${character}`);
}

/** Words of a resource. */
interface ResourceWords {
  readonly name: typeof NARRATIVE_WORDS | typeof CONTENT_WORDS;
  readonly words: readonly string[];
}

/** The words of the resource's narratives, and those that stand in its other texts alone: `_content` looks at both, so that no word stands twice. */
function resourceWords(resource: JsonObject): readonly ResourceWords[] {
  const [narratives, others]: [string[], string[]] = [[], []];
  collect(resource, narratives, others, 0);
  const narrative = wordsOf(narratives.join(" ").slice(0, MOST_LETTERS)).slice(0, MOST_WORDS);
  const known = new Set(narrative);
  const content = wordsOf(others.join(" ").slice(0, MOST_LETTERS)).filter((word) => !known.has(word));
  return [
    { name: NARRATIVE_WORDS, words: narrative },
    { name: CONTENT_WORDS, words: content.slice(0, MOST_WORDS) },
  ];
}

/** The words of one resource, as rows. */
export function fullTextRows(resource: JsonObject): TextRow[] {
  return resourceWords(resource).flatMap(({ name, words }) => words.map((value) => ({ kind: "text", name, value, part: 0 }) as const));
}

/** Collects the words of a document's resources. */
export class DocumentWords {
  readonly #all = new Map<string, Map<string, Occurrences>>();

  /** Words of a resource, each once. */
  add({ place, type }: { readonly place: number; readonly type: string }, name: string, words: readonly string[]): void {
    const key = `${type} ${name}`;
    for (const word of words) {
      const known = this.#all.get(word);
      const at = known ?? new Map<string, Occurrences>();
      if (!known) this.#all.set(word, at);
      const before = at.get(key);
      at.set(key, before ? { ...before, places: `${before.places},${place}` } : { type, name, places: String(place) });
    }
  }

  addTexts(one: { readonly place: number; readonly type: string; readonly resource: JsonObject }): void {
    for (const { name, words } of resourceWords(one.resource)) this.add(one, name, words);
  }

  all(): DocumentWord[] {
    return [...this.#all].map(([value, at]) => ({ value, at: [...at.values()] }));
  }
}

/** Deeper than any resource may be (read-limits.ts). */
const DEEPEST = 200;

/** Texts that are for people: whatever holds a blank, or stands where words do. Addresses, codes and data are looked for by their own parameters. */
function collect(value: JsonValue, narratives: string[], others: string[], depth: number): void {
  if (depth > DEEPEST) return;
  if (value instanceof JsonArray) {
    for (const item of value.items) collect(item, narratives, others, depth + 1);
  } else if (value instanceof JsonObject) {
    value.names.forEach((name, at) => {
      const inner = value.values[at];
      // Contained resources are found through their container; a Bundle's entries by themselves.
      if (inner === undefined || (depth === 0 && name === "entry" && value.get("resourceType") === "Bundle")) return;
      if (typeof inner !== "string") collect(inner, narratives, others, depth + 1);
      else if (name === "div") narratives.push(withoutMarkup(inner));
      else if (!NO_TEXT.has(name)) others.push(inner);
    });
  } else if (typeof value === "string") others.push(value);
}

const NO_TEXT: ReadonlySet<string> = new Set([
  "resourceType",
  "id",
  "reference",
  "system",
  "url",
  "data",
  "fullUrl",
  "profile",
  "contentType",
  "hash",
  "lastUpdated",
  "versionId",
  "source",
  "language",
  "implicitRules",
  "use",
  "type",
  "status",
]);

/** A word ends where an element does; references to characters stand for them. */
function withoutMarkup(xhtml: string): string {
  return xhtml
    .replace(/<[^>]*>/g, " ")
    .replace(/&#x([0-9a-f]{1,6});/gi, (whole, digits: string) => characterOf(Number.parseInt(digits, 16), whole))
    .replace(/&#(\d{1,7});/g, (whole, digits: string) => characterOf(Number(digits), whole))
    .replace(/&(lt|gt|amp|quot|apos|nbsp);/g, " ");
}

function characterOf(code: number, otherwise: string): string {
  return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : otherwise;
}
