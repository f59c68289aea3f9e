/** A database file in a folder of its own, for tests. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { openSqlite, type OpenedSqlite } from "../../../src/adapters/sqlite/open.ts";
import { openInventory } from "../../../src/adapters/sqlite/inventory.ts";
import type { RecordInventory } from "../../../src/pipeline/store/record-inventory.ts";
import type { OpenedRecord, RecordPlace } from "../../contracts/record-store.ts";
import { withFile } from "./with-file.ts";

export interface SqlitePlace extends RecordPlace {
  readonly file: string;
  open(): Promise<OpenedRecord & OpenedSqlite & { openInventory(): RecordInventory }>;
  /** Opens the file as a stranger would and runs SQL on it. */
  tamper(sql: string): void;
}

/** Rows of each table that belong to no entry within the committed tree. */
const ORPHANS: Readonly<Record<string, string>> = {
  entries: "entry_index >= (SELECT coalesce(max(size), 0) FROM checkpoints)",
  claims: "entry_index NOT IN (SELECT entry_index FROM entries)",
  wrapped_keys: "entry_index NOT IN (SELECT entry_index FROM entries)",
  tree_nodes: "(node_index + 1) * (1 << level) > (SELECT coalesce(max(size), 0) FROM checkpoints)",
  checkpoints: "size > (SELECT count(*) FROM entries)",
};

/** @param openRoom in this thread, or in another */
export function sqlitePlace(openRoom: (file: string) => Promise<OpenedSqlite> = (file) => openSqlite(file, { patience: 2000 })): SqlitePlace {
  const folder = mkdtempSync(join(tmpdir(), "chartulary-sqlite-"));
  const file = join(folder, "data", "chartulary.db");
  const look = <Result>(work: (database: DatabaseSync) => Result): Result => withFile(file, work);
  return {
    file,
    tamper: (sql) => look((database) => database.exec(sql)),
    open: async () => {
      const room = await openRoom(file);
      return { ...room, keys: room.wrappedKeys, openInventory: () => openInventory(file) };
    },
    orphans: () =>
      Promise.resolve(
        look((database) => {
          const counts = Object.entries(ORPHANS).map(([table, condition]) => {
            const row = database.prepare(`SELECT count(*) AS n FROM ${table} WHERE ${condition}`).get();
            return { table, count: Number(row?.["n"]) };
          });
          return counts.filter(({ count }) => count !== 0).map(({ table, count }) => `${count} rows of ${table}`);
        }),
      ),
    keysOf: (id) =>
      Promise.resolve(
        look((database) => {
          const row = database.prepare("SELECT count(*) AS n FROM wrapped_keys JOIN entries USING (entry_index) WHERE id = ?").get(id);
          return Number(row?.["n"]);
        }),
      ),
    remove: () => Promise.resolve(rmSync(folder, { recursive: true, force: true })),
  };
}
