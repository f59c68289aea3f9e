/** What a stranger without scruples does to a database file: and what they did is there, or the test that relies on it ends here. */
import { DatabaseSync } from "node:sqlite";
import { serialize } from "node:v8";

/** Every row of every table, as bytes. */
function rowsOf(database: DatabaseSync): Buffer {
  const tables = database.prepare("SELECT name FROM main.sqlite_schema WHERE type = 'table' ORDER BY name").all();
  return serialize(
    tables.map(({ name }) => {
      const rows = database.prepare(`SELECT * FROM main."${String(name)}"`);
      rows.setReadBigInts(true);
      return [name, rows.all()];
    }),
  );
}

/**
 * Runs statements on one connection, without triggers and without foreign keys.
 *
 * @throws where every row of every table is what it was: what is random may be the same by chance, and nobody could notice it
 */
export function tamperWith(file: string, statements: readonly string[]): void {
  const database = new DatabaseSync(file, { enableForeignKeyConstraints: false });
  try {
    const triggers = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger'").all();
    for (const { name } of triggers) database.exec(`DROP TRIGGER ${String(name)}`);
    const before = rowsOf(database);
    for (const sql of statements) database.exec(sql);
    if (rowsOf(database).equals(before)) throw new Error(`nothing was altered by ${statements.join("; ")}`);
  } finally {
    database.close();
  }
}
