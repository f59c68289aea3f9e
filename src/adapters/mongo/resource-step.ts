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

function writesOf(resources: readonly IndexedResource[], position: number, generation: number): AnyBulkWriteOperation<ResourceRow>[] {
  const rows = resourceRowsOf(resources, position, generation);
  return rows.map((row): AnyBulkWriteOperation<ResourceRow> => ({ replaceOne: { filter: { _id: row._id }, replacement: row, upsert: true } }));
}

/** The rows of resources of a document, and of its words. */
export function resourceRowsOf(resources: readonly IndexedResource[], position: number, generation: number): ResourceRow[] {
  return resources.map((one) => resourceRowOf(one, position, generation));
}
