import type { FollowerPosition, FollowerPositions } from "../../followers/position-port.ts";
import type { Database, Row } from "./database.ts";
import { integerAt, textAt } from "./rows.ts";

/** The port FollowerPositions in a table beside the record, on a connection that does not wait for the disk: a position that is lost is come to again. */
export class SqliteFollowerPositions implements FollowerPositions {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  read(name: string): Promise<FollowerPosition | undefined> {
    return this.#database.ask(() => {
      const row = this.#database.get("SELECT position, holder, leased_until FROM followers WHERE name = ?", name);
      return row && positionAt(row);
    });
  }

  async begin(name: string, position: number): Promise<void> {
    await this.#changes("INSERT OR IGNORE INTO followers (name, position) VALUES (?, ?)", name, position);
  }

  lease(name: string, holder: string, { now, until }: { readonly now: number; readonly until: number }): Promise<boolean> {
    const sql = `UPDATE followers SET holder = ?, leased_until = ? WHERE name = ? AND (holder IS NULL OR holder = ? OR leased_until <= ?)`;
    return this.#changes(sql, holder, until, name, holder, now);
  }

  move(name: string, holder: string, { from, to, now }: { readonly from: number; readonly to: number; readonly now: number }): Promise<boolean> {
    const sql = `UPDATE followers SET position = ? WHERE name = ? AND position = ? AND (holder IS NULL OR holder = ? OR leased_until <= ?)`;
    return this.#changes(sql, to, name, from, holder, now);
  }

  async release(name: string, holder: string): Promise<void> {
    await this.#changes("UPDATE followers SET holder = NULL, leased_until = NULL WHERE name = ? AND holder = ?", name, holder);
  }

  #changes(sql: string, ...values: readonly (string | number)[]): Promise<boolean> {
    return this.#database.ask(() => this.#database.run(sql, ...values) > 0);
  }
}

function positionAt(row: Row): FollowerPosition {
  return {
    position: integerAt(row, "position"),
    ...(row["holder"] !== null && { holder: textAt(row, "holder"), leasedUntil: integerAt(row, "leased_until") }),
  };
}
