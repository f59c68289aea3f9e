/** A section that has entries but no narrative: tables made from the entries, plainly marked as ours and not attested. */
import type { DocumentBundle, DocumentEntry } from "../../../core/fhir/document-bundle.ts";
import type { JsonObject } from "../../../core/fhir/tree/tree.ts";
import { COLUMNS, type Column, type EntryContext } from "./generated-columns.ts";
import { holdsFile, valueText } from "./generated-value.ts";
import { html, type Part, type SafeHtml } from "../html.ts";
import type { Locale } from "../locale.ts";
import { entryName, referenceText, resolved } from "../../../core/fhir/party.ts";
import { sidewaysColumns } from "../narrative/sideways.ts";
import { sidewaysHint } from "../narrative/sideways-hint.ts";

/** Properties that say nothing to a person, or that are the patient again. */
const UNSAID: ReadonlySet<string> = new Set([
  "resourceType",
  "id",
  "meta",
  "text",
  "contained",
  "language",
  "implicitRules",
  "extension",
  "subject",
  "patient",
]);
const MAX_LIST_DEPTH = 3;

/** How many entries may still be shown in what is generated for a page: a document may refer to one of them again and again, by lists in lists. */
export interface EntryRoom {
  left: number;
}

/** More than that nobody reads in a table that nobody attested; the page says that there are more. */
export const MOST_ENTRIES = 2_000;

export function entryRoom(): EntryRoom {
  return { left: MOST_ENTRIES };
}

export interface GeneratedOptions {
  readonly locale: Locale;
  readonly room: EntryRoom;
  /** Where the document is had as it was submitted; undefined where it was not. */
  readonly original: string | undefined;
}

export function generatedSection(document: DocumentBundle, section: JsonObject, { locale, room, original }: GeneratedOptions): SafeHtml {
  const missing: string[] = [];
  const entries: DocumentEntry[] = [];
  const isWhole = section
    .objects("entry")
    .every((reference) => expand(document, reference, document.composition, { entries, missing, room }, MAX_LIST_DEPTH));
  const types = [...new Set(entries.map((entry) => entry.type))];
  const tables = types.map((type) => {
    const ofType = entries.filter((entry) => entry.type === type);
    const columns = COLUMNS[type];
    return columns ? table(document, ofType, columns, locale) : ofType.map((entry) => list(document, entry, locale));
  });
  return html`<div class="generated" lang="${locale.language}" dir="${locale.direction}">
<p class="generated-label">${locale.word("generated")}</p>
${tables}${missing.map((name) => html`<p>${locale.word("unresolved-entry")}: ${name}</p>`)}
${!isWhole && html`<p class="remark strong">${locale.phrase("generated-more", { link: linkTo(original, locale) })}</p>`}
${entries.some((entry) => holdsFile(entry.resource)) && html`<p class="remark">${locale.phrase("generated-files", { link: linkTo(original, locale) })}</p>`}
</div>`;
}

function linkTo(original: string | undefined, locale: Locale): Part {
  const words = locale.word("generated-original");
  return original === undefined ? words : html`<a href="${original}">${words}</a>`;
}

interface Found {
  readonly entries: DocumentEntry[];
  readonly missing: string[];
  readonly room: EntryRoom;
}

/** A List stands for its items (R4 list.html); of what is not in the document only its name is known. False when there was no more room. */
function expand(document: DocumentBundle, reference: JsonObject, from: DocumentEntry, found: Found, depth: number): boolean {
  const entry = resolved(document, reference, from);
  const items = entry?.type === "List" && depth > 0 ? entry.resource.objects("entry") : [];
  if (entry && items.length > 0) {
    return items.every((item) => {
      const inner = item.object("item");
      // An item that names nothing takes room too: it takes time.
      return inner ? expand(document, inner, entry, found, depth - 1) : --found.room.left >= 0;
    });
  }
  if (--found.room.left < 0) return false;
  if (entry) found.entries.push(entry);
  else found.missing.push(referenceText(document, reference, from) ?? "?");
  return true;
}

function table(document: DocumentBundle, entries: readonly DocumentEntry[], columns: readonly Column[], locale: Locale): SafeHtml {
  const rows = entries.map((entry) => {
    const context: EntryContext = { document, entry, locale };
    return columns.map((column) => column.text(entry.resource, context) ?? "");
  });
  // A column that nobody filled would only make the others narrower.
  const used = columns.map((column, at) => ({ column, at })).filter(({ at }) => rows.some((row) => row[at] !== ""));
  const caption = locale.code("type", entries[0]?.type ?? "");
  const hint = sidewaysHint(
    sidewaysColumns(
      used.map(({ column, at }) => ({ head: locale.word(column.head), texts: rows.map((row) => row[at] ?? ""), isUnbroken: column.kind === "date" })),
    ),
    locale,
  );
  return html`${hint}<div class="table-box"${used.length > 3 && html` tabindex="0"`}>
<table>
<caption>${caption}</caption>
<thead>
<tr>
${used.map(({ column }) => html`<th scope="col">${locale.word(column.head)}</th>`)}
</tr>
</thead>
<tbody>
${rows.map(
  (row) =>
    html`<tr>
${used.map(({ column, at }) => html`<td${column.kind !== undefined && html` class="${column.kind}"`} dir="auto">${row[at]}</td>`)}
</tr> `,
)}
</tbody>
</table>
</div>`;
}

/** Anything else: what each of its properties says. */
function list(document: DocumentBundle, entry: DocumentEntry, locale: Locale): SafeHtml {
  const lines = entry.resource.names.flatMap((name, at): SafeHtml[] => {
    const value = entry.resource.values[at];
    if (value === undefined || UNSAID.has(name) || name.startsWith("_")) return [];
    const reference = entry.resource.object(name);
    const text = reference?.has("reference") ? referenceText(document, reference, entry) : valueText(value, locale, name);
    return text === undefined
      ? []
      : [
          html`<div>
<dt>${labelOf(name)}</dt>
<dd><bdi>${text}</bdi></dd>
</div> `,
        ];
  });
  const name = entryName(document, entry);
  return html`<p class="generated-name">${labelOf(entry.type)}${name !== undefined && `: ${name}`}</p>
<dl class="facts">${lines}</dl>`;
}

/** `birthDate` as `Birth date`: FHIR's own names, in words. */
function labelOf(name: string): string {
  const words = name.replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
