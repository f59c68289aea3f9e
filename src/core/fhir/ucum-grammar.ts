/** The grammar of UCUM's codes (Unified Code for Units of Measure, ucum.org, section 2): components joined by `.` and `/` from left to right, brackets, exponents, and annotations in braces. */

/** What is made of a code's parts as they are met; undefined of one lets the whole be none. */
export interface UcumParts<Made> {
  /** Of a unit, or the power of ten (`10*`). @param exponent as it is written; empty where there is none */
  symbol(symbol: string, exponent: string): Made | undefined;
  /** Of a whole number, behind which nothing like an exponent means anything. */
  number(digits: string, exponent: string): Made | undefined;
  /** Of a component that an annotation alone is; what stands before a `/` at the beginning is made so too. */
  readonly one: Made;
  /** Of two components. @param sign of the exponent of the right one */
  joined(left: Made, right: Made, sign: 1 | -1): Made | undefined;
}

/** What is made of a text; undefined when it is no code by the grammar. Costs no more than its length, and what the parts cost. */
export function readUcum<Made>(text: string, parts: UcumParts<Made>): Made | undefined {
  const scan = new Scan(text, parts);
  const made = text === "" ? undefined : scan.term(0);
  return scan.isAtEnd ? made : undefined;
}

const DEEPEST = 20;

class Scan<Made> {
  readonly #text: string;
  readonly #parts: UcumParts<Made>;
  #at = 0;

  constructor(text: string, parts: UcumParts<Made>) {
    this.#text = text;
    this.#parts = parts;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#text.length;
  }

  term(depth: number): Made | undefined {
    let made = this.#text[this.#at] === "/" ? this.#parts.one : this.#component(depth);
    for (let sign = this.#text[this.#at]; made !== undefined && (sign === "." || sign === "/"); sign = this.#text[this.#at]) {
      this.#at++;
      const right = this.#component(depth);
      made = right && this.#parts.joined(made, right, sign === "." ? 1 : -1);
    }
    return made;
  }

  #component(depth: number): Made | undefined {
    if (this.#text[this.#at] === "(") {
      if (depth >= DEEPEST) return undefined;
      this.#at++;
      const made = this.term(depth + 1);
      return this.#text[this.#at++] === ")" ? made : undefined;
    }
    const symbol = this.#match(SYMBOL);
    const number = symbol === "" ? this.#match(NUMBER) : "";
    const exponent = symbol + number === "" ? "" : this.#match(EXPONENT);
    const annotation = this.#match(ANNOTATION);
    if (symbol !== "") return this.#parts.symbol(symbol, exponent);
    if (number !== "") return this.#parts.number(number, exponent);
    return annotation === "" ? undefined : this.#parts.one;
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const [found = ""] = pattern.exec(this.#text) ?? [];
    this.#at += found.length;
    return found;
  }
}

/** A symbol: letters, `%`, `'`, and brackets with anything in them; the power of ten by itself. */
const SYMBOL = /10[*^]|(?:\[[^[\]]*\]|[A-Za-z%'_])+/y;
const NUMBER = /\d+/y;
const EXPONENT = /[+-]?\d+/y;
/** Printable ASCII, which does not nest. */
const ANNOTATION = /\{[!-z|~]*\}/y;
