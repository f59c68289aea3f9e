import type { Issue } from "../../../core/fhir/issue.ts";
import type { Source, SourceLine } from "../../../core/fhir/reading/source-text.ts";

/** A line of a file, or a part of a long one, with the issues that are about it. */
export interface ExcerptLine {
  /** From 1. */
  readonly line: number;
  readonly text: string;
  /** Whether something of the line stands before, or after, what is shown. */
  readonly isCutBefore: boolean;
  readonly isCutAfter: boolean;
  readonly placed: readonly PlacedIssue[];
}

export interface PlacedIssue {
  readonly issue: Issue;
  /** In the file's line, from 1. */
  readonly column: number;
  /** Where in the shown text it begins, and how long what is meant is. */
  readonly start: number;
  readonly length: number;
}

/** Lines that stand together in the file, without what all of them are indented by. */
export type Excerpt = readonly ExcerptLine[];

/** How many lines around one are shown. */
const AROUND = 2;
/** A longer line is shown in parts, REACH characters on either side of a place: whole documents are often written on one line. */
const LONG = 160;
const REACH = 70;
/** A name in quotes, a start tag, a word, or one character. */
const TOKEN = /(?:"[^"\r\n]{0,40}"|<\/?[\w:.-]{1,40}|[\w.-]{1,40}|.)?/suy;

/** The lines that issues are about, with some around each, in the order of the file. Issues that have no place in it are left out. */
export function excerptsOf(issues: readonly Issue[], source: Source): Excerpt[] {
  const byLine = new Map<number, { issue: Issue; column: number }[]>();
  for (const issue of issues) {
    const position = issue.offset === undefined ? undefined : source.positionOf(issue.offset);
    if (!position) continue;
    const there = byLine.get(position.line);
    if (there) there.push({ issue, column: position.column });
    else byLine.set(position.line, [{ issue, column: position.column }]);
  }
  if (byLine.size === 0) return [];
  const shown = new Map<number, SourceLine>();
  for (const line of byLine.keys())
    for (let near = line - AROUND; near <= line + AROUND; near++) {
      const text = shown.has(near) ? undefined : source.line(near);
      if (text) shown.set(near, text);
    }
  const blocks: { readonly line: number; readonly text: SourceLine }[][] = [];
  for (const [line, text] of [...shown].sort(([one], [other]) => one - other)) {
    const block = blocks.at(-1);
    if (block?.at(-1)?.line === line - 1) block.push({ line, text });
    else blocks.push([{ line, text }]);
  }
  return blocks.map((block) => {
    const least = Math.min(...block.map(({ text }) => text.indent));
    const indent = Number.isFinite(least) ? least : 0;
    return block.flatMap(({ line, text }) => partsOf(line, text, byLine.get(line) ?? [], indent));
  });
}

/** One line, or the parts of it around its issues. */
function partsOf(
  line: number,
  text: SourceLine,
  found: readonly { readonly issue: Issue; readonly column: number }[],
  indent: number,
): ExcerptLine[] {
  const placed = found.toSorted((one, other) => one.column - other.column);
  if (text.length - indent <= LONG || placed.length === 0) {
    const end = Math.min(text.length, indent + LONG);
    return [partOf(line, text, Math.min(indent, text.length), end, placed, indent)];
  }
  const windows: { start: number; end: number; placed: { issue: Issue; column: number }[] }[] = [];
  for (const place of placed) {
    const window = windows.at(-1);
    const [start, end] = [Math.max(indent, place.column - 1 - REACH), Math.min(text.length, place.column - 1 + REACH)];
    // Parts that touch are one, as long as that is no longer than a reader can take in.
    if (window && start <= window.end && end - window.start <= 2 * LONG) {
      window.end = end;
      window.placed.push(place);
    } else windows.push({ start, end, placed: [place] });
  }
  return windows.map(({ start, end, placed: within }) => partOf(line, text, start, end, within, indent));
}

function partOf(
  line: number,
  text: SourceLine,
  from: number,
  to: number,
  found: readonly { readonly issue: Issue; readonly column: number }[],
  indent: number,
): ExcerptLine {
  const [start, end] = [wholeCharacter(text, from), wholeCharacter(text, to)];
  const shown = text.slice(start, end);
  const placed = found.map(({ issue, column }) => {
    const at = Math.min(Math.max(0, column - 1 - start), shown.length);
    TOKEN.lastIndex = at;
    return { issue, column, start: at, length: TOKEN.exec(shown)?.[0].length ?? 0 };
  });
  return { line, text: shown, isCutBefore: start > indent, isCutAfter: end < text.length, placed };
}

/** A place that does not cut a character of two units in half. */
function wholeCharacter(text: SourceLine, at: number): number {
  const code = text.slice(at, at + 1).charCodeAt(0);
  return code >= 0xdc00 && code <= 0xdfff && at > 0 ? at - 1 : at;
}
