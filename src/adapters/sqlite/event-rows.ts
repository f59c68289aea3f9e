import type { Delivery, EventCount, EventName, EventRows, Outgoing, SubscriptionEvent } from "../../events/event-rows.ts";
import { bySubscription, eventKindOf, fociIn } from "../../events/kept-events.ts";
import { type Database, DEFAULT_PATIENCE, type Row } from "./database.ts";
import { openOwnFile } from "./own-file.ts";
import { bytesAt, integerAt, textAt } from "./rows.ts";

/** Says that an SQLite file is one of ours that holds events of subscriptions ("Chre" in ASCII). */
export const EVENTS_APPLICATION_ID = 0x43687265;
/** The schema below. A file with a higher number was written by a newer program. */
export const EVENTS_SCHEMA_VERSION = 1;

const CREATE = `
CREATE TABLE events (
  subscription TEXT NOT NULL,
  number INTEGER NOT NULL CHECK (number > 0),
  position INTEGER NOT NULL,
  kind TEXT NOT NULL,
  at TEXT NOT NULL,
  focus TEXT NOT NULL,
  PRIMARY KEY (subscription, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE deliveries (
  subscription TEXT PRIMARY KEY,
  revision INTEGER NOT NULL,
  delivered INTEGER NOT NULL,
  version INTEGER NOT NULL,
  failures INTEGER NOT NULL,
  failing_since INTEGER,
  last_failure TEXT,
  last_success INTEGER,
  not_before INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE outgoing (
  id TEXT PRIMARY KEY,
  revision INTEGER NOT NULL,
  value BLOB NOT NULL,
  failures INTEGER NOT NULL,
  last_failure TEXT,
  not_before INTEGER NOT NULL,
  is_dead INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX outgoing_by_time ON outgoing (is_dead, not_before);
PRAGMA application_id = ${EVENTS_APPLICATION_ID};
PRAGMA user_version = ${EVENTS_SCHEMA_VERSION};
`;

/**
 * Opens the file of events, and makes it when there is none. Readable by its owner alone.
 * @throws AppError `unsupported` for a file of a newer program or of another one; `damaged`, `unavailable`
 */
export async function openEventRows(file: string, { patience = DEFAULT_PATIENCE }: { readonly patience?: number } = {}): Promise<EventRows> {
  const kind = { called: "the file of events", applicationId: EVENTS_APPLICATION_ID, version: EVENTS_SCHEMA_VERSION, create: CREATE };
  const mended = "put the one of a backup in its place: without it subscriptions count their events from 1 again";
  return new SqliteEventRows(await openOwnFile(file, { ...kind, mended }, patience));
}

class SqliteEventRows implements EventRows {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  counts(subscriptions: readonly string[]): Promise<Map<string, EventCount>> {
    return this.#database.ask(() => new Map(subscriptions.map((id) => [id, this.#countOf(id)])));
  }

  append(events: readonly SubscriptionEvent[]): Promise<ReadonlySet<string>> {
    const sql = "INSERT INTO events (subscription, number, position, kind, at, focus) VALUES (?, ?, ?, ?, ?, ?)";
    return this.#change(() => {
      const late = new Set<string>();
      for (const [subscription, own] of bySubscription(events)) {
        if (this.#countOf(subscription).count + 1 !== own[0]?.number) late.add(subscription);
        else
          for (const { number, position, kind, at, focus } of own)
            this.#database.run(sql, subscription, number, position, kind, at, JSON.stringify(focus));
      }
      return late;
    });
  }

  events(subscription: string, { from, to }: { readonly from: number; readonly to: number }): Promise<SubscriptionEvent[]> {
    const sql = "SELECT * FROM events WHERE subscription = ? AND number BETWEEN ? AND ? ORDER BY number";
    return this.#database.ask(() => this.#database.all(sql, subscription, from, to).map(eventAt));
  }

  page(after: EventName | undefined, count: number): Promise<SubscriptionEvent[]> {
    const sql = "SELECT * FROM events WHERE (subscription, number) > (?, ?) ORDER BY subscription, number LIMIT ?";
    return this.#database.ask(() => this.#database.all(sql, after?.subscription ?? "", after?.number ?? 0, count).map(eventAt));
  }

  deliveries(): Promise<Delivery[]> {
    return this.#database.ask(() => this.#database.all("SELECT * FROM deliveries ORDER BY subscription").map(deliveryAt));
  }

  delivery(subscription: string): Promise<Delivery | undefined> {
    return this.#database.ask(() => {
      const row = this.#database.get("SELECT * FROM deliveries WHERE subscription = ?", subscription);
      return row && deliveryAt(row);
    });
  }

  begin(delivery: Omit<Delivery, "revision">): Promise<boolean> {
    const sql = `INSERT OR IGNORE INTO deliveries
      (delivered, version, failures, failing_since, last_failure, last_success, not_before, subscription, revision) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1)`;
    return this.#change(() => this.#database.run(sql, ...deliveryValues(delivery), delivery.subscription) > 0);
  }

  async replace(delivery: Omit<Delivery, "revision">, revision: number): Promise<boolean> {
    return (await this.replaceAll([{ ...delivery, revision }])).size === 0;
  }

  replaceAll(deliveries: readonly Delivery[]): Promise<ReadonlySet<string>> {
    const sql = `UPDATE deliveries SET delivered = ?, version = ?, failures = ?, failing_since = ?, last_failure = ?, last_success = ?, not_before = ?,
      revision = revision + 1 WHERE subscription = ? AND revision = ?`;
    return this.#change(() => {
      const isThere = (one: Delivery): boolean => this.#database.run(sql, ...deliveryValues(one), one.subscription, one.revision) > 0;
      return new Set(deliveries.flatMap((one) => (isThere(one) ? [] : [one.subscription])));
    });
  }

  post({ id, value, failures, lastFailure, notBefore, isDead }: Omit<Outgoing, "revision">): Promise<boolean> {
    const sql = "INSERT OR IGNORE INTO outgoing (id, value, failures, last_failure, not_before, is_dead, revision) VALUES (?, ?, ?, ?, ?, ?, 1)";
    return this.#change(() => this.#database.run(sql, id, value, failures, lastFailure ?? null, notBefore, Number(isDead)) > 0);
  }

  outgoing(which: { readonly dueBy: number } | "dead" | "all", count: number): Promise<Outgoing[]> {
    const [condition, values] =
      which === "all" ? ["", []] : which === "dead" ? ["WHERE is_dead = 1", []] : ["WHERE is_dead = 0 AND not_before <= ?", [which.dueBy]];
    const sql = `SELECT * FROM outgoing ${condition} ORDER BY not_before, id LIMIT ?`;
    return this.#database.ask(() => this.#database.all(sql, ...values, count).map(outgoingAt));
  }

  outgoingOf(prefix: string): Promise<number> {
    const sql = "SELECT count(*) AS count FROM outgoing WHERE id >= ? AND id < ?";
    return this.#database.ask(() => {
      const row = this.#database.get(sql, prefix, `${prefix}~`);
      return row ? integerAt(row, "count") : 0;
    });
  }

  put({ id, value, failures, lastFailure, notBefore, isDead }: Omit<Outgoing, "revision">, revision: number): Promise<boolean> {
    const sql =
      "UPDATE outgoing SET value = ?, failures = ?, last_failure = ?, not_before = ?, is_dead = ?, revision = revision + 1 WHERE id = ? AND revision = ?";
    return this.#change(() => this.#database.run(sql, value, failures, lastFailure ?? null, notBefore, Number(isDead), id, revision) > 0);
  }

  remove(id: string): Promise<boolean> {
    return this.#change(() => this.#database.run("DELETE FROM outgoing WHERE id = ?", id) > 0);
  }

  close(): Promise<void> {
    this.#database.close();
    return Promise.resolve();
  }

  #countOf(subscription: string): EventCount {
    const sql = "SELECT number, position FROM events WHERE subscription = ? ORDER BY number DESC LIMIT 1";
    const row = this.#database.get(sql, subscription);
    return row ? { count: integerAt(row, "number"), position: integerAt(row, "position") } : { count: 0, position: -1 };
  }

  #change<Result>(work: () => Result): Promise<Result> {
    return this.#database.ask(() => this.#database.transaction(work));
  }
}

function eventAt(row: Row): SubscriptionEvent {
  return {
    ...{ subscription: textAt(row, "subscription"), number: integerAt(row, "number"), position: integerAt(row, "position") },
    ...{ kind: eventKindOf(row["kind"]), at: textAt(row, "at"), focus: fociIn(textAt(row, "focus")) },
  };
}

function deliveryValues(delivery: Omit<Delivery, "revision">): (number | string | null)[] {
  const { delivered, version, failures, failingSince, lastFailure, lastSuccess, notBefore } = delivery;
  return [delivered, version, failures, failingSince ?? null, lastFailure ?? null, lastSuccess ?? null, notBefore];
}

function deliveryAt(row: Row): Delivery {
  return {
    ...{ subscription: textAt(row, "subscription"), revision: integerAt(row, "revision") },
    ...{ delivered: integerAt(row, "delivered"), version: integerAt(row, "version"), failures: integerAt(row, "failures") },
    ...(row["failing_since"] !== null && { failingSince: integerAt(row, "failing_since") }),
    ...(row["last_failure"] !== null && { lastFailure: textAt(row, "last_failure") }),
    ...(row["last_success"] !== null && { lastSuccess: integerAt(row, "last_success") }),
    notBefore: integerAt(row, "not_before"),
  };
}

function outgoingAt(row: Row): Outgoing {
  return {
    ...{ id: textAt(row, "id"), revision: integerAt(row, "revision"), value: bytesAt(row, "value"), failures: integerAt(row, "failures") },
    ...(row["last_failure"] !== null && { lastFailure: textAt(row, "last_failure") }),
    ...{ notBefore: integerAt(row, "not_before"), isDead: integerAt(row, "is_dead") === 1 },
  };
}
