import { expect, test } from "@jest/globals";
import { failureOf, isBusy } from "../../../src/adapters/sqlite/failure.ts";
import { AppError } from "../../../src/core/errors.ts";

const sqliteError = (errcode: number): Error => Object.assign(new Error("SQLite said so"), { code: "ERR_SQLITE_ERROR", errcode });

test.each([
  [5, "unavailable"],
  [261, "unavailable"], // SQLITE_BUSY_RECOVERY
  [13, "unavailable"],
  [10, "unavailable"],
  [1034, "unavailable"], // SQLITE_IOERR_FSYNC
  [11, "damaged"],
  [26, "damaged"],
  [19, "internal"],
  [2067, "internal"], // SQLITE_CONSTRAINT_UNIQUE
])("SQLite's result %i is %s", (errcode, code) => {
  const cause = sqliteError(errcode);
  expect(failureOf(cause)).toMatchObject({ code, cause });
});

test("an AppError stays what it is, and anything else is internal", () => {
  const error = new AppError("damaged", "as it was");
  expect(failureOf(error)).toBe(error);
  expect(failureOf("thrown")).toMatchObject({ code: "internal" });
  expect(failureOf(null)).toMatchObject({ code: "internal" });
});

test("only a busy database is worth another try", () => {
  expect([5, 261, 6, 13].map((code) => isBusy(sqliteError(code)))).toEqual([true, true, false, false]);
  expect(isBusy(undefined)).toBe(false);
});
