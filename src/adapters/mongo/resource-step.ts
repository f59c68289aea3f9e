import type { ResourceStep } from "../../search/resource-index.ts";
import { areDuplicates } from "./failure.ts";
import { rowId } from "./index-rows.ts";
import type { IndexStates } from "./index-state.ts";
import { removeRows } from "./remove-rows.ts";
import type { AnyBulkWriteOperation } from "mongodb";
import { resourceNumber } from "../../search/resource-number.ts";
import { resourceRowId, resourceRowOf, type ResourceRow } from "./resource-rows.ts";

/**
 * Writes the resources of a step. Whoever does the same step again writes the same. A document may be removed meanwhile: who removes it takes its resources away after it, and who writes them looks
 * again behind himself, so that one of the two comes last.
 */
export async function writeResources(
  { connection, rows, resources }: IndexStates,
  documents: ResourceStep["documents"],
  generation: number,
): Promise<void> {
  await connection.ask(async (session) => {
    const positionsThere = async (): Promise<ReadonlySet<number>> => {
      const ids = documents.map(({ position }) => rowId(generation, position));
      const there = await rows.find({ _id: { $in: ids }, id: { $exists: true } }, { session, projection: { from: 1 } }).toArray();
      return new Set(there.map((row) => row.from));
    };
    const before = await positionsThere();
    const kept = documents.filter(({ position }) => before.has(position));
    const made = kept.flatMap(({ position, resources: own }) => own.map((resource) => resourceRowOf(resource, position, generation)));
    const more = new Set(
      kept.flatMap(({ position, resources: own }) =>
        own.filter(({ isMore }) => isMore).map(({ place }) => resourceRowId(generation, resourceNumber(position, place))),
      ),
    );
    const writes = made.map((row): AnyBulkWriteOperation<ResourceRow> =>
      more.has(row._id)
        ? // Once, whoever does the same step again; of a resource that is gone it makes none.
          {
            updateOne: {
              filter: { _id: row._id, hasMore: { $exists: false } },
              update: { $set: { hasMore: true }, $push: { words: { $each: [...row.words] }, names: { $each: [...row.names] } } },
            },
          }
        : { replaceOne: { filter: { _id: row._id }, replacement: row, upsert: true } },
    );
    for (let look = 0; writes.length > 0; look++)
      try {
        await resources.bulkWrite(writes, { session, ordered: false });
        break;
      } catch (cause) {
        // Two who insert the same at once: one of them has; then it is replaced by the same.
        if (look > 0 || !areDuplicates(cause)) throw cause;
      }
    const after = await positionsThere();
    const gone = [...before].filter((position) => !after.has(position));
    if (gone.length > 0) await removeRows(resources, session, { generation, position: { $in: gone } });
  });
}
