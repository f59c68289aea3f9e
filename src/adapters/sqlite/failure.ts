import { AppError, type ErrorCode } from "../../core/errors.ts";

/** What SQLite's primary result codes (sqlite.org/rescode.html) mean to a caller. A code that is not listed is `internal`. */
const MEANINGS: Readonly<Record<number, { readonly code: ErrorCode; readonly text: string }>> = {
  5: { code: "unavailable", text: "the database is busy: another process is writing to it" },
  6: { code: "unavailable", text: "the database is locked" },
  7: { code: "unavailable", text: "the database ran out of memory" },
  8: { code: "unavailable", text: "the database cannot be written: the file is read-only" },
  10: { code: "unavailable", text: "the database's disk failed to read or write" },
  11: { code: "damaged", text: "the database file is damaged" },
  13: { code: "unavailable", text: "the database's disk is full" },
  14: { code: "unavailable", text: "the database file cannot be opened" },
  26: { code: "damaged", text: "the file is not a database" },
};

const BUSY = 5;

/** The primary result code of an error of node:sqlite; undefined for any other error. */
function resultCode(cause: unknown): number | undefined {
  const code = property(cause, "errcode");
  // Extended codes keep the primary one in their lowest byte.
  return typeof code === "number" ? code & 0xff : undefined;
}

function property(cause: unknown, name: string): unknown {
  return typeof cause === "object" && cause !== null ? Reflect.get(cause, name) : undefined;
}

/** True when somebody else holds the lock that was needed, and nothing was done. */
export function isBusy(cause: unknown): boolean {
  return resultCode(cause) === BUSY;
}

/** True when a column held an integer that a number cannot hold: none of ours does. */
export function isOutOfRange(cause: unknown): boolean {
  return property(cause, "code") === "ERR_OUT_OF_RANGE";
}

/** The AppError of the store's contract for whatever SQLite threw; an AppError stays as it is. */
export function failureOf(cause: unknown): AppError {
  if (cause instanceof AppError) return cause;
  if (property(cause, "code") === "ERR_INVALID_STATE") return new AppError("unavailable", "the database is closed", { cause });
  const { code, text } = MEANINGS[resultCode(cause) ?? 0] ?? { code: "internal" as const, text: "the database refused a statement" };
  return new AppError(code, text, { cause });
}
