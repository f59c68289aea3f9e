/** Documents as subscriptions are held against them: what the index takes from them, which is worked out once. A part of the composition root. */
import { AppError } from "../core/errors.ts";
import type { DocumentSource } from "../events/happened.ts";
import type { RecentDescriptions } from "../events/recent-descriptions.ts";
import type { LogEntry, RecordStore } from "../pipeline/store/record-store.ts";
import type { Described, IndexPort } from "../search/index-port.ts";
import type { Indexer } from "../search/indexer.ts";
import { PERMIT_ALL } from "../search/predicate.ts";
import type { ResourceSource } from "../search/resource-indexer.ts";
import { supersedes } from "../search/supersession.ts";

/** How long is waited for the index, in milliseconds: what it does not have by then is asked for again. */
const PATIENCE = 5_000;

export interface ArrivingNeeds {
  readonly recent: RecentDescriptions;
  readonly store: Pick<RecordStore, "entry">;
  readonly index: Pick<IndexPort, "related">;
  readonly indexer: Pick<Indexer, "reach">;
  /** By opening the document: for those that other processes took. */
  describe(entry: LogEntry): Promise<Described | undefined>;
  readonly rest: ResourceSource["describe"];
}

export function arrivingDocuments({ recent, store, index, indexer, describe, rest }: ArrivingNeeds): DocumentSource {
  return {
    described: async (entry) => recent.header(entry.id) ?? describe(entry),
    rest,
    entry: (documentId) => store.entry(documentId),
    relations: async ({ id, index: position }) => {
      let [found] = await index.related([id], PERMIT_ALL);
      if (!found || found.size <= position) {
        if ((await indexer.reach(position + 1, PATIENCE)) > 0)
          throw new AppError("unavailable", "the index does not tell yet which documents are superseded");
        [found] = await index.related([id], PERMIT_ALL);
      }
      const document = found?.document;
      if (!found || !document) return { targets: [], isSuperseded: false };
      // What comes later is told of when it comes.
      const isBefore = ({ from }: { readonly from: number }): boolean => from < position;
      return {
        targets: found.targets.filter((target) => isBefore(target) && supersedes(document, target)),
        isSuperseded: found.claimants.some((claimant) => isBefore(claimant) && supersedes(claimant, document)),
      };
    },
  };
}
