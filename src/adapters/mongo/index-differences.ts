/** Two generations of the index compared: in what the one that answers differs from the one that was made beside it. */
import { Binary, type Filter } from "mongodb";
import type { IndexDifference } from "../../search/index-port.ts";
import type { IndexRow, Shelf } from "./index-rows.ts";
import type { IndexStates } from "./index-state.ts";

/** Rows that are compared at once. */
const PAGE = 500;

type Kept = Readonly<Record<string, unknown>> & { readonly _id: string };

/** What is told when fields differ. All others are told as the row. */
const FIELDS: Readonly<Record<string, IndexDifference["what"]>> = { terms: "search terms", own: "keys", claim: "keys", composition: "keys" };
/** What differs between two generations that are the same. */
const OWN = new Set(["_id", "generation", "asOf"]);

/** @returns `behind`: the one beside has taken in less than the one that answers; `ahead`: more. At most about `most` differences. */
export async function differencesOf(
  states: IndexStates,
  { current, beside, most }: { readonly current: Shelf; readonly beside: Shelf; readonly most: number },
): Promise<readonly IndexDifference[] | "behind" | "ahead"> {
  if (current.size !== beside.size) return current.size > beside.size ? "behind" : "ahead";
  const found: IndexDifference[] = current.mark === beside.mark ? [] : [{ what: "mark", kind: "changed", id: "", index: current.size }];
  for await (const rows of walk(states, current)) {
    const made = await counterparts(states, rows, { from: current, to: beside });
    for (const row of rows) found.push(...compare(row, made.get(nameIn(row, current)), current));
    if (found.length > most) return found.slice(0, most);
  }
  for await (const rows of walk(states, beside)) {
    const there = await counterparts(states, rows, { from: beside, to: current });
    for (const row of rows)
      if (isShown(row, beside) && !isThere(there.get(nameIn(row, beside)))) found.push(...whats(row).map((what) => told(what, "removed", row)));
    if (found.length > most) return found.slice(0, most);
  }
  return found;
}

/** All rows of a generation by their names, also those that say of themselves that they are elsewhere. */
async function* walk({ connection, rows }: IndexStates, { generation }: Shelf): AsyncGenerator<readonly Kept[], undefined> {
  for (let after = `${generation}/`; ;) {
    const range = { _id: { $gt: after, $lt: `${generation}0` } };
    const page = await connection.ask((session) => rows.find(range, { session, sort: { _id: 1 }, limit: PAGE, hint: "_id_" }).toArray());
    if (page.length > 0) yield page;
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) return undefined;
    after = last._id;
  }
}

/** The rows of the same names in the other generation, by name. */
async function counterparts(
  { connection, rows }: IndexStates,
  those: readonly Kept[],
  { from, to }: { readonly from: Shelf; readonly to: Shelf },
): Promise<ReadonlyMap<string, Kept>> {
  const ids = those.map((row) => `${to.generation}/${nameIn(row, from)}`);
  const found = await connection.ask((session) => rows.find({ _id: { $in: ids } } as Filter<IndexRow>, { session }).toArray());
  return new Map((found as unknown as Kept[]).map((row) => [nameIn(row, to), row]));
}

/** A row's name without its generation. */
function nameIn({ _id }: Kept, { generation }: Shelf): string {
  return _id.slice(`${generation}/`.length);
}

function compare(row: Kept, made: Kept | undefined, shelf: Shelf): IndexDifference[] {
  // What a broken-off step wrote beyond the position is not there for anybody; nor what is left of a removed document.
  const [isHere, isMade] = [isShown(row, shelf), made !== undefined && isShown(made, shelf)];
  if (made === undefined || !isMade) return isHere && isThere(row) ? whats(row).map((what) => told(what, "added", row)) : [];
  if (!isThere(row)) return [];
  const names = [...new Set([...Object.keys(row), ...Object.keys(made)])].filter((name) => !OWN.has(name));
  const differing = names.filter((name) => !isSame(valueIn(row, name, shelf), valueIn(made, name, shelf)));
  // A row that says that it is of another generation is not found by any question.
  if (row["generation"] !== shelf.generation) return [told("row", "changed", made)];
  return [...new Set(differing.map((name) => FIELDS[name] ?? "row"))].map((what) => told(what, "changed", made));
}

/** Whether readers come to it: by its own place, which stands in its name, too. */
function isShown({ from, _id }: Kept, { size }: Shelf): boolean {
  const place = Number(/^\d+\/(\d+)/.exec(_id)?.[1] ?? Number.NaN);
  return place < size || (typeof from === "number" && from < size);
}

function isThere(row: Kept | undefined): boolean {
  return row !== undefined && (row["id"] !== undefined || row["bytes"] !== undefined);
}

/** A place of the log beyond the position says nothing yet. */
function valueIn(row: Kept, name: string, { size }: Shelf): unknown {
  const value = row[name];
  return name === "to" && typeof value === "number" && value >= size ? undefined : value;
}

function isSame(one: unknown, other: unknown): boolean {
  return textOf(one) === textOf(other);
}

function textOf(value: unknown): string {
  if (value instanceof Binary || value instanceof Uint8Array) return Buffer.from(value instanceof Binary ? value.value() : value).toString("base64");
  return JSON.stringify(value ?? null);
}

/** Of a row that is missing as a whole, all that it held. */
function whats(row: Kept): IndexDifference["what"][] {
  const held = Object.entries(FIELDS).filter(([name]) => Array.isArray(row[name]) && row[name].length > 0);
  return ["row", ...new Set(held.map(([, what]) => what))];
}

function told(what: IndexDifference["what"], kind: IndexDifference["kind"], { id, from }: Kept): IndexDifference {
  return { what, kind, id: typeof id === "string" ? id : "", index: typeof from === "number" ? from : -1 };
}
