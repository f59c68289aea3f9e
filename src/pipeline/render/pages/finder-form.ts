/** The form by which documents are found: one box for who it is about, and fields for what else is known. Plain HTML by GET, so that a result has an address. */
import { html, type Part, type SafeHtml } from "../html.ts";
import type { Locale } from "../locale.ts";

/** The fields beside the box, by the names that they have in the address. */
export const FINDER_FIELDS = ["patient", "identifier", "type", "from", "to", "author", "organisation", "status"] as const;

export type FinderField = (typeof FINDER_FIELDS)[number];

/** What was typed into them; those that were left empty are absent. */
export type FinderFields = Readonly<Partial<Record<FinderField, string>>>;

/** What `status` may be. */
export const FINDER_STATUSES = ["current", "superseded", "entered-in-error"] as const;

/** Why a document was found: the field, and what in the document it matched where that can be shown. */
export interface FoundBy {
  readonly field: FinderField | "document-identifier";
  readonly value?: string;
}

/** Words of statuses that lists have too. */
const STATUS_WORDS = { current: "find-current", superseded: "superseded", "entered-in-error": "status-entered-in-error" } as const;

/** @param isFolded whether the fields are folded away though they ask: on a telephone they would push what was found out of sight */
export function finderForm(query: string, fields: FinderFields, isFolded: boolean, locale: Locale): SafeHtml {
  const isAsked = query !== "" || Object.keys(fields).length > 0;
  const text = (name: FinderField): SafeHtml =>
    field(
      name,
      html`<input type="text" id="${name}" name="${name}" value="${fields[name]}" autocomplete="off" spellcheck="false" dir="auto">`,
      locale,
    );
  const date = (name: "from" | "to"): SafeHtml => field(name, html`<input type="date" id="${name}" name="${name}" value="${fields[name]}">`, locale);
  const option = (value: string, word: string): SafeHtml =>
    html`<option value="${value}"${fields.status === value && html` selected=""`}>${locale.word(word)}</option>`;
  return html`<form class="search" role="search" method="get" action="/">
<label for="q">${locale.word("search-label")}</label>
<div class="search-line"><input type="search" id="q" name="q" value="${query}" autocomplete="off" spellcheck="false" dir="auto">
<button type="submit">${locale.word("search")}</button></div>
<details class="finder"${Object.keys(fields).length > 0 && !isFolded && html` open=""`}>
<summary>${locale.word("find-more")}</summary>
<div class="finder-fields">
${text("patient")}${text("identifier")}${text("type")}${text("author")}${text("organisation")}${field(
    "status",
    html`<select id="status" name="status">${option("", "find-any-status")}${FINDER_STATUSES.map((status) => option(status, STATUS_WORDS[status]))}</select>`,
    locale,
  )}${date("from")}${date("to")}
</div>
<p class="quiet">${locale.word("find-hint")}</p>
<p><button type="submit">${locale.word("search")}</button></p>
</details>
${isAsked && html`<p><a href="/">${locale.word("search-clear")}</a></p>`}
</form>`;
}

/** What was asked for, beside what it found: a field that is folded away must not narrow a list unseen. */
export function askedLine(query: string, fields: FinderFields, locale: Locale): Part {
  const asked = FINDER_FIELDS.flatMap((name) => {
    const value = fields[name];
    if (value === undefined) return [];
    const isDate = name === "from" || name === "to";
    const status = FINDER_STATUSES.find((one) => name === "status" && one === value);
    return [html`${locale.word(`find-${name}`)}: <bdi>${status ? locale.word(STATUS_WORDS[status]) : isDate ? locale.date(value) : value}</bdi>`];
  });
  if (asked.length === 0) return false;
  const box = query === "" ? [] : [html`${locale.word("search-label")}: <bdi>${query}</bdi>`];
  return html`<p class="quiet asked">${[...box, ...asked].map((one, at) => html`${at > 0 && " · "}${one}`)}</p>
`;
}

/** Why a document is in the list, in words. */
export function foundByLine(reasons: readonly FoundBy[], locale: Locale): Part {
  if (reasons.length === 0) return false;
  const words = reasons.map(
    ({ field: name, value }, at) => html`${at > 0 && " · "}${locale.word(`find-${name}`)}${value !== undefined && html`: <bdi>${value}</bdi>`}`,
  );
  return html`<p class="found-by">${locale.phrase("found-by", { fields: html`${words}` })}</p>
`;
}

function field(name: FinderField, input: SafeHtml, locale: Locale): SafeHtml {
  return html`<div class="finder-field"><label for="${name}">${locale.word(`find-${name}`)}</label>
${input}</div>
`;
}
