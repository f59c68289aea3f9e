/**
 * The parts of a source around the places that something is to be said about: enough to tell their lines and columns and to show them, however long the source is. Data, so that it can leave
 * the thread in which the whole text was.
 */
import type { Position, Source, SourceLine, SourceText } from "./source-text.ts";

/** A line, of which the beginning and what is near a place is kept. */
interface LineParts {
  readonly number: number;
  readonly start: number;
  readonly length: number;
  readonly indent: number;
  readonly parts: readonly { readonly from: number; readonly text: string }[];
}

/** Lines in the order of the source; those that are near no place are left out. */
export interface SourceParts {
  readonly lines: readonly LineParts[];
}

/** How many lines before and behind the one of a place are kept, and of a line how many units around a place and from the margin on. */
const LINES_AROUND = 2;
const UNITS_AROUND = 320;

/** Cuts out what is around the offsets; such as lie outside of the source are passed over. */
export function partsAround(offsets: Iterable<number>, source: SourceText): SourceParts {
  const columns = new Map<number, Set<number>>();
  const placesIn = (line: number): Set<number> => {
    const known = columns.get(line) ?? new Set<number>();
    columns.set(line, known);
    return known;
  };
  for (const offset of offsets) {
    const position = source.positionOf(offset);
    if (position === undefined) continue;
    for (let line = position.line - LINES_AROUND; line <= position.line + LINES_AROUND; line++) placesIn(line);
    placesIn(position.line).add(position.column - 1);
  }
  const found = [...columns]
    .sort(([one], [other]) => one - other)
    .flatMap(([number, places]) => {
      const line = source.line(number);
      return line === undefined ? [] : [{ number, line, places }];
    });
  // Lines that stand together are shown without what all of them are indented by, so that each is needed from there on.
  let margin = Infinity;
  found.forEach(({ number }, at) => {
    if (found[at - 1]?.number !== number - 1) margin = Math.min(...togetherFrom(found, at).map(({ line }) => line.indent));
    found[at]?.places.add(margin);
  });
  return { lines: found.map(({ number, line, places }) => partsOf(number, line, places)) };
}

function togetherFrom<Line extends { readonly number: number }>(lines: readonly Line[], at: number): Line[] {
  const first = lines[at]?.number ?? 0;
  let end = at;
  while (lines[end]?.number === first + end - at) end++;
  return lines.slice(at, end);
}

function partsOf(number: number, line: SourceLine, places: ReadonlySet<number>): LineParts {
  const { start, length, indent } = line;
  const windows: { from: number; to: number }[] = [];
  // A margin that nothing bounds is none.
  for (const place of [...places].map((column) => (column === Infinity ? 0 : Math.min(column, length))).sort((one, other) => one - other)) {
    const from = Math.max(0, place - UNITS_AROUND);
    const to = Math.min(length, place + UNITS_AROUND);
    const last = windows.at(-1);
    if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to);
    else windows.push({ from, to });
  }
  return { number, start, length, indent, parts: windows.map(({ from, to }) => ({ from, text: line.slice(from, to) })) };
}

/** A source of which only parts are at hand. It answers as the whole would about the places that it was cut out for. */
export class SourceExcerpt implements Source {
  readonly #lines: ReadonlyMap<number, LineParts>;
  readonly #ordered: readonly LineParts[];

  constructor({ lines }: SourceParts) {
    this.#ordered = lines;
    this.#lines = new Map(lines.map((line) => [line.number, line]));
  }

  positionOf(offset: number): Position | undefined {
    // The last line that does not begin behind it; up to two units of a line's end belong to the line.
    let low = 0;
    let high = this.#ordered.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#ordered[middle] as LineParts).start <= offset) low = middle + 1;
      else high = middle;
    }
    const line = this.#ordered[low - 1];
    return line && offset <= line.start + line.length + 1 ? { line: line.number, column: offset - line.start + 1 } : undefined;
  }

  line(number: number): SourceLine | undefined {
    const line = this.#lines.get(number);
    return line && { start: line.start, length: line.length, indent: line.indent, slice: (from, to) => sliceOf(line, from, to) };
  }
}

function sliceOf({ parts }: LineParts, from: number, to: number): string {
  return parts.map((part) => part.text.slice(Math.max(0, from - part.from), Math.max(0, to - part.from))).join("");
}
