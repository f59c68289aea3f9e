/** The questions that the derived rows answer. Each gives summaries, the newest by time of receipt first. */
import type { DocumentSummary } from "../../pipeline/record.ts";
import type { RelationKind } from "./commit.ts";
import type { Database } from "./database.ts";
import { integerAt, summaryAt, textAt } from "./rows.ts";

const NEWEST_FIRST = "ORDER BY s.received_at DESC, s.leaf_index DESC";
/** Up to so many documents of the rarest term are looked through; beyond it, documents are walked from the newest on. */
const RARE = 2_000;

/** The newest `count`, after document `before`; none after one that does not exist. An erased document still marks its place. */
export function newestSummaries(database: Database, count: number, before?: string): DocumentSummary[] {
  if (before === undefined) return database.all(`SELECT s.summary FROM summaries s ${NEWEST_FIRST} LIMIT ?`, count).map(summaryAt);
  const last = database.get("SELECT received_at, leaf_index FROM documents WHERE id = ?", before);
  if (!last) return [];
  const sql = `SELECT s.summary FROM summaries s WHERE (s.received_at, s.leaf_index) < (?, ?) ${NEWEST_FIRST} LIMIT ?`;
  return database.all(sql, textAt(last, "received_at"), integerAt(last, "leaf_index"), count).map(summaryAt);
}

/**
 * Documents of which every term begins some search term. A rare term drives the query by itself; when all are common, the newest documents are the
 * quickest place to find matches.
 */
export function searchSummaries(database: Database, terms: readonly string[], count: number): DocumentSummary[] {
  const wanted = [...new Set(terms)].filter((term) => term !== "");
  if (wanted.length === 0) return newestSummaries(database, count);
  const byRarity = wanted.map((term) => ({ term, hits: hitsOf(database, term) })).sort((a, b) => a.hits - b.hits);
  const [rarest] = byRarity;
  if (!rarest || rarest.hits === 0) return [];
  const isDriven = rarest.hits < RARE;
  const has = "EXISTS (SELECT 1 FROM search_terms t WHERE t.leaf_index = s.leaf_index AND t.term >= ? AND t.term < ?)";
  const isAmong = "s.leaf_index IN (SELECT leaf_index FROM search_terms WHERE term >= ? AND term < ?)";
  const conditions = byRarity.map((_, at) => (isDriven && at === 0 ? isAmong : has)).join(" AND ");
  // "+" keeps the planner from walking all documents in order when a rare term has narrowed them to a few.
  const order = isDriven ? "ORDER BY +s.received_at DESC, s.leaf_index DESC" : NEWEST_FIRST;
  const sql = `SELECT s.summary FROM summaries s WHERE ${conditions} ${order} LIMIT ?`;
  return database.all(sql, ...byRarity.flatMap(({ term }) => rangeOf(term)), count).map(summaryAt);
}

/** Documents with one of `keys` among their keys of a kind. */
export function relatedSummaries(database: Database, kind: RelationKind, keys: readonly string[]): DocumentSummary[] {
  const sql = `SELECT s.leaf_index, s.received_at, s.summary FROM relation_keys k JOIN summaries s USING (leaf_index) WHERE k.kind = ? AND k.key = ?`;
  const found = new Map<number, { readonly receivedAt: string; readonly summary: DocumentSummary }>();
  for (const key of new Set(keys))
    for (const row of database.all(sql, kind, key)) {
      const index = integerAt(row, "leaf_index");
      if (!found.has(index)) found.set(index, { receivedAt: textAt(row, "received_at"), summary: summaryAt(row) });
    }
  return [...found]
    .sort(([i, one], [j, other]) => (one.receivedAt === other.receivedAt ? j - i : one.receivedAt < other.receivedAt ? 1 : -1))
    .map(([, { summary }]) => summary);
}

export function summaryOf(database: Database, id: string): DocumentSummary | undefined {
  const row = database.get("SELECT s.summary FROM documents d JOIN summaries s USING (leaf_index) WHERE d.id = ?", id);
  return row && summaryAt(row);
}

function hitsOf(database: Database, term: string): number {
  const sql = `SELECT count(*) AS hits FROM (SELECT 1 FROM search_terms WHERE term >= ? AND term < ? LIMIT ${RARE})`;
  const row = database.get(sql, ...rangeOf(term));
  return row ? integerAt(row, "hits") : 0;
}

/** All texts that begin with `prefix`, as a half-open range in the order of UTF-8 (the last code point is a noncharacter, in no text). */
function rangeOf(prefix: string): [string, string] {
  return [prefix, `${prefix}\u{10FFFF}`];
}
