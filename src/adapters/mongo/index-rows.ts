/** Documents of the index as rows, and predicates as conditions upon them. */
import type { Filter } from "mongodb";
import { AppError } from "../../core/errors.ts";
import type { DocumentSummary } from "../../pipeline/record.ts";
import type { DocumentLinks, IndexedDocument, IndexPosition, NewDocument } from "../../search/index-port.ts";
import { DECISION_COLUMNS, type DecisionFacts, type Predicate } from "../../search/predicate.ts";

/** A generation of rows, and how far it has come. */
export interface Shelf extends IndexPosition {
  readonly generation: number;
}

/** By what a document is found that is named. */
export type KeyKind = "own" | "claim" | "composition";

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
  readonly to?: number;
  readonly terms?: readonly string[];
  readonly own?: readonly string[];
  readonly claim?: readonly string[];
  readonly composition?: readonly string[];
  readonly facts?: DecisionFacts;
  /** JSON of summary and links, which keeps characters that BSON can't. */
  readonly document?: string;
}

export function rowId(generation: number, from: number): string {
  return `${generation}/${from}`;
}

export function rowOf(document: NewDocument, generation: number, asOf: number): IndexRow {
  const { summary, links, facts, terms, from, to } = document;
  return {
    _id: rowId(generation, from),
    generation,
    from,
    asOf,
    id: summary.id,
    receivedAt: summary.receivedAt,
    ...(to !== undefined && { to }),
    terms: unique(terms),
    own: unique(links.ownKeys),
    claim: unique(links.claims.map(({ key }) => key)),
    composition: unique(links.compositionKeys),
    facts,
    document: JSON.stringify({ summary, links, facts }),
  };
}

/** What stands in the place of a document of which nothing may be found any more. */
export function emptyRow({ _id, generation, from }: Pick<IndexRow, "_id" | "generation" | "from">, asOf: number): IndexRow {
  return { _id, generation, from, asOf };
}

/** All rows of a generation that it answers with: what a step in progress has written already is not yet there. */
export function presentIn({ generation, size }: Shelf): Filter<IndexRow> {
  return { generation, from: { $lt: size } };
}

export function conditionOf(predicate: Predicate): Filter<IndexRow> {
  switch (predicate.kind) {
    case "any":
      if (!DECISION_COLUMNS.includes(predicate.column)) throw new AppError("internal", `the index has no column ${predicate.column}`);
      return { [`facts.${predicate.column}`]: { $in: predicate.values } };
    case "not":
      return { $nor: [conditionOf(predicate.of)] };
    case "every":
      return predicate.of.length === 0 ? {} : { $and: predicate.of.map(conditionOf) };
    case "some":
      return predicate.of.length === 0 ? { _id: { $in: [] } } : { $or: predicate.of.map(conditionOf) };
  }
}

/** What the index says of a document, at a size. AppError `damaged` for a row that is not whole. */
export function documentOf({ document, from, to }: Pick<IndexRow, "document" | "from" | "to">, { size }: Pick<Shelf, "size">): IndexedDocument {
  const { summary, links, facts } = parsed(document);
  if (!isSummary(summary) || !isLinks(links) || !isFacts(facts)) throw unexpected();
  return { summary, links, facts, from, ...(to !== undefined && to < size && { to }) };
}

/** What `documentOf` needs. */
export const DOCUMENT_FIELDS = { document: 1, from: 1, to: 1 } as const;

function parsed(text: string | undefined): Readonly<Record<string, unknown>> {
  try {
    return Object.fromEntries(fieldsOf(JSON.parse(text ?? "null")));
  } catch (cause) {
    throw unexpected(cause);
  }
}

const SUMMARY_TEXTS: readonly (keyof DocumentSummary)[] = ["id", "title", "type", "status", "timestamp", "date", "receivedAt"];
const SUMMARY_LISTS: readonly (keyof DocumentSummary)[] = ["patientIdentifiers", "authors"];
const LINK_LISTS: readonly (keyof DocumentLinks)[] = ["ownKeys", "claims", "subjectKeys", "custodianKeys", "compositionKeys"];

function isSummary(value: unknown): value is DocumentSummary {
  const fields = fieldsOf(value);
  return SUMMARY_TEXTS.every((name) => typeof fields.get(name) === "string") && SUMMARY_LISTS.every((name) => Array.isArray(fields.get(name)));
}

function isLinks(value: unknown): value is DocumentLinks {
  const fields = fieldsOf(value);
  return LINK_LISTS.every((name) => Array.isArray(fields.get(name)));
}

function isFacts(value: unknown): value is DecisionFacts {
  const fields = fieldsOf(value);
  return DECISION_COLUMNS.every((name) => Array.isArray(fields.get(name)));
}

function fieldsOf(value: unknown): Map<string, unknown> {
  return new Map<string, unknown>(typeof value === "object" && value !== null ? Object.entries(value) : []);
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)];
}

function unexpected(cause?: unknown): AppError {
  return new AppError("damaged", "the index holds something unexpected", { cause });
}
