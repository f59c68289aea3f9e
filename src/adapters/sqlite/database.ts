import { DatabaseSync, type SQLInputValue, type SQLOutputValue, type StatementSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { AppError } from "../../core/errors.ts";
import { failureOf, isBusy, isOutOfRange } from "./failure.ts";
import { WAL_LIMIT } from "./file-watch.ts";

export type Row = Readonly<Record<string, SQLOutputValue>>;

/** How long work waits for another process's write lock, in milliseconds. */
export const DEFAULT_PATIENCE = 5_000;

// SQLite's own waiting blocks the whole process: it does only for the very short locks of readers and of recovery.
const BLOCKING_WAIT = 100;

const IN_TIME = "in_time";

/** A condition that always holds, and ends a statement that has had its time: it looks at the clock at one row of some hundreds. @param column an integer one of the table that is walked through */
export function stillInTime(column: string): string {
  return `CASE WHEN ${column} % 251 THEN 1 ELSE ${IN_TIME}() END`;
}

/** Milliseconds that this thread has had of a processor. */
function processorTime(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}

/** One connection: statements prepared once, transactions, and patience with other processes. SQLite works synchronously on the calling thread. */
export class Database {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  readonly #patience: number;
  #until = Infinity;
  #cost = 0;

  /**
   * @param synchronous FULL makes each commit durable before it returns (sqlite.org/pragma.html); NORMAL may lose the newest ones, never more
   * @param writeBackAfter how many pages stand in the write-ahead log, at least, when this connection writes them back to the file itself; 0: it never does, and another one must
   */
  constructor(
    file: string,
    {
      synchronous,
      patience,
      writeBackAfter = synchronous === "FULL" ? 1_000 : 0,
    }: { readonly synchronous: "FULL" | "NORMAL"; readonly patience: number; readonly writeBackAfter?: number },
  ) {
    this.#database = new DatabaseSync(file, { timeout: Math.min(BLOCKING_WAIT, patience), enableForeignKeyConstraints: true });
    this.#patience = patience;
    try {
      this.#configure(synchronous, writeBackAfter);
    } catch (cause) {
      this.#database.close();
      throw failureOf(cause);
    }
  }

  #configure(synchronous: "FULL" | "NORMAL", writeBackAfter: number): void {
    // Of the record only one connection writes to the file itself, so that a change by anybody else is noticed (FileWatch).
    // recursive_triggers: otherwise REPLACE would delete rows past the triggers that forbid it. secure_delete: what erasure deletes is overwritten.
    this.#database.exec(`
      PRAGMA synchronous = ${synchronous};
      PRAGMA recursive_triggers = ON;
      PRAGMA secure_delete = ON;
      PRAGMA trusted_schema = OFF;
      PRAGMA wal_autocheckpoint = ${writeBackAfter};
      PRAGMA cache_size = -32768;
      PRAGMA journal_size_limit = ${WAL_LIMIT};`);
    this.#database.function(IN_TIME, () => {
      // The clock of a thread may stand still for some milliseconds.
      if (processorTime() >= this.#until) throw new AppError("too-costly", "The search takes too long: ask for something more specific.");
      return 1;
    });
  }

  /** Makes a function of ours known to statements, of as many texts as they give it: 1 or 0. What it throws ends the statement. */
  define(name: string, holds: (...texts: readonly string[]) => boolean): void {
    this.#database.function(name, { varargs: true, deterministic: true }, (...given) => (holds(...given.map(String)) ? 1 : 0));
  }

  /** Gives how many rows were changed. */
  run(sql: string, ...values: SQLInputValue[]): number {
    return Number(this.#prepared(sql).run(...values).changes);
  }

  get(sql: string, ...values: SQLInputValue[]): Row | undefined {
    return this.#prepared(sql).get(...values);
  }

  all(sql: string, ...values: SQLInputValue[]): Row[] {
    return this.#prepared(sql).all(...values);
  }

  /** As `all`, of rows that a stranger may have altered: an integer that a number cannot hold becomes the nearest one that it can, and is no failure. */
  allAsTheyAre(sql: string, ...values: SQLInputValue[]): Row[] {
    try {
      return this.all(sql, ...values);
    } catch (cause) {
      if (!isOutOfRange(cause)) throw cause;
      const statement = this.#database.prepare(sql);
      statement.setReadBigInts(true);
      const near = (value: SQLOutputValue): SQLOutputValue => (typeof value === "bigint" ? Number(value) : value);
      return statement.all(...values).map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, near(value)])));
    }
  }

  /**
   * Runs work that may take this thread so many milliseconds of a processor; what takes longer is given up (AppError `too-costly`). It is seen in statements that have a condition `stillInTime` upon a column of the table that they
   * walk through.
   */
  within<Result>(longest: number, work: () => Result): Result {
    const begun = processorTime();
    this.#until = begun + longest;
    try {
      return work();
    } finally {
      this.#until = Infinity;
      this.#cost = processorTime() - begun;
    }
  }

  /** Milliseconds of a processor that such work took which was done last. */
  get cost(): number {
    return this.#cost;
  }

  /** Several statements without values, not kept. */
  execute(sql: string): void {
    this.#database.exec(sql);
  }

  /** Runs `work` in one transaction that holds the write lock from its start; whatever it throws undoes all of it. */
  transaction<Result>(work: () => Result): Result {
    this.run("BEGIN IMMEDIATE");
    try {
      const result = work();
      this.run("COMMIT");
      return result;
    } catch (cause) {
      // Some failures (a full disk, say) have rolled back already; a second rollback would hide the reason.
      if (this.#database.isTransaction) this.run("ROLLBACK");
      throw cause;
    }
  }

  /**
   * Runs synchronous `work`, again and again while another process holds the lock; every failure becomes an AppError.
   *
   * @param latest by `performance.now()`: no attempt begins later, and none at all is `unavailable`
   */
  async ask<Result>(work: () => Result, latest = Infinity): Promise<Result> {
    const deadline = Math.min(performance.now() + this.#patience, latest);
    if (performance.now() > latest) throw new AppError("unavailable", "the time for it has run out");
    for (let wait = 2; ; wait = Math.min(wait * 2, 50)) {
      try {
        return work();
      } catch (cause) {
        if (!isBusy(cause) || performance.now() + wait > deadline) throw failureOf(cause);
      }
      await sleep(wait * (0.5 + Math.random()));
    }
  }

  close(): void {
    this.#statements.clear();
    if (this.#database.isOpen) this.#database.close();
  }

  #prepared(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known) return known;
    const statement = this.#database.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }
}
