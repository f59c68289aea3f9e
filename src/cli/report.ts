import { isError, type Issue } from "../core/fhir/issue.ts";
import type { SourceText } from "../core/fhir/reading/source-text.ts";

/** How much of a long line is shown. */
const WINDOW = 120;

/** Issues for a person: `file:line:column: severity: text [rule]`, the place in the resource, and the line with a mark below the place. */
export function issueReport(file: string, issues: readonly Issue[], source: SourceText): string {
  return issues.map((issue) => issueLines(file, issue, source).join("\n") + "\n").join("");
}

/** e.g. `2 errors, 1 warning`. */
export function countText(issues: readonly Issue[]): string {
  const errors = issues.filter(isError).length;
  const warnings = issues.filter((issue) => issue.severity === "warning").length;
  const parts = [counted(errors, "error"), counted(warnings, "warning")].filter((part) => part !== "");
  return parts.length === 0 ? "no issues" : parts.join(", ");
}

function counted(count: number, noun: string): string {
  return count === 0 ? "" : `${count} ${noun}${count === 1 ? "" : "s"}`;
}

function issueLines(file: string, issue: Issue, source: SourceText): string[] {
  const position = issue.offset === undefined ? undefined : source.positionOf(issue.offset);
  const place = position ? `${file}:${position.line}:${position.column}` : file;
  const head = `${place}: ${issue.severity}: ${issue.text} [${issue.rule}]`;
  const where = issue.expression === undefined ? [] : [`    at ${issue.expression}`];
  if (!position || issue.offset === undefined) return [head, ...where];
  return [head, ...where, ...excerpt(source.text, issue.offset).map((line) => `    ${line}`)];
}

/** The line that holds `offset`, cut to a window around it, and a mark below the place. */
function excerpt(text: string, offset: number): [string, string] {
  const isBreak = (at: number): boolean => text[at] === "\n" || text[at] === "\r";
  let start = offset;
  while (start > 0 && !isBreak(start - 1) && offset - start < WINDOW / 2) start -= 1;
  let end = offset;
  while (end < text.length && !isBreak(end) && end - start < WINDOW) end += 1;
  const before = start > 0 && !isBreak(start - 1) ? "…" : "";
  const after = end < text.length && !isBreak(end) ? "…" : "";
  const shown = text.slice(start, end);
  // Whatever could move a terminal's cursor is shown as a space.
  const plain = shown.replace(/\p{C}/gu, (character) => " ".repeat(character.length));
  return [`${before}${plain}${after}`, `${" ".repeat(before.length + offset - start)}^`];
}
