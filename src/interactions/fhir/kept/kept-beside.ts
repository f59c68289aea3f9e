/** What is kept beside documents, in a search upon its type, upon several types, or in a compartment. */
import type { Asked } from "../../../core/asked.ts";
import type { Compartment } from "../../../search/query/compartment.ts";
import type { Criterion } from "../../../search/query/criterion.ts";
import type { Handling } from "../../../search/query/parse-query.ts";
import type { Parameter, SearchQuery } from "../../../search/query/search-query.ts";
import type { OwnDefinition } from "../search-definitions.ts";
import type { KeptResources } from "./kept-resources.ts";

/** Those that a search finds. AppErrors as of a search. */
export async function keptFound(
  asked: Asked,
  search: {
    readonly type: string | undefined;
    readonly compartment: Compartment | undefined;
    readonly parameters: readonly Parameter[];
    readonly handling: Handling;
    readonly also?: Criterion;
  },
  { types }: Pick<SearchQuery, "types">,
  kept: readonly Pick<KeptResources, "type" | "find">[],
): Promise<readonly OwnDefinition[]> {
  const parameters = search.type === undefined ? search.parameters.filter(([name]) => name !== "_type") : search.parameters;
  const { compartment, handling, also } = search;
  const searched = kept.filter((one) => types.some(({ type }) => type === one.type));
  const found = await Promise.all(
    searched.map((one) => one.find(asked, { parameters, handling, compartment, isAlone: search.type !== undefined, ...(also && { also }) })),
  );
  return found.flat();
}
