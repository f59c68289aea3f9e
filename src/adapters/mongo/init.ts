import { MongoServerError, type ClientSession, type Db } from "mongodb";
import type { SchemaRow } from "./check-schema.ts";
import { checkSchema } from "./check-schema.ts";
import { Connection, databaseOf } from "./connection.ts";
import { isDuplicate } from "./failure.ts";
import { COLLECTIONS, privilegesOn, ROLE, SCHEMA_VERSION } from "./schema.ts";

const NAMESPACE_EXISTS = 48;
const ROLE_EXISTS = 51_002;

/** What `initialise` did. */
export interface Initialised {
  readonly database: string;
  readonly role: string;
  /** Collections that were not there before. */
  readonly made: readonly string[];
}

/**
 * Makes what the service needs in a database and may not make itself: collections, indexes, the role. Whatever is there already stays; any number of administrators may do it
 * at once, and again after it was broken off.
 *
 * @param administrator a URL whose user may make collections, indexes and roles in that database
 * @param service the service's URL, which names the database; without one the administrator's does
 * @throws AppError `unsupported` when an index of the same name is another one, `unavailable`
 */
export async function initialise(administrator: string, service: string | undefined): Promise<Initialised> {
  const database = databaseOf(service ?? administrator);
  const connection = await Connection.open(administrator, { setting: "MONGODB_ADMIN_URL", database });
  const { db } = connection;
  try {
    const made = await connection.ask((session) => makeCollections(db, session));
    await connection.ask(() => makeIndexes(db));
    await connection.ask((session) => makeRole(db, session));
    await connection.ask(async (session) => {
      const row: SchemaRow = { _id: "schema", version: SCHEMA_VERSION };
      await db
        .collection<SchemaRow>("repository")
        .insertOne(row, { session })
        .catch((cause: unknown) => {
          if (!isDuplicate(cause)) throw cause;
        });
    });
    await checkSchema(connection);
    return { database, role: ROLE, made };
  } finally {
    await connection.close();
  }
}

async function makeCollections(db: Db, session: ClientSession): Promise<string[]> {
  const there = new Set((await db.listCollections({}, { session, nameOnly: true }).toArray()).map(({ name }) => name));
  const missing = COLLECTIONS.map(({ name }) => name).filter((name) => !there.has(name));
  for (const name of missing)
    await db.createCollection(name, { session }).catch((cause: unknown) => {
      // Another administrator was quicker.
      if (!hasCode(cause, NAMESPACE_EXISTS)) throw cause;
    });
  return missing;
}

async function makeIndexes(db: Db): Promise<void> {
  for (const { name, indexes } of COLLECTIONS)
    for (const { name: index, key, sparse } of indexes) await db.collection(name).createIndex(key, { name: index, ...(sparse && { sparse }) }, {});
}

async function makeRole(db: Db, session: ClientSession): Promise<void> {
  const privileges = privilegesOn(db.databaseName);
  await db.command({ createRole: ROLE, privileges, roles: [] }, { session }).catch(async (cause: unknown) => {
    if (!hasCode(cause, ROLE_EXISTS)) throw cause;
    // Of an earlier version: it gets what this one needs.
    await db.command({ updateRole: ROLE, privileges, roles: [] }, { session });
  });
}

function hasCode(cause: unknown, code: number): boolean {
  return cause instanceof MongoServerError && cause.code === code;
}
