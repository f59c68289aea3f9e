/** What the index takes from documents, for commands that fill it beside a service. A part of the composition root. */
import type { Config } from "../config.ts";
import type { Keys } from "../core/crypto/keys.ts";
import type { Knowledge } from "../core/fhir/r4/knowledge.ts";
import type { SearchParameters } from "../core/fhir/r4/search-parameters.ts";
import { describeWithHeader, named } from "../search/describe-with-header.ts";
import { ResourceDescriber } from "../search/describe-resources.ts";
import type { IndexerOptions } from "../search/indexer.ts";
import { personIds } from "../search/person-ids.ts";

/** By what it is known what documents say. */
export interface IndexKnowledge {
  readonly knowledge: Knowledge;
  readonly parameters: SearchParameters;
}

export function describerOf(
  { patientSystems: systems, hasFullText }: Pick<Config, "patientSystems" | "hasFullText">,
  keys: Pick<Keys, "personKeyOf">,
  { knowledge, parameters }: IndexKnowledge,
): { readonly describer: ResourceDescriber; readonly describe: IndexerOptions["describe"] } {
  const describer = new ResourceDescriber(knowledge, parameters, { systems, hasFullText });
  const idOf = personIds(keys, systems);
  return { describer, describe: (document, facts) => named(describeWithHeader(document, facts, { describer, systems }), idOf) };
}
