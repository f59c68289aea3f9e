import { PERMIT_ALL } from "../predicate.ts";
import type { FoundResource, ResourceSearch } from "../resource-index.ts";
import { containerOf, isContained } from "../resource-number.ts";
import type { SearchQuery } from "./search-query.ts";

/** For what is contained in other resources those, each once, unless it is to be given itself (R4 search.html, "Contained Resources"). */
export async function given(
  { contained, containedType }: SearchQuery,
  found: readonly FoundResource[],
  index: Pick<ResourceSearch, "resources">,
): Promise<readonly FoundResource[]> {
  if (contained === "false" || containedType === "contained") return found;
  const numbers = found.map(({ number, path }) => (isContained(number) ? containerOf(number, path) : number));
  return index.resources([...new Set(numbers)], { permitted: PERMIT_ALL, isCurrent: false });
}
