/** A section that has entries but no narrative: tables made from the entries, plainly marked as ours and not attested. */
import type { DocumentBundle, DocumentEntry } from "../../core/fhir/document-bundle.ts";
import type { JsonObject } from "../../core/fhir/json/tree.ts";
import { COLUMNS, type Column, type EntryContext } from "./generated-columns.ts";
import { valueText } from "./generated-value.ts";
import { html, type SafeHtml } from "./html.ts";
import type { Locale } from "./locale.ts";
import { entryName, referenceText, resolved } from "./party.ts";
import { sidewaysColumns } from "./narrative/sideways.ts";
import { sidewaysHint } from "./sideways-hint.ts";

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

export function generatedSection(document: DocumentBundle, section: JsonObject, locale: Locale): SafeHtml {
  const missing: string[] = [];
  const entries = section.objects("entry").flatMap((reference) => expanded(document, reference, document.composition, missing, MAX_LIST_DEPTH));
  const types = [...new Set(entries.map((entry) => entry.type))];
  const tables = types.map((type) => {
    const ofType = entries.filter((entry) => entry.type === type);
    const columns = COLUMNS[type];
    return columns ? table(document, ofType, columns, locale) : ofType.map((entry) => list(document, entry, locale));
  });
  return html`<div class="generated" lang="${locale.language}" dir="${locale.direction}">
<p class="generated-label">${locale.word("generated")}</p>
${tables}${missing.map((name) => html`<p>${locale.word("unresolved-entry")}: ${name}</p>`)}
</div>`;
}

/** A List stands for its items (R4 list.html); of what is not in the document only its name is known. */
function expanded(document: DocumentBundle, reference: JsonObject, from: DocumentEntry, missing: string[], depth: number): DocumentEntry[] {
  const entry = resolved(document, reference, from);
  if (!entry) {
    missing.push(referenceText(document, reference, from) ?? "?");
    return [];
  }
  const items = entry.type === "List" && depth > 0 ? entry.resource.objects("entry").map((item) => item.object("item")) : [];
  return items.length === 0 ? [entry] : items.flatMap((item) => (item ? expanded(document, item, entry, missing, depth - 1) : []));
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
