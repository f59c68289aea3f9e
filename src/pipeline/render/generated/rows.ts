/** Rows of tables: one for a resource, and below it, indented, those of its parts. */
import { languageOf } from "../../../core/fhir/datatypes.ts";
import type { BundleEntry } from "../../../core/fhir/document-bundle.ts";
import { JsonArray, JsonObject } from "../../../core/fhir/tree/tree.ts";
import { html, type Part } from "../html.ts";
import type { Arrangement, Aside, Column } from "./arrangements/arrangement.ts";
import { arrangementOf } from "./arrangements/arrangements.ts";
import { factsIn } from "./fact-list.ts";
import { isBlank, joined } from "./joined.ts";
import { labelOf } from "./labels.ts";
import { takeMarks } from "./marks.ts";
import { worst, type Tone } from "./modifiers.ts";
import { abnormality } from "./arrangements/results.ts";
import type { RenderContext } from "./render-context.ts";
import { takeSubject } from "./subject.ts";
import { Unsaid, type Held } from "./unsaid.ts";
import { ownText } from "./values/narrative.ts";

export interface Row {
  /** 0 for a resource of the section itself. */
  readonly level: number;
  readonly tone: Tone;
  /** `abnormal`, `critical`: what the sender says of a result. */
  readonly stress: string | undefined;
  /** BCP 47, where the resource says one. */
  readonly language: string | undefined;
  /** By column of the arrangement; the first has the marks. */
  readonly cells: readonly Part[];
  /** What no column shows: lines with labels. */
  readonly more: readonly Part[];
  /** False for a part that is no resource of its own. */
  readonly isResource: boolean;
  /** Resources of other types that are parts of it. */
  readonly others: readonly BundleEntry[];
}

/** Something that is to be shown, and what the list that it stands in says of it. */
export interface Item {
  readonly entry: BundleEntry;
  readonly marks: readonly Part[];
  readonly tone: Tone;
  readonly label?: Part;
}

/** Parts of parts of parts: deeper ones stand by themselves below. */
const DEEPEST = 12;

/** The rows of an item and its parts. @param deferred takes what is nested too deep */
export function rowsOf(item: Item, level: number, arrangement: Arrangement, context: RenderContext, deferred: Item[]): Row[] {
  const { entry } = item;
  const { mentions } = context;
  if (!mentions.begin(entry.resource)) return [];
  const here: RenderContext = { ...context, entry };
  const unsaid = new Unsaid(entry.resource, context.definitions.definitionOf(entry.type));
  const [row, below] = rowOf(unsaid, item, level, arrangement, here, deferred);
  mentions.end(entry.resource, lengthOf(row));
  return [row, ...below];
}

function rowOf(
  unsaid: Unsaid,
  item: Omit<Item, "entry">,
  level: number,
  arrangement: Arrangement,
  context: RenderContext,
  deferred: Item[],
): [Row, Row[]] {
  const about = takeSubject(unsaid, context);
  const { before, marks, tone } = takeMarks(unsaid, context);
  const asides: Part[] = [];
  const aside: Aside = (label, words) => {
    if (!isBlank(words)) asides.push(html`<div><dt>${context.locale.word(label)}</dt> <dd>${words}</dd></div>`);
  };
  const cells = arrangement.columns.map((column) => cellOf(column, unsaid, context, aside));
  const others: BundleEntry[] = [];
  const parts = (arrangement.rows ?? []).map(({ element, label }) =>
    partsOf(unsaid, element, label, { arrangement, level, context, deferred, others }),
  );
  const unfollowed = parts.map(({ left }) => left);
  const allMarks = [...item.marks, about, ...marks].filter((mark) => !isBlank(mark));
  const [first, ...rest] = cells;
  // A name that the data lacks may stand in the sender's own text.
  if (isBlank(first)) aside("element-text", ownText(unsaid));
  const turned = before.length > 0 && html`${joined(before, " ")} `;
  const name = html`${turned}${item.label !== undefined && html`<span class="part-label">${item.label}</span> `}<span class="row-name" dir="auto">${isBlank(first) ? "–" : first}</span>`;
  const head = html`${name}${allMarks.length > 0 && html` <span class="marks">${joined(allMarks, " ")}</span>`}`;
  const row: Row = {
    level,
    tone: worst([item.tone, tone]),
    stress: abnormality(unsaid.object),
    language: unsaid.object.has("resourceType") ? languageOf(unsaid.object) : undefined,
    cells: [head, ...rest],
    more: factsIn(unsaid, context, [...unfollowed, ...asides]),
    isResource: unsaid.object.has("resourceType"),
    others,
  };
  return [row, parts.flatMap(({ rows }) => rows)];
}

function cellOf(column: Column, unsaid: Unsaid, context: RenderContext, aside: Aside): Part {
  if (column.wording !== undefined) return column.wording(unsaid, context, aside);
  const parts: Part[] = [];
  for (const element of column.elements) {
    const held = unsaid.take(element);
    if (held === undefined) continue;
    const words = context.speaker.held(held, context);
    if (isBlank(words)) continue;
    // The first is what the head of its column says; others beside it say what they are.
    parts.push(parts.length === 0 ? words : html`<span class="fact-label">${labelOf(element, context.locale)}:</span> ${words}`);
    if (column.takes === "first") break;
  }
  return joined(parts, "; ");
}

interface Parts {
  readonly rows: Row[];
  /** References that lead nowhere here, or to what is shown already, with their label. */
  readonly left: Part;
}

interface Around {
  readonly arrangement: Arrangement;
  readonly level: number;
  readonly context: RenderContext;
  readonly deferred: Item[];
  readonly others: BundleEntry[];
}

function partsOf(unsaid: Unsaid, element: string, label: string | undefined, around: Around): Parts {
  const held = unsaid.take(element);
  if (held === undefined) return { rows: [], left: "" };
  const { context } = around;
  const items = held.value instanceof JsonArray ? held.value.items : [held.value];
  const words = label === undefined ? undefined : context.locale.word(label);
  const isFollowed = held.property?.type === "Reference";
  const rows: Row[] = [];
  const left: Part[] = [];
  for (const item of items) {
    if (!(item instanceof JsonObject)) left.push(context.speaker.held({ ...held, value: item }, context));
    else if (isFollowed) left.push(follow(item, held, words, rows, around));
    else {
      const [row, below] = rowOf(
        new Unsaid(item, held.property?.content),
        { marks: [], tone: "plain" },
        around.level + 1,
        around.arrangement,
        context,
        around.deferred,
      );
      rows.push(row, ...below);
    }
  }
  const names = joined(left, "; ");
  return { rows, left: isBlank(names) ? "" : html`<div><dt>${labelOf(element, context.locale)}</dt><dd>${names}</dd></div>` };
}

/** Rows of what a reference leads to, unless it leads nowhere, or to what this section shows already: then its name. */
function follow(reference: JsonObject, held: Held, label: Part, rows: Row[], around: Around): Part {
  const { context, level, arrangement, deferred, others } = around;
  const url = reference.string("reference");
  const entry = url === undefined ? undefined : context.document.resolve(url, context.entry);
  const isNew = entry !== undefined && !context.mentions.rows.has(entry.resource);
  // What a reference says beside where it leads (a name of its own, an extension) is not lost with it.
  const isBare = reference.names.every((name) => name === "reference" || name === "type" || name === "display");
  if (!isNew) return context.speaker.held({ ...held, value: reference }, context);
  const item: Item = { entry, marks: [], tone: "plain", label };
  if (arrangementOf(entry.type) !== arrangement) others.push(entry);
  else if (level >= DEEPEST) deferred.push(item);
  else rows.push(...rowsOf(item, level + 1, arrangement, context, deferred));
  return isBare ? "" : context.speaker.held({ ...held, value: reference }, context);
}

/** Characters that a row takes, about. */
function lengthOf({ cells, more }: Row): number {
  return [...cells, ...more].reduce<number>((sum, part) => sum + String(part).length, 0);
}
