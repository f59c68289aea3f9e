import type { ClientSession, Db } from "mongodb";
import { AppError } from "../../core/errors.ts";
import type { Connection } from "./connection.ts";
import { COLLECTIONS, SCHEMA_VERSION, type CollectionPlan, type IndexPlan } from "./schema.ts";

/** What stands in `repository` about the schema. */
export interface SchemaRow {
  readonly _id: "schema";
  readonly version: number;
}

/**
 * Looks whether everything is there that the service needs. The service makes none of it: its role does not let it.
 *
 * @throws AppError `unsupported` that names all that is missing or otherwise than it should be, or says that a newer version made it.
 */
export async function checkSchema(connection: Connection): Promise<void> {
  const { db } = connection;
  const faults = await connection.ask((session) => schemaFaults(db, session));
  if (faults.length > 0)
    throw new AppError(
      "unsupported",
      `the database ${db.databaseName} (MONGODB_URL) is not ready: ${faults.join(", ")}. Run \`chartulary mongo init\` with MONGODB_ADMIN_URL once`,
    );
  const row = await connection.ask((session) => db.collection<SchemaRow>("repository").findOne({ _id: "schema" }, { session }));
  if (row && row.version > SCHEMA_VERSION)
    throw new AppError(
      "unsupported",
      `the database ${db.databaseName} has schema ${row.version}, this program knows ${SCHEMA_VERSION}: a newer version of Chartulary made it`,
    );
  if (!row)
    throw new AppError(
      "unsupported",
      `the database ${db.databaseName} (MONGODB_URL) has no schema's version: run \`chartulary mongo init\` once more`,
    );
}

async function schemaFaults(db: Db, session: ClientSession): Promise<string[]> {
  const there = await db.listCollections({}, { session, nameOnly: true }).toArray();
  const names = new Set(there.map(({ name }) => name));
  const missing = COLLECTIONS.filter(({ name }) => !names.has(name)).map(({ name }) => `no collection ${name}`);
  const indexes = await Promise.all(COLLECTIONS.filter(({ name }) => names.has(name)).map((plan) => indexFaults(db, plan)));
  return [...missing, ...indexes.flat()];
}

async function indexFaults(db: Db, { name, indexes }: CollectionPlan): Promise<string[]> {
  const there: readonly unknown[] = await db.collection(name).listIndexes().toArray();
  const planned = indexes.flatMap((plan) => {
    const found = there.find((index) => fieldOf(index, "name") === plan.name);
    if (found === undefined) return [`no index ${plan.name} on ${name}`];
    return isAsPlanned(found, plan) ? [] : [`another index ${plan.name} on ${name}`];
  });
  // A unique index that somebody adds would refuse what the record must take.
  const unique = there.filter((index) => fieldOf(index, "unique") === true && fieldOf(index, "name") !== "_id_").map((index) => `a unique index ${String(fieldOf(index, "name"))} on ${name}`); // prettier-ignore
  return [...planned, ...unique];
}

function isAsPlanned(index: unknown, { key, sparse }: IndexPlan): boolean {
  const found = fieldOf(index, "key");
  const text = JSON.stringify(found instanceof Map ? Object.fromEntries(found) : found);
  return text === JSON.stringify(key) && (fieldOf(index, "sparse") === true) === (sparse === true);
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}
