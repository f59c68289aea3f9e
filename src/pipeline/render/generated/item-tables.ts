/** Items as tables, one for each type in the order in which they come, or as lists for types that have no arrangement. */
import type { BundleEntry } from "../../../core/fhir/document-bundle.ts";
import type { JsonObject } from "../../../core/fhir/tree/tree.ts";
import { html, type Part } from "../html.ts";
import { arrangementOf } from "./arrangements/arrangements.ts";
import { listed } from "./listed.ts";
import type { RenderContext } from "./render-context.ts";
import { rowsOf, type Item, type Row } from "./rows.ts";
import { tableOf } from "./table.ts";

/** @param isOrdered whether their order means something: else what was entered in error stands last */
export function itemTables(items: readonly Item[], isOrdered: boolean, context: RenderContext): Part {
  const parts = partsAmong(items, context);
  const [wholes, others] = [items.filter(({ entry }) => !parts.has(entry.resource)), items.filter(({ entry }) => parts.has(entry.resource))];
  const tables = byType(wholes, isOrdered, context);
  // Parts of each other, or of what there was no room for: they were shown by nobody.
  const left = others.filter(({ entry }) => !context.mentions.rows.has(entry.resource));
  return [tables, left.map((item) => !context.mentions.rows.has(item.entry.resource) && byType([item], isOrdered, context))];
}

function byType(items: readonly Item[], isOrdered: boolean, context: RenderContext): Part {
  const types = new Map<string, Item[]>();
  for (const item of items) {
    const ofType = types.get(item.entry.type);
    if (ofType) ofType.push(item);
    else types.set(item.entry.type, [item]);
  }
  return [...types].map(([type, ofType]) => typePart(type, ofType, isOrdered, context));
}

function typePart(type: string, items: Item[], isOrdered: boolean, context: RenderContext): Part {
  const arrangement = arrangementOf(type);
  if (arrangement === undefined) return items.map((item) => listed(item, context));
  const families: Row[][] = [];
  // What is nested too deep is appended while this runs.
  const waiting = [...items];
  for (let at = 0; at < waiting.length; at++) {
    const item = waiting[at];
    if (item === undefined || (at >= items.length && context.mentions.rows.has(item.entry.resource))) continue;
    const rows = rowsOf(item, 0, arrangement, context, waiting);
    if (rows.length > 0) families.push(rows);
  }
  if (families.length === 0) return "";
  const sorted = isOrdered ? families : families.toSorted((a, b) => Number(isError(a)) - Number(isError(b)));
  return tableOf(type, sorted.flat(), arrangement, context, ({ others }) => below(others, context));
}

function isError([first]: readonly Row[]): boolean {
  return first?.tone === "error";
}

/** Parts of another type than their whole: a table in its row. */
function below(entries: readonly BundleEntry[], context: RenderContext): Part {
  const fresh = entries.filter(({ resource }) => !context.mentions.rows.has(resource));
  return (
    fresh.length > 0 &&
    html`${byType(
      [...new Set(fresh)].map((entry) => ({ entry, marks: [], tone: "plain" })),
      true,
      context,
    )}`
  );
}

/** What is a part of another item: it stands below, or in, that one. */
function partsAmong(items: readonly Item[], { document }: RenderContext): Set<JsonObject> {
  const among = new Set(items.map(({ entry }) => entry.resource));
  const parts = new Set<JsonObject>();
  for (const { entry } of items) {
    const elements = PARTS[entry.type] ?? [];
    for (const element of elements) {
      const single = entry.resource.object(element);
      for (const reference of single ? [single] : entry.resource.objects(element)) {
        const url = reference.string("reference");
        const target = url === undefined ? undefined : document.resolve(url, entry);
        if (target !== undefined && target !== entry && among.has(target.resource)) parts.add(target.resource);
      }
    }
  }
  return parts;
}

/** References to parts, by type. */
const PARTS: Readonly<Record<string, readonly string[]>> = {
  Observation: ["hasMember"],
  DiagnosticReport: ["result"],
  MedicationRequest: ["medicationReference"],
  MedicationStatement: ["medicationReference"],
  MedicationAdministration: ["medicationReference"],
  MedicationDispense: ["medicationReference"],
};
