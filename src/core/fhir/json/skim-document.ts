/**
 * Where the entries of a document in JSON stand, without reading what is in them: for whoever wants one of them. It reads a text that was read before and found to be whole, and gives up (undefined) at anything
 * that is not as usual, so that the whole is read then.
 */

import { stringEnd } from "./string-end.ts";

/** An entry that holds a resource: what it is called by, and where the resource stands in the text. */
export interface SkimmedEntry {
  /** Its place in Bundle.entry, from 0. */
  readonly index: number;
  readonly fullUrl: string | undefined;
  readonly type: string;
  readonly id: string | undefined;
  /** `meta.versionId`. */
  readonly versionId: string | undefined;
  readonly start: number;
  /** Behind its last character. */
  readonly end: number;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const SPACE = 0x20;

/** Of a document. */
export interface SkimmedDocument {
  readonly entries: readonly SkimmedEntry[];
  /** Where the Bundle's own `meta` stands, and where it ends; undefined when it has none. */
  readonly meta: { readonly start: number; readonly end: number } | undefined;
}

export function skimDocument(text: string): SkimmedDocument | undefined {
  try {
    const entries: SkimmedEntry[] = [];
    let meta: SkimmedDocument["meta"];
    const skimmer = new Skimmer(text);
    skimmer.object((name) => {
      if (name === "meta") {
        const start = skimmer.at;
        skimmer.pass();
        meta = { start, end: skimmer.at };
        return;
      }
      if (name !== "entry") return skimmer.pass();
      let index = 0;
      skimmer.array(() => {
        const entry = entryAt(skimmer, index++);
        if (entry) entries.push(entry);
      });
    });
    return { entries, meta };
  } catch (error) {
    if (error instanceof UnusualError) return undefined;
    throw error;
  }
}

/** What is read of an entry, as it is met. */
type Met = { -readonly [Name in keyof SkimmedEntry]?: SkimmedEntry[Name] };

function entryAt(skimmer: Skimmer, index: number): SkimmedEntry | undefined {
  const met: Met = {};
  skimmer.object((name) => {
    if (name === "fullUrl") met.fullUrl = skimmer.string();
    else if (name === "resource") resourceAt(skimmer, met);
    else skimmer.pass();
  });
  const { fullUrl, type = "", id, versionId, start, end } = met;
  return start === undefined || end === undefined ? undefined : { index, fullUrl, type, id, versionId, start, end };
}

function resourceAt(skimmer: Skimmer, met: Met): void {
  met.start = skimmer.at;
  skimmer.object((name) => {
    if (name === "resourceType") met.type = skimmer.string();
    else if (name === "id") met.id = skimmer.string();
    else if (name === "meta") skimmer.object((of) => (of === "versionId" ? (met.versionId = skimmer.string()) : skimmer.pass()));
    else skimmer.pass();
  });
  met.end = skimmer.at;
}

class UnusualError extends Error {}

/** Goes through a text; `at` is where it stands. */
class Skimmer {
  readonly #text: string;
  at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** @param property is told each name, and goes on behind the value */
  object(property: (name: string) => void): void {
    this.#begin(OPEN_BRACE);
    if (this.#look() === CLOSE_BRACE) return void this.at++;
    for (;;) {
      const name = this.string();
      if (this.#look() !== COLON) throw new UnusualError();
      this.at++;
      this.#look();
      property(name);
      const code = this.#look();
      this.at++;
      if (code === CLOSE_BRACE) return;
      if (code !== COMMA) throw new UnusualError();
    }
  }

  /** @param item goes on behind each item */
  array(item: () => void): void {
    this.#begin(OPEN_BRACKET);
    if (this.#look() === CLOSE_BRACKET) return void this.at++;
    for (;;) {
      this.#look();
      item();
      const code = this.#look();
      this.at++;
      if (code === CLOSE_BRACKET) return;
      if (code !== COMMA) throw new UnusualError();
    }
  }

  string(): string {
    this.#begin(QUOTE);
    const start = this.at;
    const end = this.#text.indexOf('"', start);
    const content = this.#text.slice(start, end);
    // What is written with escapes is none of the names, and hardly an address.
    if (end < 0 || content.includes("\\")) throw new UnusualError();
    this.at = end + 1;
    return content;
  }

  /** Goes behind a value. */
  pass(): void {
    const text = this.#text;
    let at = this.at;
    for (let depth = 0; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code === QUOTE) {
        at = endOfString(text, at + 1);
        if (depth === 0) {
          this.at = at + 1;
          return;
        }
      } else if (code === OPEN_BRACE || code === OPEN_BRACKET) depth++;
      else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) {
        // Behind a number or a word: its object ends.
        if (depth === 0) break;
        if (--depth === 0) {
          this.at = at + 1;
          return;
        }
      } else if (code === COMMA && depth === 0) break;
    }
    if (at >= text.length || at === this.at) throw new UnusualError();
    this.at = at;
  }

  #begin(code: number): void {
    if (this.#look() !== code) throw new UnusualError();
    this.at++;
  }

  /** The next character that is no white space. */
  #look(): number {
    const text = this.#text;
    let code = text.charCodeAt(this.at);
    while (code <= SPACE) code = text.charCodeAt(++this.at);
    if (Number.isNaN(code)) throw new UnusualError();
    return code;
  }
}

/** Where the quote stands that ends a string. */
function endOfString(text: string, start: number): number {
  const end = stringEnd(text, start);
  if (end < 0) throw new UnusualError();
  return end;
}
