import { MongoBulkWriteError, MongoDriverError, MongoError, MongoInvalidArgumentError, MongoNetworkError, MongoServerError } from "mongodb";
import { AppError } from "../../core/errors.ts";

const DUPLICATE_KEY = 11_000;

/** What MongoDB's error codes (src/mongo/base/error_codes.yml of its source) mean to an operator. Any other code of the server is `unavailable` too. */
const TEXTS: Readonly<Record<number, string>> = {
  13: "the database refuses the service's user: its role may not do this (`chartulary mongo init` makes the role)",
  18: "the database does not know the service's user or its password (MONGODB_URL)",
  50: "the database did not answer in time",
  64: "the database's majority did not confirm in time",
  91: "the database is stopping",
  100: "the database has too few members for a majority",
  189: "the database's primary stepped down",
  10_107: "the database's primary stepped down",
  11_600: "the database is stopping",
  11_602: "the database's primary stepped down",
  13_435: "the database's primary stepped down",
  14_031: "the database's disk is full",
};

/** Codes by which a server says that what it was asked could never be done: the adapter is wrong. BadValue, FailedToParse, TypeMismatch, BSONObjectTooLarge. */
const OUR_FAULT: ReadonlySet<number> = new Set([2, 9, 14, 10_334]);

/** True when a document of this `_id` is there already. */
export function isDuplicate(cause: unknown): boolean {
  return cause instanceof MongoServerError && cause.code === DUPLICATE_KEY;
}

/** True when every write that failed did so because its `_id` is there already. */
export function areDuplicates(cause: unknown): boolean {
  if (!(cause instanceof MongoBulkWriteError)) return isDuplicate(cause);
  const errors = Array.isArray(cause.writeErrors) ? cause.writeErrors : [cause.writeErrors];
  return cause.result.getWriteConcernError() === undefined && errors.length > 0 && errors.every(({ code }) => code === DUPLICATE_KEY);
}

/** The AppError of the ports' contracts for whatever the driver threw; an AppError stays as it is. Says nothing of addresses, users or what was written. */
export function failureOf(cause: unknown): AppError {
  if (cause instanceof AppError) return cause;
  if (cause instanceof MongoServerError && typeof cause.code === "number") {
    const code = OUR_FAULT.has(cause.code) || cause.code === DUPLICATE_KEY ? "internal" : "unavailable";
    return new AppError(code, TEXTS[cause.code] ?? `the database refused a command (${cause.codeName ?? cause.code})`, { cause });
  }
  if (cause instanceof MongoInvalidArgumentError) return new AppError("internal", "the database's driver was called wrongly", { cause });
  if (cause instanceof MongoNetworkError) return new AppError("unavailable", "the connection to the database was lost", { cause });
  if (cause instanceof MongoDriverError || cause instanceof MongoError)
    return new AppError("unavailable", "the database cannot be reached", { cause });
  return new AppError("internal", "the database's driver failed", { cause });
}
