/** What a search finds of what there is twice: where a source said itself what a document is (IHE MHD), what we make besides stays readable, and others' chains go through it, but it is no match unless somebody asks for it. */
import { BESIDE_ROW } from "../derived/submitted-resources.ts";
import type { ResourceSearch } from "../resource-index.ts";
import type { ResourceNumber } from "../resource-number.ts";
import { every, type Criterion } from "./criterion.ts";
import type { SearchQuery } from "./search-query.ts";

/** Types of which a source may say its own. */
const SAID_BY_SOURCES = ["DocumentReference", "List"] as const;

const BESIDE = { kind: "present", name: BESIDE_ROW } as const;
const TYPES: ReadonlySet<string> = new Set(SAID_BY_SOURCES);

/** The query with what nobody asked for left out. It is asked for by `-with-derived=true`, and by its id. */
export function routine(query: SearchQuery): SearchQuery {
  const withDerived = query.withDerived || query.types.some(({ type, criterion }) => TYPES.has(type) && asksForIds(criterion));
  const types = query.types.map(({ type, criterion }) => {
    const isWhole = query.withDerived || !TYPES.has(type) || asksForIds(criterion);
    return { type, criterion: isWhole ? criterion : every([criterion, { kind: "not", of: BESIDE }]) };
  });
  return { ...query, types, withDerived };
}

/** Those of the numbers that were asked for, in their order: what refers to a match and stands beside what a source said is not. */
export async function withoutBeside(numbers: readonly ResourceNumber[], index: Pick<ResourceSearch, "among">): Promise<ResourceNumber[]> {
  const beside = await Promise.all(SAID_BY_SOURCES.map((type) => index.among(type, BESIDE, numbers)));
  const refused = new Set(beside.flat());
  return numbers.filter((number) => !refused.has(number));
}

export function isSaidBySources(type: string): boolean {
  return TYPES.has(type);
}

function asksForIds(criterion: Criterion): boolean {
  return criterion.kind === "id" || (criterion.kind === "every" && criterion.of.some(asksForIds));
}
