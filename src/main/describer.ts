/** What the index takes from documents, for commands that fill it beside a service. A part of the composition root. */
import type { Config } from "../config.ts";
import type { Keys } from "../core/crypto/keys.ts";
import type { Knowledge } from "../core/fhir/r4/knowledge.ts";
import type { SearchParameters } from "../core/fhir/r4/search-parameters.ts";
import { describeWithHeader, named } from "../search/describe-with-header.ts";
import { ResourceDescriber } from "../search/describe-resources.ts";
import type { IndexerOptions } from "../search/indexer.ts";
import { describeFeed } from "../search/feed/describe-feed.ts";
import { personIds } from "../search/person-ids.ts";
import { feedRecordOf } from "../pipeline/identity-feed.ts";
import type { DocumentKeys } from "../pipeline/store/document-keys.ts";
import type { RecordStore } from "../pipeline/store/record-store.ts";

/** By what it is known what documents say. */
export interface IndexKnowledge {
  readonly knowledge: Knowledge;
  readonly parameters: SearchParameters;
}

export function describerOf(
  { patientSystems: systems, hasFullText }: Pick<Config, "patientSystems" | "hasFullText">,
  keys: Pick<Keys, "personKeyOf">,
  { knowledge, parameters }: IndexKnowledge,
  record: { readonly store: Pick<RecordStore, "evidence">; readonly documentKeys: Pick<DocumentKeys, "read"> },
): { readonly describer: ResourceDescriber } & Pick<IndexerOptions, "describe" | "describeFeed"> {
  const describer = new ResourceDescriber(knowledge, parameters, { systems, hasFullText });
  const idOf = personIds(keys, systems);
  return {
    describer,
    describe: (document, facts) => named(describeWithHeader(document, facts, { describer, systems }), idOf),
    describeFeed: async (entry) => {
      const { id, index, receivedAt } = entry;
      return describeFeed({ id, index, receivedAt, record: await feedRecordOf(entry, record) }, { ...knowledge, describer, idOf, systems });
    },
  };
}
