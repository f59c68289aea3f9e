import { unpacked } from "../../search/packed-resources.ts";
import type { IndexedResource, ResourceStep } from "../../search/resource-index.ts";
import { areDuplicates } from "./failure.ts";
import { rowId } from "./index-rows.ts";
import type { IndexStates } from "./index-state.ts";
import { removeRows } from "./remove-rows.ts";
import type { AnyBulkWriteOperation } from "mongodb";
import { resourceRowOf, type ResourceRow } from "./resource-rows.ts";

/**
 * Writes the resources of a step. Whoever does the same step again writes the same. A document may be removed meanwhile: who removes it takes its resources away after it, and who writes them looks
 * again behind himself, so that one of the two comes last.
 */
export async function writeResources(states: IndexStates, documents: ResourceStep["documents"], generation: number): Promise<void> {
  const positions = documents.map(({ position }) => position);
  const before = await positionsThere(states, positions, generation);
  const kept = documents.filter(({ position }) => before.has(position));
  await putResources(states, kept, generation);
  await removeLoose(states, [...before], generation);
}

/** Writes resources, without looking whether their documents are there: for whoever knows, or looks afterwards (`removeLoose`). */
export async function putResources({ connection, resources }: IndexStates, documents: ResourceStep["documents"], generation: number): Promise<void> {
  const writes = documents.flatMap(({ position, resources: own }) => writesOf(unpacked(own), position, generation));
  if (writes.length === 0) return;
  await connection.ask(async (session) => {
    // Two who insert the same at once: one of them has; what is refused when it is looked at again is there, with what follows it.
    for (let look = 0; look < 2; look++)
      try {
        await resources.bulkWrite(writes, { session, ordered: false });
        return;
      } catch (cause) {
        if (!areDuplicates(cause)) throw cause;
      }
  });
}

/** Removes the resources of documents that are not there (any more). */
export async function removeLoose(states: IndexStates, positions: readonly number[], generation: number): Promise<void> {
  if (positions.length === 0) return;
  const there = await positionsThere(states, positions, generation);
  const gone = positions.filter((position) => !there.has(position));
  if (gone.length === 0) return;
  await states.connection.ask((session) => removeRows(states.resources, session, { generation, position: { $in: gone } }));
}

async function positionsThere({ connection, rows }: IndexStates, positions: readonly number[], generation: number): Promise<ReadonlySet<number>> {
  const ids = positions.map((position) => rowId(generation, position));
  const there = await connection.ask((session) =>
    rows.find({ _id: { $in: ids }, id: { $exists: true } }, { session, projection: { from: 1 } }).toArray(),
  );
  return new Set(there.map((row) => row.from));
}

/**
 * One write for each resource: a step may have a resource and, besides, what follows it (`isMore`), which are one row then. A row that has what follows it is never replaced: who was asleep in the
 * middle of the step that brought the resource knows nothing of that, and would take it away.
 */
function writesOf(resources: readonly IndexedResource[], position: number, generation: number): AnyBulkWriteOperation<ResourceRow>[] {
  return mergedRows(resources, position, generation).map(({ row, isWhole }): AnyBulkWriteOperation<ResourceRow> => {
    const filter = { _id: row._id, hasMore: { $exists: false } };
    if (isWhole) return { replaceOne: { filter, replacement: row, upsert: true } };
    // Once, whoever does the same step again; of a resource that is gone it makes none.
    const added = { words: { $each: [...row.words] }, names: { $each: [...row.names] } };
    return { updateOne: { filter, update: { $set: { hasMore: true }, $push: added } } };
  });
}

/** The rows of all resources of a document, with what follows them. */
export function resourceRowsOf(resources: readonly IndexedResource[], position: number, generation: number): ResourceRow[] {
  return mergedRows(resources, position, generation).map(({ row }) => row);
}

function mergedRows(
  resources: readonly IndexedResource[],
  position: number,
  generation: number,
): { readonly row: ResourceRow; readonly isWhole: boolean }[] {
  const byPlace = Map.groupBy(resources, ({ place }) => place);
  return [...byPlace.values()].flatMap((all) => {
    const whole = all.findLast(({ isMore }) => isMore !== true);
    const more = all.filter(({ isMore }) => isMore === true);
    const [first] = all;
    if (first === undefined) return [];
    const row = resourceRowOf({ ...(whole ?? first), rows: [...(whole?.rows ?? []), ...more.flatMap(({ rows }) => rows)] }, position, generation);
    return [{ row: more.length > 0 ? { ...row, hasMore: true as const } : row, isWhole: whole !== undefined }];
  });
}
