import type { ClientSession, Collection, Filter } from "mongodb";

/** Rows that are removed with one command, each by its name: such a command can be tried again. */
const BATCH = 1_000;

/** Removes all rows of the index that satisfy a condition. */
export async function removeRows<Row extends { readonly _id: string }>(
  rows: Collection<Row>,
  session: ClientSession,
  condition: Filter<Row>,
): Promise<void> {
  for (;;) {
    const found = await rows.find(condition, { session, projection: { _id: 1 }, limit: BATCH }).toArray();
    if (found.length === 0) return;
    await rows.deleteMany({ _id: { $in: found.map(({ _id }) => _id) } } as Filter<Row>, { session });
  }
}
