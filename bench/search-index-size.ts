/** How large an index is that nobody has open. */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { MongoClient } from "mongodb";

export interface IndexSize {
  readonly documents: number;
  /** What resources are found by: words, spans, links. */
  readonly rows: number;
  readonly bytes: number;
}

export function indexSize(folder: string, mongodbUrl: string): Promise<IndexSize | undefined> {
  return mongodbUrl === "" ? inFile(join(folder, "index.db")) : inDatabase(mongodbUrl);
}

async function inFile(file: string): Promise<IndexSize> {
  const database = new DatabaseSync(file);
  try {
    const tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all();
    const count = (pattern: RegExp): number =>
      tables
        .map(({ name }) => String(name))
        .filter((name) => pattern.test(name))
        .reduce((sum, name) => sum + Number(database.prepare(`SELECT count(*) AS n FROM "${name}"`).get()?.["n"] ?? 0), 0);
    database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    return { documents: count(/^documents_\d+$/), rows: count(/^(words|spans|links|document_words)_\d+$/), bytes: (await stat(file)).size };
  } finally {
    database.close();
  }
}

/** Undefined where the server does not tell sizes. */
async function inDatabase(url: string): Promise<IndexSize | undefined> {
  const client = new MongoClient(url);
  try {
    const db = client.db();
    const names = (await db.listCollections().toArray()).map(({ name }) => name).filter((name) => name.startsWith("index_"));
    const sizes = await Promise.all(names.map((name) => db.command({ collStats: name })));
    const documents = await db.collection("index_documents").countDocuments();
    const rows = await db
      .collection("index_resources")
      .aggregate<{ readonly n: number }>([
        { $group: { _id: null, n: { $sum: { $add: [{ $size: "$words" }, { $size: "$spans" }, { $size: "$links" }] } } } },
      ])
      .toArray();
    const bytes = sizes.reduce((sum, size) => sum + Number(size["storageSize"] ?? 0) + Number(size["totalIndexSize"] ?? 0), 0);
    return { documents, rows: rows[0]?.n ?? 0, bytes };
  } catch {
    return undefined;
  } finally {
    await client.close();
  }
}
