import { forbid } from "../earlier-schemas.ts";

/** Says that an SQLite file is an audit trail of ours ("ChrA" in ASCII). */
export const TRAIL_APPLICATION_ID = 0x43687241;
/** Of files that were made before tokens waited to be laid down, and before days were ended. */
export const FIRST_TRAIL_SCHEMA = 1;
export const TRAIL_SCHEMA_VERSION = 2;

/** What batches are found by, as it came with them: laid down among the tokens many batches at a time, since each token lies somewhere else in that tree, and each place that is written to costs a page. */
const TOKEN_QUEUE = `
CREATE TABLE token_queue (
  batch INTEGER PRIMARY KEY REFERENCES batches (number),
  tokens BLOB NOT NULL
) STRICT;
`;

/** Days that were ended. Programs between the versions made this table with the first of them. */
const ENDED_DAYS = "CREATE TABLE IF NOT EXISTS ended_days (day TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;";

/** What a file of version 1 lacks. */
export const BRING_FORWARD = `${TOKEN_QUEUE}
${ENDED_DAYS}
PRAGMA user_version = ${TRAIL_SCHEMA_VERSION};
`;

/** The tables of the audit trail. It is insert-only, held so by triggers; days' keys may be deleted, and what a day is found by with them. */
export const CREATE_TRAIL = `
CREATE TABLE batches (
  number INTEGER PRIMARY KEY,
  log TEXT NOT NULL,
  batch_index INTEGER NOT NULL,
  first_at TEXT NOT NULL,
  last_at TEXT NOT NULL,
  day TEXT NOT NULL,
  events INTEGER NOT NULL,
  note TEXT NOT NULL,
  leaf BLOB NOT NULL,
  sealed BLOB NOT NULL,
  UNIQUE (log, batch_index)
) STRICT;
CREATE INDEX batches_by_time ON batches (last_at, log, batch_index);

CREATE TABLE nodes (
  log TEXT NOT NULL,
  level INTEGER NOT NULL,
  node_index INTEGER NOT NULL,
  hash BLOB NOT NULL,
  PRIMARY KEY (log, level, node_index)
) STRICT, WITHOUT ROWID;

CREATE TABLE tokens (
  token BLOB NOT NULL,
  batch INTEGER NOT NULL REFERENCES batches (number),
  PRIMARY KEY (token, batch)
) STRICT, WITHOUT ROWID;

${TOKEN_QUEUE}
${ENDED_DAYS}
CREATE TABLE day_keys (
  name TEXT PRIMARY KEY,
  wrapped BLOB NOT NULL
) STRICT, WITHOUT ROWID;

${forbid({ table: "batches", deeds: ["UPDATE", "DELETE"] })}
${forbid({ table: "nodes", deeds: ["UPDATE", "DELETE"] })}
${forbid({ table: "tokens", deeds: ["UPDATE"] })}
PRAGMA application_id = ${TRAIL_APPLICATION_ID};
PRAGMA user_version = ${TRAIL_SCHEMA_VERSION};
`;
