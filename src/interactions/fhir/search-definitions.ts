/** What the service says of itself in OperationDefinitions and SearchParameters, searched as all else is: a client learns from it how a parameter is answered here. */
import type { JsonObject } from "../../core/fhir/tree/tree.ts";
import type { BundleEntry as DocumentEntry } from "../../core/fhir/document-bundle.ts";
import type { Criterion } from "../../search/query/criterion.ts";
import { namesIn, satisfies, type FindableRow } from "../../search/query/satisfies.ts";
import type { SearchQuery, SortKey } from "../../search/query/search-query.ts";
import { Extractor } from "../../search/values/extract.ts";
import { fullTextRows } from "../../search/values/full-text.ts";
import { nameOf } from "../../search/values/index-row.ts";
import type { Knowledge } from "../../core/fhir/r4/knowledge.ts";
import type { SearchParameters } from "../../core/fhir/r4/search-parameters.ts";
import type { OwnDefinitions } from "./own-definitions.ts";

/** One of ours. */
export interface OwnDefinition {
  readonly type: string;
  readonly id: string;
  readonly resource: JsonObject;
}

export interface SearchedDefinitions {
  /** One of them, by `OperationDefinition/{id}` or `SearchParameter/{id}`. */
  read(address: string): JsonObject | undefined;
  /** Those that satisfy the search, all of them in order: by its sort keys, then by id. */
  find(query: SearchQuery): readonly OwnDefinition[];
}

/** A resource that stands in no document, with what was worked out of it. */
export interface Searchable extends OwnDefinition {
  /** By the codes of parameters. */
  readonly rows: Map<string, readonly FindableRow[]>;
  /** When it was received; absent of what nobody sent. */
  readonly receivedAt?: string;
}

type Known = Searchable;

/** Finds among resources that stand in no document. */
export interface FindAmong {
  among(all: readonly Searchable[], query: SearchQuery): readonly Searchable[];
  /** What one of them refers to, by parameters of these codes, as it stands there. */
  referencesOf(one: OwnDefinition, codes: readonly string[]): readonly string[];
}

/** @param make gives them when they are first asked for */
export function searchedDefinitions(
  make: () => OwnDefinitions,
  { knowledge, parameters }: { readonly knowledge: Knowledge; readonly parameters: SearchParameters },
): SearchedDefinitions {
  let definitions: OwnDefinitions | undefined;
  const own = (): OwnDefinitions => (definitions ??= make());
  const { among } = findAmong(knowledge, parameters);
  let made: readonly Known[] | undefined;
  const all = (): readonly Known[] =>
    (made ??= [...own()].map(([address, makeOne]) => {
      const [type = "", id = ""] = address.split("/");
      return { type, id, resource: makeOne(), rows: new Map() };
    }));
  return {
    read: (address) => own().get(address)?.(),
    find: (query) => among(all(), query),
  };
}

export function findAmong(knowledge: Knowledge, parameters: SearchParameters): FindAmong {
  const extractor = new Extractor(knowledge, parameters);
  const rowsOf = (one: Known, codes: ReadonlySet<string>): FindableRow[] => {
    for (const code of codes) if (!one.rows.has(code)) one.rows.set(code, extracted(one, code, extractor));
    return [...codes].flatMap((code) => one.rows.get(code) ?? []);
  };
  return {
    among: (all, { types, sort, contained }) => {
      if (contained === "true") return [];
      const found = types.flatMap(({ type, criterion }) => all.filter((one) => one.type === type && isFound(one, criterion, rowsOf)));
      return found.sort((one, other) => inOrder(one, other, sort, rowsOf));
    },
    referencesOf: (one, codes) =>
      codes.flatMap((code) =>
        extracted(one, code, extractor).flatMap((row) => (row.kind === "word" && row.name === nameOf(code) ? [row.value] : [])),
      ),
  };
}

type RowsOf = (one: Known, codes: ReadonlySet<string>) => FindableRow[];

function isFound(one: Known, criterion: Criterion, rowsOf: RowsOf): boolean {
  const codes = new Set(namesIn(criterion).map((name) => name.split(/[:$]/)[0] ?? ""));
  return satisfies({ id: one.id, rows: rowsOf(one, codes), receivedAt: one.receivedAt }, criterion);
}

/** Rows of one parameter. They stand in no document, and refer to nothing in one. */
function extracted({ type, resource }: OwnDefinition, code: string, extractor: Extractor): readonly FindableRow[] {
  if (code === "_text" || code === "_content") return fullTextRows(resource).filter(({ name }) => name === code);
  const entry: DocumentEntry = { index: 0, type, id: undefined, fullUrl: undefined, resource, offset: 0, identityOffset: 0 };
  const alone = { place: 0, entry, type, resource };
  const { rows } = extractor.extract(alone, { all: [alone], target: () => undefined }, code);
  return rows.filter((row) => row.kind !== "person");
}

function inOrder(one: Known, other: Known, keys: readonly SortKey[], rowsOf: RowsOf): number {
  for (const { code, isDescending } of keys) {
    const [left, right] = [one, other].map((each) => boundOf(rowsOf(each, new Set([code])), code, isDescending));
    if (left === right) continue;
    // What has no value stands last.
    if (left === undefined || right === undefined) return left === undefined ? 1 : -1;
    return left < right === isDescending ? 1 : -1;
  }
  return one.id < other.id ? -1 : 1;
}

function boundOf(rows: readonly FindableRow[], code: string, isHighest: boolean): string | number | undefined {
  const values = rows
    .flatMap((row) =>
      row.name !== nameOf(code) || row.kind === "link" || row.kind === "text"
        ? []
        : [row.kind === "word" ? row.value : isHighest ? row.high : row.low],
    )
    .sort((one, other) => (one < other ? -1 : 1));
  return isHighest ? values.at(-1) : values[0];
}
