import { AppError } from "../../core/errors.ts";
import type { Database } from "./database.ts";
import { integerAt, textAt } from "./rows.ts";

/** Rows that a log of n entries has, as SQL that gives n. */
const COUNTS: readonly { readonly what: string; readonly sql: string; readonly expected: (size: number) => number }[] = [
  { what: "entries", sql: "SELECT count(*) AS n FROM entries", expected: (size) => size },
  {
    what: "places",
    sql: "SELECT 1 + coalesce(max(entry_index), -1) AS n FROM entries",
    expected: (size) => size,
  },
  { what: "nodes of its tree", sql: "SELECT count(*) AS n FROM tree_nodes", expected: nodesOf },
];

/**
 * Looks at every page and every index of the database (sqlite.org/pragma.html, integrity_check), and whether it has all entries that its newest checkpoint counts. Takes about a
 * second for each gigabyte. AppError `damaged` says what was found first.
 */
export function checkWhole(database: Database): void {
  checkPages(database);
  const newest = database.get("SELECT coalesce(max(size), 0) AS size FROM checkpoints");
  const size = newest ? integerAt(newest, "size") : 0;
  for (const { what, sql, expected } of COUNTS) {
    const count = database.get(sql);
    const n = count ? integerAt(count, "n") : 0;
    if (n !== expected(size)) throw damaged(`it has ${n} ${what}, and its newest checkpoint counts ${size} entries`);
  }
}

/** The pages and indexes alone, of whatever schema. */
export function checkPages(database: Database): void {
  const row = database.get("PRAGMA integrity_check(1)");
  const found = row ? textAt(row, "integrity_check") : "nothing";
  if (found !== "ok") throw damaged(found.split("\n", 1)[0] ?? "");
}

/** Complete subtrees of a tree of `size` leaves. */
function nodesOf(size: number): number {
  let count = 0;
  for (let width = 1; width <= size; width *= 2) count += Math.floor(size / width);
  return count;
}

function damaged(what: string): AppError {
  return new AppError("damaged", `the database is malformed (${what}). It was not closed as it should, and holds what does not belong together`);
}
