/** Whether a stranger's deed altered anything: what is random may be the same by chance, and nobody could notice it. */
import { BSON, type Db, type Document } from "mongodb";

/** Collections as they were, by name. */
type Snapshot = readonly (readonly [name: string, rows: readonly Document[]])[];

/** In no order: a row that was removed and put back as it was is the same. */
const asText = (rows: readonly Document[]): string =>
  rows
    .map((row) => BSON.EJSON.stringify(row, { relaxed: false }))
    .sort()
    .join("\n");

/** @throws where each collection of `before` is what it was */
export async function refuseUnaltered(db: Db, before: Snapshot): Promise<void> {
  for (const [name, rows] of before) if (asText(await db.collection(name).find().toArray()) !== asText(rows)) return;
  throw new Error(`nothing was altered in ${before.map(([name]) => name).join(", ")}`);
}
