/** Tables of what is generated. */
import { html, type Part, type SafeHtml } from "../html.ts";
import type { Arrangement } from "./arrangements/arrangement.ts";
import { factLines } from "./fact-list.ts";
import { isBlank } from "./joined.ts";
import type { RenderContext } from "./render-context.ts";
import type { Row } from "./rows.ts";

/** Levels that are indented apart (generated.css). */
const MOST_LEVELS = 6;

/** A table with so many columns grows out of the column for prose, where the window is wide enough (document.css). */
const MANY = 5;

/**
 * Rows of one type. A column that nobody filled is left out. On a narrow screen each row is a card, with the heads beside their cells (generated.css).
 * @param below what stands below a row: tables of parts of other types
 */
export function tableOf(type: string, rows: readonly Row[], { columns }: Arrangement, context: RenderContext, below: (row: Row) => Part): SafeHtml {
  const { locale } = context;
  const used = columns
    .map((column, at) => ({ column, at, head: locale.word(column.head) }))
    .filter(({ at }) => at === 0 || rows.some(({ cells }) => !isBlank(cells[at])));
  const common = commonTo(rows);
  const cells = (row: Row): Part =>
    used.map(({ column, at, head }) => {
      const cell = row.cells[at];
      if (at === 0) return html`<th scope="row">${cell}</th>`;
      return html`<td class="${isBlank(cell) ? "blank" : (column.kind ?? "")}" data-head="${head}" dir="auto">${cell}</td>`;
    });
  const wide = (kind: string, content: Part): Part =>
    !isBlank(content) && html`<tr class="${kind}"><td colspan="${used.length}">${content}</td></tr>\n`;
  return html`<table class="entries${used.length >= MANY && " many"}">
<caption>${locale.has(`type-${type}`) ? locale.word(`type-${type}`) : type}</caption>
<thead><tr>${used.map(({ head }) => html`<th scope="col">${head}</th>`)}</tr></thead>
<tbody>
${rows.map((row) => html`<tr class="${classesOf(row)}"${row.language !== undefined && html` lang="${row.language}"`}>${cells(row)}</tr>\n${wide(`more ${levelOf(row)} ${row.tone}`, factLines(row.more.filter((line) => !common.has(String(line)))))}${wide(`nested ${levelOf(row)}`, below(row))}`)}</tbody>
</table>
${
  common.size > 0 &&
  html`<div class="common"><span class="fact-label">${locale.word("all-rows")}</span> ${factLines(rows[0]?.more.filter((line) => common.has(String(line))) ?? [])}</div>
`
}`;
}

/** Lines that every resource of the table has alike: said once. */
function commonTo(rows: readonly Row[]): ReadonlySet<string> {
  const [first, ...others] = rows.filter(({ isResource }) => isResource);
  if (first === undefined || others.length === 0) return new Set();
  const texts = others.map(({ more }) => new Set(more.map(String)));
  return new Set(first.more.map(String).filter((line) => texts.every((lines) => lines.has(line))));
}

function classesOf(row: Row): string {
  return ["entry", levelOf(row), row.tone, row.stress].filter(Boolean).join(" ");
}

function levelOf({ level }: Row): string {
  return `level-${Math.min(level, MOST_LEVELS)}`;
}
