/** Goes through what an export finds, the newest first, and gives each as its line: by the house's search, page after page, each asked anew as its owner is by then. */
import type { Asked } from "../../../core/asked.ts";
import type { Shown } from "../../../core/fhir/subset.ts";
import type { Reader } from "../../../reader/reader.ts";
import type { FoundResource } from "../../../search/resource-index.ts";
import { endOf, positionOf, type ResourceNumber } from "../../../search/resource-number.ts";
import type { SearchQuery } from "../../../search/query/search-query.ts";
import { pageTexts } from "../page-texts.ts";
import type { LineResource } from "./export-files.ts";
import type { ExportedType, ExportOrder } from "./export-order.ts";

/** A resource that was found, as it is given; without a text it could not be opened. */
export interface ExportedLine {
  readonly place: LineResource;
  readonly text: string | undefined;
}

/** Lines that follow each other, and the number behind which the next ones are; undefined after the last. */
export interface ExportedLines {
  readonly lines: readonly ExportedLine[];
  readonly after: ResourceNumber | undefined;
}

export interface WalkNeeds {
  readonly reader: Pick<Reader, "find" | "pageOf" | "standing">;
  readonly fhirBase: string;
}

interface Wanted extends LineResource {
  readonly number: number;
  readonly shown: Shown;
}

/** A page of the search, so many documents at a time as are opened together. AppErrors of the search; `unavailable` while the index has not come as far as the export is of. */
export async function* exportedPage(
  asked: Asked,
  { order, query, after }: { readonly order: ExportOrder; readonly query: SearchQuery; readonly after: ResourceNumber | undefined },
  using: WalkNeeds,
): AsyncGenerator<ExportedLines> {
  const { size, from, types } = order;
  const found = size <= from ? undefined : await using.reader.find(asked, query, { size, after: after ?? endOf(size) });
  const within = (found?.matches ?? []).filter(({ number }) => positionOf(number) >= from);
  const isLast = within.length < (found?.matches.length ?? 0);
  const end = isLast ? undefined : found?.next?.after;
  let left = await permitted(
    asked,
    within.flatMap((match) => wantedOf(match, types)),
    using,
  );
  do {
    const { texts, count } = await opened(asked, left, using);
    const lines = left.slice(0, count).map((one) => ({ place: one, text: texts.get(one) }));
    const last = left[count - 1]?.number;
    left = left.slice(count);
    yield { lines, after: left.length > 0 ? last : end };
  } while (left.length > 0);
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

/** The texts of the first of them, so many as were opened together; none of what was erased meanwhile, or is damaged. */
async function opened(
  asked: Asked,
  wanted: readonly Wanted[],
  using: WalkNeeds,
): Promise<{ readonly texts: ReadonlyMap<Wanted, string>; readonly count: number }> {
  const texts = new Map<Wanted, string>();
  const [first] = wanted;
  if (!first) return { texts, count: 0 };
  const documents = await textsOf(asked, ofForm(wanted, first), texts, using);
  const count = wanted.findLastIndex(({ documentId }) => documents.has(documentId)) + 1;
  // The same documents once more, of whose other resources other elements are wanted.
  const others = wanted.slice(0, count).filter((one) => formOf(one) !== formOf(first));
  for (const own of Map.groupBy(others, formOf).values()) {
    for (let left = own; left.length > 0;) {
      const ready = await textsOf(asked, left, texts, using);
      left = left.filter(({ documentId }) => !ready.has(documentId));
    }
  }
  return { texts, count };
}

/** Adds texts; gives the documents that were opened. */
async function textsOf(
  asked: Asked,
  wanted: readonly Wanted[],
  into: Map<Wanted, string>,
  { reader, fhirBase }: WalkNeeds,
): Promise<ReadonlySet<string>> {
  const [first] = wanted;
  const page = await pageTexts(asked, wanted, { form: { form: "json", pretty: false }, shown: first?.shown ?? { kind: "whole" }, fhirBase, reader });
  for (const one of wanted) {
    const text = page.texts.get(one.number);
    if (text !== undefined) into.set(one, text);
  }
  return page.opened;
}

function ofForm(wanted: readonly Wanted[], like: Wanted): Wanted[] {
  return wanted.filter((one) => formOf(one) === formOf(like));
}

/** What is written together. A document and its bytes have the same number. */
function formOf({ type, shown }: Wanted): string {
  return shown.kind === "whole" && type !== "Binary" ? "" : type;
}
