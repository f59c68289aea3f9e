/** Goes through what an export finds, the newest first, and gives each as its line: by the house's search, page after page, each asked anew as its owner is by then. */
import type { Asked } from "../../../core/asked.ts";
import type { Reader } from "../../../reader/reader.ts";
import type { FoundResource } from "../../../search/resource-index.ts";
import { endOf, positionOf, type ResourceNumber } from "../../../search/resource-number.ts";
import type { SearchQuery } from "../../../search/query/search-query.ts";
import type { LineResource } from "./export-files.ts";
import type { ExportedType, ExportOrder } from "./export-order.ts";
import { textsInTurns, type OpeningNeeds, type Wanted } from "./export-texts.ts";

/** A resource that was found, as it is given; without a text it could not be opened. */
export interface ExportedLine {
  readonly place: LineResource & { readonly number: ResourceNumber };
  readonly text: string | undefined;
}

/** Lines that follow each other, and the number behind which the next ones are; undefined after the last. */
export interface ExportedLines {
  readonly lines: readonly ExportedLine[];
  readonly after: ResourceNumber | undefined;
}

export interface WalkNeeds extends OpeningNeeds {
  readonly reader: Pick<Reader, "find" | "pageOf" | "standing">;
}

/** What is gone through, and behind which resource; undefined: from the newest on. */
export interface Walk {
  readonly order: ExportOrder;
  readonly query: SearchQuery;
  readonly after: ResourceNumber | undefined;
}

interface FoundPage {
  readonly asked: Asked;
  readonly wanted: readonly Wanted[];
  /** Where the next page begins; undefined behind the last. */
  readonly next: ResourceNumber | undefined;
}

/**
 * All that is behind a resource, some documents at a time. While one page is opened the next one is looked up.
 *
 * @param ask who asks, as of now
 * @throws AppErrors of the search; `unavailable` while the index has not come as far as the export is of
 */
export async function* exportedLines(ask: () => Promise<Asked>, walk: Walk, using: WalkNeeds): AsyncGenerator<ExportedLines, undefined> {
  let page: Promise<FoundPage> | undefined = foundPage(ask, walk, using);
  while (page) {
    const { asked, wanted, next }: FoundPage = await page;
    page = next === undefined ? undefined : foundPage(ask, { ...walk, after: next }, using);
    // It is told when it is waited for; whoever goes no further does not wait.
    page?.catch(() => undefined);
    let given = 0;
    for await (const texts of textsInTurns(asked, wanted, using)) {
      given += texts.length;
      const last = wanted[given - 1]?.number;
      yield { lines: texts.map(([place, text]) => ({ place, text })), after: given < wanted.length ? last : next };
    }
    if (wanted.length === 0) yield { lines: [], after: next };
  }
  return undefined;
}

async function foundPage(ask: () => Promise<Asked>, { order, query, after }: Walk, using: WalkNeeds): Promise<FoundPage> {
  const { size, from, types } = order;
  const asked = await ask();
  const found = size <= from ? undefined : await using.reader.find(asked, query, { size, after: after ?? endOf(size) });
  const within = (found?.matches ?? []).filter(({ number }) => positionOf(number) >= from);
  const isLast = within.length < (found?.matches.length ?? 0);
  const all = within.flatMap((match) => wantedOf(match, types));
  return { asked, wanted: await permitted(asked, all, using), next: isLast ? undefined : found?.next?.after };
}

/** What of a match was asked for. Of Bundles the documents: what stands in one is in it, and its submitted bytes stand beside it. */
function wantedOf({ type, documentId, path, number }: FoundResource, types: readonly ExportedType[]): Wanted[] {
  if (type === "Bundle" && path !== "") return [];
  const as = (own: string): Wanted[] =>
    types
      .filter((one) => one.type === own)
      .map(({ elements }) => ({ type: own, documentId, path, number, shown: elements ? { kind: "elements", names: elements } : { kind: "whole" } }));
  return type === "Bundle" ? [...as("Bundle"), ...as("Binary")] : as(type);
}

/** The search asked about documents; their submitted bytes may be another's to have. */
async function permitted(asked: Asked, wanted: readonly Wanted[], { reader }: WalkNeeds): Promise<readonly Wanted[]> {
  const bytes = wanted.filter(({ type }) => type === "Binary");
  if (bytes.length === 0) return wanted;
  const standing = await reader.standing(asked, bytes);
  const known = new Set(bytes.filter((_, at) => standing[at] === "known"));
  return wanted.filter((one) => one.type !== "Binary" || known.has(one));
}
