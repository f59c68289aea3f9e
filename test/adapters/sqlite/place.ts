/** A database file in a folder of its own, for tests. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { openSqlite } from "../../../src/adapters/sqlite/open.ts";
import type { DocumentStore } from "../../../src/pipeline/store/document-store.ts";
import type { StorePlace } from "../../contracts/document-store.ts";

export interface SqlitePlace extends StorePlace {
  readonly file: string;
  /** Opens the file as a stranger would and runs SQL on it. */
  tamper(sql: string): void;
}

/** Rows of each table that belong to no document within the committed tree. */
const ORPHANS: Readonly<Record<string, string>> = {
  documents: "leaf_index >= (SELECT coalesce(max(size), 0) FROM checkpoints)",
  document_keys: "leaf_index NOT IN (SELECT leaf_index FROM documents)",
  summaries: "leaf_index NOT IN (SELECT leaf_index FROM documents)",
  search_terms: "leaf_index NOT IN (SELECT leaf_index FROM documents)",
  relation_keys: "leaf_index NOT IN (SELECT leaf_index FROM documents)",
  tree_nodes: "(node_index + 1) * (1 << level) > (SELECT coalesce(max(size), 0) FROM checkpoints)",
  checkpoints: "size > (SELECT count(*) FROM documents) + (SELECT count(*) FROM entries)",
  entries: "leaf_index >= (SELECT coalesce(max(size), 0) FROM checkpoints)",
};

export function sqlitePlace(): SqlitePlace {
  const folder = mkdtempSync(join(tmpdir(), "chartulary-sqlite-"));
  const file = join(folder, "data", "chartulary.db");
  const withFile = <Result>(work: (database: DatabaseSync) => Result): Result => {
    const database = new DatabaseSync(file, { timeout: 2000 });
    try {
      return work(database);
    } finally {
      database.close();
    }
  };
  return {
    file,
    tamper: (sql) => withFile((database) => database.exec(sql)),
    open: async (): Promise<DocumentStore> => (await openSqlite(file, { patience: 2000 })).store,
    orphans: () =>
      Promise.resolve(
        withFile((database) => {
          const counts = Object.entries(ORPHANS).map(([table, condition]) => {
            const row = database.prepare(`SELECT count(*) AS n FROM ${table} WHERE ${condition}`).get();
            return { table, count: Number(row?.["n"]) };
          });
          return counts.filter(({ count }) => count !== 0).map(({ table, count }) => `${count} rows of ${table}`);
        }),
      ),
    remove: () => Promise.resolve(rmSync(folder, { recursive: true, force: true })),
  };
}
