/** What the entries of a section lead to: resources, and lists, which stand for their items (R4 list.html). */
import type { DocumentBundle, BundleEntry } from "../../../core/fhir/document-bundle.ts";
import { JsonObject } from "../../../core/fhir/tree/tree.ts";
import { html, type Part } from "../html.ts";
import { factList } from "./fact-list.ts";
import { isBlank, joined } from "./joined.ts";
import { takeMarks } from "./marks.ts";
import type { PageBudget } from "./mentions.ts";
import type { Tone } from "./modifiers.ts";
import { said, type RenderContext } from "./render-context.ts";
import type { Item } from "./rows.ts";
import { takeSubject } from "./subject.ts";
import { Unsaid } from "./unsaid.ts";

/** Items that stand together: those of the section itself, or those of one list in it. */
export interface Group {
  /** What a list says of itself. */
  readonly head: Part;
  readonly items: readonly Item[];
  /** What is not in the document: all that is known of it. */
  readonly missing: readonly Part[];
  /** Whether their order means something. */
  readonly isOrdered: boolean;
}

/** Lists in lists in lists: deeper ones are listed like anything else. */
const DEEPEST = 3;

/** The groups of a section, in order; lists after what stands in the section itself. */
export function groupsOf(section: JsonObject, context: RenderContext): Group[] {
  const lists: Group[] = [];
  const own = gather(
    section.objects("entry").map((reference) => ({ reference, marks: [], tone: "plain" })),
    context,
    { lists, depth: 0 },
  );
  const isOrdered = section.has("orderedBy");
  return [{ ...own, head: "", isOrdered }, ...lists];
}

/** Every resource that a section refers to itself, or by lists: shown there, whoever else refers to it. */
export function sectionEntries(document: DocumentBundle, budget: PageBudget): ReadonlySet<JsonObject> {
  return (budget.inSections ??= new Set(
    withSections(document.composition.resource).flatMap((section) => {
      const found = section.objects("entry").map((reference) => entryOf(reference, document.composition, document));
      return found.flatMap((entry) => entry?.resource ?? []);
    }),
  ));
}

function withSections(holder: JsonObject): JsonObject[] {
  return holder.objects("section").flatMap((section) => [section, ...withSections(section)]);
}

interface Wanted {
  readonly reference: JsonObject;
  readonly marks: readonly Part[];
  readonly tone: Tone;
}

interface Depth {
  readonly lists: Group[];
  readonly depth: number;
}

function gather(wanted: readonly Wanted[], context: RenderContext, { lists, depth }: Depth): { items: Item[]; missing: Part[] } {
  const items: Item[] = [];
  const missing: Part[] = [];
  for (const { reference, marks, tone } of wanted) {
    const entry = entryOf(reference, context.entry, context.document);
    if (entry === undefined) {
      const words = context.speaker.object(reference, context.definitions.definitionOf("Reference"), context);
      if (context.mentions.take()) missing.push(joined([isBlank(words) ? "?" : words, ...marks], " "));
    } else if (entry.type === "List" && entry.resource.objects("entry").length > 0 && depth < DEEPEST)
      lists.push(...listGroups(entry, marks, context, depth));
    else items.push({ entry, marks, tone });
  }
  return { items, missing };
}

/** A list, and the lists in it. */
function listGroups(entry: BundleEntry, marks: readonly Part[], context: RenderContext, depth: number): Group[] {
  if (!context.mentions.begin(entry.resource)) return [];
  const here: RenderContext = { ...context, entry };
  const unsaid = new Unsaid(entry.resource, context.definitions.definitionOf("List"));
  const content = unsaid.type?.properties.get("entry")?.content;
  const about = takeSubject(unsaid, here);
  const own = takeMarks(unsaid, here);
  const title = joined([said(unsaid, "title", here), said(unsaid, "code", here)], " – ");
  const isOrdered = unsaid.has("orderedBy");
  const entries = unsaid.objects("entry").map((item) => wantedOf(new Unsaid(item, content), here));
  const name = html`<p class="generated-name">${isBlank(title) ? here.locale.word("type-List") : title} <span class="marks">${joined([...own.before, ...marks, about, ...own.marks], " ")}</span></p>`;
  const head = html`${name}${factList(unsaid, here)}`;
  context.mentions.end(entry.resource, head.text.length);
  const lists: Group[] = [];
  const { items, missing } = gather(entries, here, { lists, depth: depth + 1 });
  return [{ head, items, missing, isOrdered }, ...lists];
}

/** An item of a list, and what the list says of it: that it was removed, or changed, and when. */
function wantedOf(item: Unsaid, context: RenderContext): Wanted {
  const { before, marks, tone } = takeMarks(item, context);
  const reference = item.only("item");
  const flag = said(item, "flag", context);
  const date = said(item, "date", context);
  const rest = context.speaker.rest(item, context);
  const told = [
    ...before,
    ...marks,
    !isBlank(flag) && html`<span class="mark caution">${flag}</span>`,
    !isBlank(date) && html`<span class="also">${date}</span>`,
    rest,
  ];
  return { reference: reference ?? EMPTY, marks: told.filter((mark) => !isBlank(mark)), tone };
}

/** Of an item without a reference nothing is known. */
const EMPTY = new JsonObject();

function entryOf(reference: JsonObject, from: BundleEntry, document: DocumentBundle): BundleEntry | undefined {
  const url = reference.string("reference");
  return url === undefined ? undefined : document.resolve(url, from);
}
