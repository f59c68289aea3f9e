/** The questions that an index's tables answer, the newest by time of receipt first. */
import type { IndexedDocument, Related } from "../../search/index-port.ts";
import type { Predicate } from "../../search/predicate.ts";
import { isDamage } from "../../core/errors.ts";
import type { Database } from "./database.ts";
import { conditionOf, documentAt } from "./index-rows.ts";
import type { MatchKeyKind, Tables } from "./index-schema.ts";
import { integerAt } from "./rows.ts";

const NEWEST_FIRST = "ORDER BY d.received_at DESC, d.position DESC";
/** Up to so many documents of the rarest term are looked through; beyond it, documents are walked from the newest on. */
const RARE = 2_000;

/** The newest `count`, or those after a place in that order. */
export function newestDocuments(
  database: Database,
  { documents }: Tables,
  {
    count,
    permitted,
    before,
  }: { readonly count: number; readonly permitted: Predicate; readonly before?: { readonly receivedAt: string; readonly from: number } | undefined },
): IndexedDocument[] {
  const condition = conditionOf(permitted);
  const after = before ? "(d.received_at, d.position) < (?, ?) AND " : "";
  const sql = `SELECT d.* FROM ${documents} d WHERE d.is_of_feed = 0 AND ${after}${condition.sql} ${NEWEST_FIRST} LIMIT ?`;
  return database.all(sql, ...(before ? [before.receivedAt, before.from] : []), ...condition.values, count).map(documentAt);
}

/**
 * Documents of which every term begins some search term. A rare term drives the query by itself; when all are common, the newest documents are the
 * quickest place to find matches.
 */
export function searchDocuments(
  database: Database,
  tables: Tables,
  { terms, count, permitted }: { readonly terms: readonly string[]; readonly count: number; readonly permitted: Predicate },
): IndexedDocument[] {
  const wanted = [...new Set(terms)].filter((term) => term !== "");
  if (wanted.length === 0) return newestDocuments(database, tables, { count, permitted });
  const byRarity = wanted.map((term) => ({ term, hits: hitsOf(database, tables, term) })).sort((a, b) => a.hits - b.hits);
  const [rarest] = byRarity;
  if (!rarest || rarest.hits === 0) return [];
  const isDriven = rarest.hits < RARE;
  const has = `EXISTS (SELECT 1 FROM ${tables.terms} t WHERE t.position = d.position AND t.term >= ? AND t.term < ?)`;
  const isAmong = `d.position IN (SELECT position FROM ${tables.terms} WHERE term >= ? AND term < ?)`;
  const conditions = byRarity.map((_, at) => (isDriven && at === 0 ? isAmong : has)).join(" AND ");
  // "+" keeps the planner from walking all documents in order when a rare term has narrowed them to a few.
  const order = isDriven ? "ORDER BY +d.received_at DESC, d.position DESC" : NEWEST_FIRST;
  const condition = conditionOf(permitted);
  const sql = `SELECT d.* FROM ${tables.documents} d WHERE d.is_of_feed = 0 AND ${conditions} AND ${condition.sql} ${order} LIMIT ?`;
  return database.all(sql, ...byRarity.flatMap(({ term }) => rangeOf(term)), ...condition.values, count).map(documentAt);
}

/** Documents with one of `keys` among their keys of a kind. */
export function documentsByKey(
  database: Database,
  { documents, keys: table }: Tables,
  { kind, keys, permitted }: { readonly kind: MatchKeyKind; readonly keys: readonly string[]; readonly permitted: Predicate },
): IndexedDocument[] {
  const condition = conditionOf(permitted);
  const sql = `SELECT d.* FROM ${table} k JOIN ${documents} d USING (position) WHERE k.kind = ? AND k.key = ? AND ${condition.sql}`;
  const found = new Map<number, IndexedDocument>();
  for (const key of new Set(keys))
    for (const row of database.all(sql, kind, key, ...condition.values)) {
      const position = integerAt(row, "position");
      if (!found.has(position)) found.set(position, documentAt(row));
    }
  return [...found.values()].sort((one, other) => {
    const [ours, theirs] = [one.summary.receivedAt, other.summary.receivedAt];
    return ours === theirs ? other.from - one.from : ours < theirs ? 1 : -1;
  });
}

/** Documents with one of `keys` among their own, in no order, for the audit: what cannot be read is left out, since it is found by comparing it. */
export function readableByKey(database: Database, { documents, keys: table }: Tables, keys: readonly string[]): IndexedDocument[] {
  const sql = `SELECT d.* FROM ${table} k JOIN ${documents} d USING (position) WHERE k.kind = 'own' AND k.key = ?`;
  const rows = [...new Set(keys)].flatMap((key) => database.allAsTheyAre(sql, key));
  const byPlace = new Map(rows.map((row) => [row["position"], row]));
  return [...byPlace.values()].flatMap((row) => {
    try {
      return [documentAt(row)];
    } catch (error) {
      if (!isDamage(error)) throw error;
      return [];
    }
  });
}

export function documentById(database: Database, { documents }: Tables, id: string, permitted: Predicate): IndexedDocument | undefined {
  const condition = conditionOf(permitted);
  const row = database.get(`SELECT d.* FROM ${documents} d WHERE d.id = ? AND ${condition.sql}`, id, ...condition.values);
  return row && documentAt(row);
}

/** In the order of `ids`. */
export function documentsById(database: Database, { documents }: Tables, ids: readonly string[], permitted: Predicate): IndexedDocument[] {
  const condition = conditionOf(permitted);
  const sql = `SELECT d.* FROM json_each(?) n JOIN ${documents} d ON d.id = n.value WHERE ${condition.sql} ORDER BY n.key`;
  return database.all(sql, JSON.stringify(ids), ...condition.values).map(documentAt);
}

/** A document, and those that it names or that name it. */
export function relatedDocuments(database: Database, tables: Tables, id: string, permitted: Predicate): Omit<Related, "size"> {
  const document = documentById(database, tables, id, permitted);
  const having = (kind: MatchKeyKind, keys: readonly string[] = []): IndexedDocument[] => documentsByKey(database, tables, { kind, keys, permitted });
  const links = document?.links;
  return {
    document,
    claimants: having("claim", links?.ownKeys),
    versions: having("composition", links?.compositionKeys),
    targets: having(
      "own",
      links?.claims.map(({ key }) => key),
    ),
  };
}

function hitsOf(database: Database, { terms }: Tables, term: string): number {
  const row = database.get(`SELECT count(*) AS hits FROM (SELECT 1 FROM ${terms} WHERE term >= ? AND term < ? LIMIT ${RARE})`, ...rangeOf(term));
  return row ? integerAt(row, "hits") : 0;
}

/** All texts that begin with `prefix`, as a half-open range in the order of UTF-8 (the last code point is a noncharacter, in no text). */
function rangeOf(prefix: string): [string, string] {
  return [prefix, `${prefix}\u{10FFFF}`];
}
