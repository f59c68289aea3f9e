/** A line and a column as an editor shows them, both counted from 1; columns count UTF-16 units. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** One line of a source, without its end. */
export interface SourceLine {
  /** Where it begins in the source, and how long it is, in UTF-16 units. */
  readonly start: number;
  readonly length: number;
  /** How many units of white space it begins with; Infinity when there is nothing else in it. */
  readonly indent: number;
  /** A part of it, by units from its begin. Of an excerpt, what lies too far from every place is missing. */
  slice(from: number, to: number): string;
}

/** What is asked of a source to show where issues lie in it: all of SourceText, or an excerpt of one (`source-excerpt.ts`). */
export interface Source {
  /** The position of `offset`; undefined for an offset that is outside of the text (such as `NOWHERE`). */
  positionOf(offset: number): Position | undefined;
  /** A line by its number, from 1; undefined when there is none. */
  line(number: number): SourceLine | undefined;
}

/** The text that a sender submitted, and where in it an offset (of UTF-16 units) lies. Line ends are LF, CRLF or CR. */
export class SourceText implements Source {
  readonly text: string;
  #lineStarts: number[] | undefined;
  #isWellFormed: boolean | undefined;

  /** @param isDecoded it comes from UTF-8 that was found to be such: that can hold no half of a surrogate pair, so that nobody need look */
  constructor(text: string, isDecoded = false) {
    this.text = text;
    if (isDecoded) this.#isWellFormed = true;
  }

  /** Whether no half of a surrogate pair stands alone in it. */
  get isWellFormed(): boolean {
    return (this.#isWellFormed ??= this.text.isWellFormed());
  }

  positionOf(offset: number): Position | undefined {
    if (offset < 0 || offset > this.text.length) return undefined;
    const starts = (this.#lineStarts ??= lineStartsOf(this.text));
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] as number) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (starts[low] as number) + 1 };
  }

  line(number: number): SourceLine | undefined {
    const starts = (this.#lineStarts ??= lineStartsOf(this.text));
    const start = starts[number - 1];
    if (start === undefined) return undefined;
    const next = starts[number] ?? this.text.length;
    const end = next - (starts[number] === undefined ? 0 : endLength(this.text, next));
    const length = end - start;
    return {
      start,
      length,
      indent: indentOf(this.text, start, end),
      slice: (from, to) => this.text.slice(start + from, start + Math.min(to, length)),
    };
  }
}

function lineStartsOf(text: string): number[] {
  const starts = [0];
  for (const end of text.matchAll(/\r\n|\n|\r/g)) starts.push(end.index + end[0].length);
  return starts;
}

/** How long the line end is that lies before `next`. */
function endLength(text: string, next: number): number {
  return text.startsWith("\r\n", next - 2) ? 2 : 1;
}

function indentOf(text: string, start: number, end: number): number {
  const at = text.slice(start, end).search(/\S/);
  return at < 0 ? Infinity : at;
}
