import { AppError } from "../../../core/errors.ts";
import type { NodePosition } from "../../../core/crypto/merkle.ts";
import type { DayKey, KeptBatch, MarkedBatch, NewBatch, TrailQuestion, TrailStore, TrailTally } from "../../../pipeline/trail/trail-store.ts";
import { setTimeout as sleep } from "node:timers/promises";
import type { Database, Row } from "../database.ts";
import { bytesAt, integerAt, textAt } from "../rows.ts";
import { bytesOfToken, TokenQueue } from "./token-queue.ts";

const COLUMNS = "b.log, b.batch_index, b.first_at, b.last_at, b.day, b.events, b.leaf, b.sealed, b.note";

/** How often the write-ahead log is tried to be brought in, and how long to wait between, in milliseconds. */
const ATTEMPTS = 50;
const WAIT = 100;

/** The port TrailStore on one SQLite file. Several processes may open the same file. */
export class SqliteTrail implements TrailStore {
  readonly #database: Database;
  readonly #tokens: TokenQueue;
  readonly #isInPlace: () => boolean;

  /** @param isInPlace whether the file is still the one that was opened: what is written into one that was removed nobody ever sees */
  constructor(database: Database, isInPlace: () => boolean) {
    this.#database = database;
    this.#tokens = new TokenQueue(database);
    this.#isInPlace = isInPlace;
  }

  #refuseStray(): void {
    if (!this.#isInPlace())
      throw new AppError("unavailable", "the file of the audit trail was removed, or replaced by another, while the service had it open: put it back where it was, or stop the service and restore it"); // prettier-ignore
  }

  append(batch: NewBatch): Promise<"appended" | "behind"> {
    return this.extend([batch]);
  }

  extend(batches: readonly NewBatch[]): Promise<"appended" | "behind"> {
    const [first] = batches;
    if (first === undefined) return Promise.resolve("appended");
    const database = this.#database;
    return database.ask(() => {
      const result = database.transaction(() => {
        this.#refuseStray();
        if (this.#sizeOf(first.log) !== first.index) return "behind";
        for (const batch of batches) this.#insert(batch);
        return "appended";
      });
      if (result === "appended") this.#tokens.added(batches.length);
      return result;
    });
  }

  #insert({ log, index, from, to, day, events, note, leaf, sealed, nodes, tokens }: NewBatch): void {
    const database = this.#database;
    const row = database.get(
      "INSERT INTO batches (log, batch_index, first_at, last_at, day, events, note, leaf, sealed) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING number",
      ...[log, index, from, to, day, events, note, leaf, sealed],
    );
    const number = row ? integerAt(row, "number") : 0;
    for (const { level, index: node, hash } of nodes)
      database.run("INSERT INTO nodes (log, level, node_index, hash) VALUES (?, ?, ?, ?)", log, level, node, hash);
    this.#tokens.add(number, tokens);
  }

  checkpoint(log: string): Promise<{ readonly size: number; readonly note: string } | undefined> {
    return this.#database.ask(() => {
      const row = this.#database.get("SELECT batch_index, note FROM batches WHERE log = ? ORDER BY batch_index DESC LIMIT 1", log);
      return row && { size: integerAt(row, "batch_index") + 1, note: textAt(row, "note") };
    });
  }

  nodes(log: string, positions: readonly NodePosition[]): Promise<Uint8Array[]> {
    return this.#database.ask(() =>
      positions.map(({ level, index }) => {
        const row = this.#database.get("SELECT hash FROM nodes WHERE log = ? AND level = ? AND node_index = ?", log, level, index);
        if (!row) throw new AppError("damaged", `the audit log ${log} has no node ${level}/${index}`);
        return bytesAt(row, "hash");
      }),
    );
  }

  logs(): Promise<string[]> {
    // From each to the next by the index: to look at every batch takes longer the more there are.
    const sql = `WITH RECURSIVE known (log) AS (SELECT min(log) FROM batches
      UNION ALL SELECT (SELECT min(b.log) FROM batches b WHERE b.log > known.log) FROM known WHERE known.log IS NOT NULL)
      SELECT log FROM known WHERE log IS NOT NULL`;
    return this.#database.ask(() => this.#database.all(sql).map((row) => textAt(row, "log")));
  }

  batches(log: string, from: number, count: number): Promise<MarkedBatch[]> {
    const sql = `SELECT ${COLUMNS} FROM batches b WHERE b.log = ? AND b.batch_index >= ? ORDER BY b.batch_index LIMIT ?`;
    return this.#database.ask(() => this.#database.all(sql, log, from, count).map((row) => ({ ...batchAt(row), note: textAt(row, "note") })));
  }

  find({ tokens, anyOf = [], since, until, after }: TrailQuestion, count: number): Promise<KeptBatch[]> {
    const [first, ...others] = tokens;
    const where = [
      ...(first === undefined ? [] : ["t.token = ?"]),
      ...others.map(() => "EXISTS (SELECT 1 FROM tokens o WHERE o.token = ? AND o.batch = b.number)"),
      ...anyOf.map((group) => `b.number IN (SELECT batch FROM tokens WHERE token IN (${group.map(() => "?").join(", ")}))`),
      ...(since === undefined ? [] : ["b.last_at >= ?"]),
      ...(until === undefined ? [] : ["b.first_at <= ?"]),
      ...(after === undefined ? [] : ["(b.last_at, b.log, b.batch_index) < (?, ?, ?)"]),
    ];
    const given = [
      ...tokens.map(bytesOfToken),
      ...anyOf.flat().map(bytesOfToken),
      ...(since === undefined ? [] : [since]),
      ...(until === undefined ? [] : [until]),
      ...(after === undefined ? [] : [after.to, after.log, after.index]),
    ];
    const from = first === undefined ? "batches b" : "tokens t JOIN batches b ON b.number = t.batch";
    const sql = `SELECT ${COLUMNS} FROM ${from} ${where.length > 0 ? `WHERE ${where.join(" AND ")}` : ""}
      ORDER BY b.last_at DESC, b.log DESC, b.batch_index DESC LIMIT ?`;
    return this.#database.ask(() => {
      if (tokens.length > 0 || anyOf.length > 0) this.#tokens.layAll();
      return this.#database.all(sql, ...given, count).map(batchAt);
    });
  }

  keepKey({ name, wrapped }: DayKey): Promise<Uint8Array> {
    return this.#database.ask(() =>
      this.#database.transaction(() => {
        if (this.#ended().includes(name.slice(0, name.indexOf("/")))) throw new AppError("unavailable", "the day whose key is wanted has ended");
        this.#database.run("INSERT INTO day_keys (name, wrapped) VALUES (?, ?) ON CONFLICT DO NOTHING", name, wrapped);
        return this.#keyOf(name) ?? wrapped;
      }),
    );
  }

  key(name: string): Promise<Uint8Array | undefined> {
    return this.#database.ask(() => this.#keyOf(name));
  }

  keys(): Promise<DayKey[]> {
    return this.#database.ask(() =>
      this.#database
        .all("SELECT name, wrapped FROM day_keys ORDER BY name")
        .map((row) => ({ name: textAt(row, "name"), wrapped: bytesAt(row, "wrapped") })),
    );
  }

  replaceKey(name: string, from: Uint8Array, to: Uint8Array): Promise<boolean> {
    return this.#database.ask(() => this.#database.run("UPDATE day_keys SET wrapped = ? WHERE name = ? AND wrapped = ?", to, name, from) > 0);
  }

  tally(): Promise<TrailTally> {
    return this.#database.ask(() => {
      const row = this.#database.get(
        "SELECT count(*) AS batches, total(events) AS events, count(DISTINCT day) AS days, min(first_at) AS first, max(last_at) AS last, (SELECT count(*) FROM day_keys) AS keys FROM batches",
      );
      const at = (name: string): number => Number(row?.[name] ?? 0);
      const textOr = (name: string): string | undefined => (typeof row?.[name] === "string" ? row[name] : undefined);
      return { batches: at("batches"), events: at("events"), days: at("days"), keys: at("keys"), from: textOr("first"), to: textOr("last") };
    });
  }

  /** All at once, since tokens are looked through from the first to the last. */
  async endDays(days: readonly string[]): Promise<void> {
    const database = this.#database;
    const among = "(SELECT value FROM json_each(?))";
    const list = JSON.stringify(days);
    await database.ask(() =>
      database.transaction(() => {
        database.run(`INSERT OR IGNORE INTO ended_days SELECT value FROM json_each(?)`, list);
        database.run(`DELETE FROM day_keys WHERE substr(name, 1, 10) IN ${among}`, list);
        for (const table of ["tokens", "token_queue"])
          database.run(`DELETE FROM ${table} WHERE batch IN (SELECT number FROM batches WHERE day IN ${among})`, list);
      }),
    );
    // What was deleted is overwritten (secure_delete) in the write-ahead log; in the file it stands until that is brought in.
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      if (await database.ask(() => database.get("PRAGMA wal_checkpoint(TRUNCATE)")?.["busy"] === 0)) return;
      await sleep(WAIT);
    }
    throw new AppError(
      "unavailable",
      "the days have ended, but others read the audit trail all the time, so that their keys still stand in its file: run it once more",
    );
  }

  endedDays(): Promise<string[]> {
    return this.#database.ask(() => this.#ended());
  }

  close(): Promise<void> {
    this.#tokens.close();
    this.#database.close();
    return Promise.resolve();
  }

  #ended(): string[] {
    return this.#database.all("SELECT day FROM ended_days ORDER BY day").map((row) => textAt(row, "day"));
  }

  #sizeOf(log: string): number {
    const row = this.#database.get("SELECT max(batch_index) AS newest FROM batches WHERE log = ?", log);
    return row && row["newest"] !== null ? integerAt(row, "newest") + 1 : 0;
  }

  #keyOf(name: string): Uint8Array | undefined {
    const row = this.#database.get("SELECT wrapped FROM day_keys WHERE name = ?", name);
    return row && bytesAt(row, "wrapped");
  }
}

function batchAt(row: Row): KeptBatch {
  return {
    log: textAt(row, "log"),
    index: integerAt(row, "batch_index"),
    from: textAt(row, "first_at"),
    to: textAt(row, "last_at"),
    day: textAt(row, "day"),
    events: integerAt(row, "events"),
    leaf: bytesAt(row, "leaf"),
    sealed: bytesAt(row, "sealed"),
  };
}
