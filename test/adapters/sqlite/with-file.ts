import { DatabaseSync } from "node:sqlite";

/** Opens a database file as a stranger would, for as long as `work` takes. */
export function withFile<Result>(file: string, work: (database: DatabaseSync) => Result): Result {
  const database = new DatabaseSync(file, { timeout: 2000 });
  try {
    return work(database);
  } finally {
    database.close();
  }
}
