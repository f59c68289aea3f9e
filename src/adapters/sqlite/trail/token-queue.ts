import type { Database } from "../database.ts";
import { bytesAt, integerAt } from "../rows.ts";

/** Bytes of a token (`AuditKeys.tokenOf`). */
const LENGTH = 8;
/** Batches whose tokens wait before they are laid down, where each came by itself and where they came many at a time. */
const DUE = 512;
const DUE_IN_BULK = 4_096;
/** Batches whose tokens are laid down in one transaction, and tokens in one statement. */
const STEP = 4_096;
const ROWS = 64;

/**
 * What batches are found by. It is kept with the batch where the file ends, in the batch's own transaction, and laid down in the tree of tokens many batches at a time and in that tree's order: what was told once is told again and again,
 * and a page that all of it belongs to is written once. Whoever asks by tokens has all of them laid down first.
 */
export class TokenQueue {
  readonly #database: Database;
  /** Batches that were queued here and not seen to be laid down. */
  #waiting = 0;
  #due: NodeJS.Immediate | undefined;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Within the transaction of the batch. */
  add(batch: number, tokens: readonly string[]): void {
    if (tokens.length > 0) this.#database.run("INSERT INTO token_queue (batch, tokens) VALUES (?, ?)", batch, Buffer.from(tokens.join(""), "hex"));
  }

  /** So many batches were appended: once many wait they are laid down, after whoever waits for the append was answered. */
  added(batches: number): void {
    this.#waiting += batches;
    if (this.#waiting < (batches > 1 ? DUE_IN_BULK : DUE) || this.#due) return;
    this.#due = setImmediate(() => {
      this.#due = undefined;
      // What fails now, such as for want of space, is done with the next ones, or tells whoever asks by tokens.
      void this.#database.ask(() => this.#lay()).catch(() => undefined);
    });
  }

  /** Lays down all that waits, whoever queued it. */
  layAll(): void {
    while (this.#lay() === STEP);
  }

  close(): void {
    clearImmediate(this.#due);
  }

  /** Gives how many batches it was. */
  #lay(): number {
    const database = this.#database;
    this.#waiting = 0;
    if (database.get("SELECT 1 FROM token_queue") === undefined) return 0;
    return database.transaction(() => {
      const queued = database.all("SELECT batch, tokens FROM token_queue ORDER BY batch LIMIT ?", STEP);
      const rows = queued.flatMap((row) => tokensIn(bytesAt(row, "tokens")).map((token) => ({ token, batch: integerAt(row, "batch") })));
      // The sort is stable, so that batches keep their order.
      rows.sort((one, other) => Buffer.compare(one.token, other.token));
      const whole = rows.length - (rows.length % ROWS);
      for (let at = 0; at < whole; at += ROWS)
        database.run(insertOf(ROWS), ...rows.slice(at, at + ROWS).flatMap(({ token, batch }) => [token, batch]));
      for (const { token, batch } of rows.slice(whole)) database.run(insertOf(1), token, batch);
      const last = queued.at(-1);
      if (last) database.run("DELETE FROM token_queue WHERE batch <= ?", integerAt(last, "batch"));
      return queued.length;
    });
  }
}

function insertOf(rows: number): string {
  return `INSERT INTO tokens (token, batch) VALUES ${Array<string>(rows).fill("(?, ?)").join(", ")}`;
}

export function bytesOfToken(token: string): Uint8Array {
  return Buffer.from(token, "hex");
}

function tokensIn(bytes: Uint8Array): Uint8Array[] {
  return Array.from({ length: Math.floor(bytes.length / LENGTH) }, (_, at) => bytes.subarray(at * LENGTH, (at + 1) * LENGTH));
}
