/** Generations of the index's tables: one answers, another may be filled beside it. */
import { AppError } from "../../core/errors.ts";
import type { IndexPosition } from "../../search/index-port.ts";
import type { Database } from "./database.ts";
import { createGeneration, dropGeneration } from "./index-schema.ts";
import { integerAt, textAt } from "./rows.ts";

export function positionOf(database: Database, generation: number): IndexPosition {
  const row = database.get("SELECT size, mark FROM generations WHERE number = ?", generation);
  if (!row) throw displaced();
  return { size: integerAt(row, "size"), mark: textAt(row, "mark") };
}

/** How much of the log its tables of resources have taken in. */
export function depthOf(database: Database, generation: number): number {
  const row = database.get("SELECT depth FROM generations WHERE number = ?", generation);
  if (!row) throw displaced();
  return integerAt(row, "depth");
}

/** The generation that answers. */
export function currentGeneration(database: Database): number {
  const row = database.get("SELECT number FROM generations WHERE is_current = 1");
  if (!row) throw new AppError("damaged", "the index has no current generation");
  return integerAt(row, "number");
}

export function displaced(): AppError {
  return new AppError("conflict", "somebody else began to make the index anew");
}

/** A file's tables for an index that holds nothing yet. To be run in a transaction. */
export function addGeneration(database: Database, isCurrent: boolean): number {
  database.run("INSERT INTO generations (is_current, size, mark) VALUES (?, 0, '')", isCurrent ? 1 : 0);
  const row = database.get("SELECT last_insert_rowid() AS number");
  const number = row ? integerAt(row, "number") : 0;
  database.execute(createGeneration(number));
  return number;
}

/** Puts an empty generation in the current one's place. To be run in a transaction, as all below. */
export function replaceCurrent(database: Database): void {
  removeGeneration(database, currentGeneration(database));
  addGeneration(database, true);
}

/** What a rebuild left behind that never ended, or that is displaced by this one. */
export function dropLeftovers(database: Database): void {
  for (const row of database.all("SELECT number FROM generations WHERE is_current = 0")) removeGeneration(database, integerAt(row, "number"));
}

export function removeGeneration(database: Database, number: number): void {
  database.run("DELETE FROM generations WHERE number = ?", number);
  database.execute(dropGeneration(number));
}
