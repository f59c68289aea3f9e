/** Documents of the index as rows, and predicates as conditions upon them. */
import type { Filter } from "mongodb";
import { digestOf } from "../../core/crypto/digest.ts";
import { AppError } from "../../core/errors.ts";
import { fieldsOf, isFacts, isLinks, isSummary } from "../../search/described-data.ts";
import type { IndexedDocument, IndexPosition, NewDocument } from "../../search/index-port.ts";
import { rulesIn } from "../../search/packed-rules.ts";
import { DECISION_COLUMNS, permitsEverything, type DecisionFacts, type Predicate } from "../../search/predicate.ts";

/** A generation of rows, and how far it has come. */
export interface Shelf extends IndexPosition {
  readonly generation: number;
  /** How much of the log its resources are of. */
  readonly depth: number;
}

/** By what a document is found that is named. */
export type MatchKeyKind = "own" | "claim" | "composition";

export interface IndexRow {
  /** `{generation}/{from}` */
  readonly _id: string;
  readonly generation: number;
  readonly from: number;
  /** The end of the step that wrote it last: whoever was asleep in the middle of an earlier step changes nothing any more. */
  readonly asOf: number;
  /** Absent in what is left of a document that was removed, as all below: nobody can put it there again. */
  readonly id?: string;
  readonly receivedAt?: string;
  /** In the place of `receivedAt`, by which lists go: of a message of an identity feed, which is in none. */
  readonly fedAt?: string;
  readonly to?: number;
  readonly terms?: readonly string[];
  readonly own?: readonly string[];
  readonly claim?: readonly string[];
  readonly composition?: readonly string[];
  readonly facts?: DecisionFacts;
  /** JSON of summary, links and facts, which keeps characters that BSON can't. */
  readonly document?: string;
  /** In so many rows of their own, where it is too large for this one. */
  readonly parts?: number;
  /** Of such a row. */
  readonly bytes?: Uint8Array;
}

/** A document's JSON above this lies in rows of its own: one of the database holds 16 MB. Bytes. */
const LARGEST_DOCUMENT = 4 << 20;
/** Keys are compared whole, and terms by their beginnings; what is longer is kept, and asked for, by its digest or by its beginning. Characters. */
const LONGEST_KEY = 256;
const SHORTENED = /^[\s\S]{64}…sha256:[0-9a-f]{64}$/;
/** More words than any name or identifier has: what comes after them finds nothing. */
const MOST_TERMS = 20_000;

export function rowId(generation: number, from: number): string {
  return `${generation}/${from}`;
}

/** The row of a document, after those that hold its parts. */
export function rowsOf(document: NewDocument, generation: number, asOf: number): IndexRow[] {
  const { summary, links, facts, terms, from, to, isOfFeed } = document;
  const json = Buffer.from(JSON.stringify({ summary, links, facts, isOfFeed }), "utf8");
  const count = json.length > LARGEST_DOCUMENT ? Math.ceil(json.length / LARGEST_DOCUMENT) : 0;
  const parts = partIds(rowId(generation, from), count).map((_id, at) => {
    const bytes = json.subarray(at * LARGEST_DOCUMENT, (at + 1) * LARGEST_DOCUMENT);
    return { _id, generation, from, asOf, bytes };
  });
  const row: IndexRow = {
    _id: rowId(generation, from),
    generation,
    from,
    asOf,
    id: summary.id,
    ...(isOfFeed ? { fedAt: summary.receivedAt } : { receivedAt: summary.receivedAt }),
    ...(to !== undefined && { to }),
    terms: unique(terms.map(termOf)).slice(0, MOST_TERMS),
    own: unique(links.ownKeys.map(keyOf)),
    claim: unique(links.claims.map(({ key }) => keyOf(key))),
    composition: unique(links.compositionKeys.map(keyOf)),
    facts: Object.fromEntries(DECISION_COLUMNS.map((column) => [column, unique(facts[column].map(keyOf))])) as unknown as DecisionFacts,
    ...(count === 0 ? { document: json.toString("utf8") } : { parts: count }),
  };
  return [...parts, row];
}

/** The ids of the rows that hold a document's parts. */
export function partIds(id: string, count: number): string[] {
  return Array.from({ length: count }, (_, at) => `${id}/${at}`);
}

/** A key as it is kept and asked for. */
export function keyOf(key: string): string {
  return key.length <= LONGEST_KEY ? key : `${key.slice(0, 64)}…${digestOf(key)}`;
}

/** Whether it stands for a longer one. */
export function isShortened(kept: string): boolean {
  return kept.length <= LONGEST_KEY && SHORTENED.test(kept);
}

/** A term, or the beginning of one, as it is kept and asked for. */
export function termOf(term: string): string {
  return term.slice(0, LONGEST_KEY);
}

/** What stands in the place of a document of which nothing may be found any more. */
export function emptyRow({ _id, generation, from }: Pick<IndexRow, "_id" | "generation" | "from">, asOf: number): IndexRow {
  return { _id, generation, from, asOf };
}

/** All rows of a generation that it answers with: what a step in progress has written already is not yet there. */
export function presentIn({ generation, size }: Shelf): Filter<IndexRow> {
  return { generation, from: { $lt: size } };
}

/** Of so many patients at most the rules stand in a statement, as far as the engine can ask them. */
const MOST_IN_STATEMENT = 1_000;

/**
 * A predicate as a condition upon rows. What rules say of single patients is asked of each row when it is here (`index-permitted.ts`): the condition then finds all rows that the predicate may hold for, or within a denial only those
 * for which it certainly does.
 */
export function conditionOf(predicate: Predicate, finds: "all" | "only" = "all"): Filter<IndexRow> {
  switch (predicate.kind) {
    case "any":
    case "only": {
      if (!DECISION_COLUMNS.includes(predicate.column)) throw new AppError("internal", `the index has no column ${predicate.column}`);
      const values = predicate.values.map(keyOf);
      const column = `facts.${predicate.column}`;
      return predicate.kind === "any" ? { [column]: { $in: values } } : { $nor: [{ [column]: { $elemMatch: { $nin: values } } }] };
    }
    case "between":
      if (!DECISION_COLUMNS.includes(predicate.column)) throw new AppError("internal", `the index has no column ${predicate.column}`);
      return { [`facts.${predicate.column}`]: { $elemMatch: { $gte: predicate.from, $lte: predicate.to } } };
    case "document":
      return { id: { $in: predicate.ids } };
    case "ruled": {
      const patients = rulesIn<Predicate>(predicate.rules).patients((rule) => finds === "all" || permitsEverything(rule), MOST_IN_STATEMENT);
      if (!patients) return finds === "all" ? EVERY_ROW : NO_ROW;
      return { $or: [{ "facts.patient": { $in: patients.keys.map(keyOf) } }, { id: { $in: patients.documents } }] };
    }
    case "not":
      return { $nor: [conditionOf(predicate.of, finds === "all" ? "only" : "all")] };
    case "every":
      return predicate.of.length === 0 ? EVERY_ROW : { $and: predicate.of.map((one) => conditionOf(one, finds)) };
    case "some":
      return predicate.of.length === 0 ? NO_ROW : { $or: predicate.of.map((one) => conditionOf(one, finds)) };
  }
}

const EVERY_ROW: Filter<IndexRow> = {};
const NO_ROW: Filter<IndexRow> = { _id: { $in: [] } };

/** What the index says of a document, at a size. AppError `damaged` for a row that is not whole. */
export function documentOf(json: string, { from, to }: Pick<IndexRow, "from" | "to">, { size }: Pick<Shelf, "size">): IndexedDocument {
  const { summary, links, facts, isOfFeed } = parsed(json);
  if (!isSummary(summary) || !isLinks(links) || !isFacts(facts)) throw unexpected();
  // A stranger may have written anything there, also what cannot be compared with a number.
  if (typeof from !== "number" || (to !== undefined && typeof to !== "number")) throw unexpected();
  return { summary, links, facts, from, ...(isOfFeed === true && { isOfFeed }), ...(to !== undefined && to < size && { to }) };
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    return Object.fromEntries(fieldsOf(JSON.parse(text)));
  } catch (cause) {
    throw unexpected(cause);
  }
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)];
}

export function unexpected(cause?: unknown): AppError {
  return new AppError("damaged", "the index holds something unexpected", { cause });
}
