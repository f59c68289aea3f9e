/** An index file in a folder of its own, for tests. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { openIndex } from "../../../src/adapters/sqlite/open-index.ts";
import type { IndexPlace } from "../../contracts/index-port.ts";
import { withFile } from "./with-file.ts";

export interface SqliteIndexPlace extends IndexPlace {
  readonly file: string;
  /** Opens the file as a stranger would. */
  look<Result>(work: (database: DatabaseSync) => Result): Result;
}

/** @param openRoom in this thread, or in another */
export function sqliteIndexPlace(tag = "test", openRoom: typeof openIndex = openIndex): SqliteIndexPlace {
  const folder = mkdtempSync(join(tmpdir(), "chartulary-index-"));
  const file = join(folder, "data", "index.db");
  const look = <Result>(work: (database: DatabaseSync) => Result): Result => withFile(file, work);
  return {
    file,
    look,
    open: async () => (await openRoom(file, { tag, patience: 2000 })).index,
    orphans: () =>
      Promise.resolve(
        look((database) => {
          const names = database
            .prepare("SELECT name FROM sqlite_schema WHERE type = 'table'")
            .all()
            .map((row) => String(row["name"]));
          const current = Number(database.prepare("SELECT number FROM generations WHERE is_current = 1").get()?.["number"]);
          const others = names.filter((name) => /_\d+$/.test(name) && !name.endsWith(`_${current}`));
          const loose = ["terms", "keys", "document_words"].filter(
            (name) =>
              database.prepare(`SELECT 1 FROM ${name}_${current} WHERE position NOT IN (SELECT position FROM documents_${current})`).get() !==
              undefined,
          );
          const rows = ["words", "spans", "links"].filter(
            (name) =>
              database.prepare(`SELECT 1 FROM ${name}_${current} WHERE resource NOT IN (SELECT number FROM resources_${current})`).get() !==
              undefined,
          );
          const places = 2 ** 20;
          const lost = database
            .prepare(`SELECT 1 FROM resources_${current} WHERE number / ${places} NOT IN (SELECT position FROM documents_${current})`)
            .get();
          if (lost !== undefined) others.push("resources of no document");
          return [
            ...others,
            ...rows.map((name) => `rows of ${name} without a resource`),
            ...loose.map((name) => `rows of ${name} without a document`),
          ];
        }),
      ),
    remove: () => Promise.resolve(rmSync(folder, { recursive: true, force: true })),
  };
}
