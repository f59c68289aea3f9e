/** The questions that the index's rows answer, the newest by time of receipt first. Strings are compared byte by byte in UTF-8, as SQLite does. */
import type { Filter } from "mongodb";
import { isDamage } from "../../core/errors.ts";
import type { DocumentLinks, IndexedDocument, Related } from "../../search/index-port.ts";
import { DOCUMENT_FIELDS, firstOf, read, readOne, type Asked } from "./index-permitted.ts";
import { conditionOf, keyOf, presentIn, rowId, termOf, type IndexRow, type MatchKeyKind, type Shelf } from "./index-rows.ts";

const NEWEST_FIRST = { receivedAt: -1, from: -1 } as const;
/** Up to so many documents of the rarest term are looked through; beyond it, documents are walked from the newest on. */
const RARE = 1_000;

/** The newest `count`, or those after a place in that order. */
export async function newestDocuments(
  asked: Asked,
  count: number,
  before?: { readonly receivedAt: string; readonly from: number },
): Promise<IndexedDocument[]> {
  const { receivedAt = "", from = 0 } = before ?? {};
  const after: Filter<IndexRow> = before ? { $or: [{ receivedAt: { $lt: receivedAt } }, { receivedAt, from: { $lt: from } }] } : {};
  // `$gt: ""` leaves out what is no text: rows of removed documents.
  return walkNewest(asked, [{ receivedAt: { $gt: "", ...(before && { $lte: receivedAt }) } }, after], count);
}

/** Documents of which every term begins some search term. A rare term drives the query by itself; when all are common, the newest documents are the quickest place to find matches. */
export async function searchDocuments(asked: Asked, terms: readonly string[], count: number): Promise<IndexedDocument[]> {
  const wanted = [...new Set(terms)].filter((term) => term !== "");
  if (wanted.length === 0) return newestDocuments(asked, count);
  const { rows, session, shelf, permitted } = asked;
  const hits = await Promise.all(
    wanted.map((term) => rows.countDocuments({ generation: shelf.generation, ...beginning(term) }, { session, limit: RARE, hint: "terms" })),
  );
  const byRarity = wanted.map((term, at) => ({ term, hits: hits[at] ?? 0 })).sort((one, other) => one.hits - other.hits);
  const [rarest] = byRarity;
  if (!rarest || rarest.hits === 0) return [];
  const conditions = byRarity.map(({ term }) => beginning(term));
  if (rarest.hits >= RARE) return walkNewest(asked, [{ receivedAt: { $gt: "" } }, ...conditions], count);
  const filter = { $and: [presentIn(shelf), { receivedAt: { $gt: "" } }, ...conditions, conditionOf(permitted)] };
  return firstOf(asked, { filter, hint: "terms", sort: NEWEST_FIRST }, count);
}

/** Documents with one of `keys` among their keys of a kind, each once. */
export async function documentsByKey(asked: Asked, kind: MatchKeyKind, keys: readonly string[]): Promise<IndexedDocument[]> {
  const { rows, session, shelf, permitted } = asked;
  const condition = { $and: [presentIn(shelf), { [kind]: { $in: [...new Set(keys.map(keyOf))] } }, conditionOf(permitted)] };
  const found = await rows.find(condition, { session, projection: DOCUMENT_FIELDS }).sort(NEWEST_FIRST).toArray();
  return read(found, asked);
}

/** Documents with one of `keys` among their own, for the audit: what cannot be read is left out, since it is found by comparing it. */
export async function readableByKey(asked: Asked, keys: readonly string[]): Promise<IndexedDocument[]> {
  const { rows, session, shelf } = asked;
  const condition = { $and: [presentIn(shelf), { own: { $in: [...new Set(keys.map(keyOf))] } }] };
  const documents: IndexedDocument[] = [];
  for (const row of await rows.find(condition, { session, projection: DOCUMENT_FIELDS }).toArray()) {
    try {
      documents.push(await readOne(row, asked));
    } catch (error) {
      if (!isDamage(error)) throw error;
    }
  }
  return documents;
}

export async function documentById(asked: Asked, id: string): Promise<IndexedDocument | undefined> {
  const { rows, session, shelf, permitted } = asked;
  const row = await rows.findOne({ $and: [presentIn(shelf), { id }, conditionOf(permitted)] }, { session, projection: DOCUMENT_FIELDS });
  return row ? (await read([row], asked))[0] : undefined;
}

/** Documents at places, whether or not the index has come so far; of those that cannot be read none. */
export async function documentsAt(
  { from, to }: { readonly from: number; readonly to: number },
  { rows, session, generation }: Pick<Asked, "rows" | "session"> & Pick<Shelf, "generation">,
): Promise<IndexedDocument[]> {
  const ids = Array.from({ length: to - from }, (_, at) => rowId(generation, from + at));
  const documents: IndexedDocument[] = [];
  for (const row of await rows.find({ _id: { $in: ids }, id: { $exists: true } }, { session, projection: DOCUMENT_FIELDS }).toArray()) {
    const shelf = { generation, size: row.from, mark: "", depth: 0 };
    const document = await readOne(row, { rows, session, shelf }).catch((error: unknown) => {
      if (!isDamage(error)) throw error;
      return undefined;
    });
    if (document) documents.push(document);
  }
  return documents;
}

/** In the order of `ids`. */
export async function documentsById(asked: Asked, ids: readonly string[]): Promise<IndexedDocument[]> {
  const { rows, session, shelf, permitted } = asked;
  const condition = { $and: [presentIn(shelf), { id: { $in: [...new Set(ids)] } }, conditionOf(permitted)] };
  const found = await read(await rows.find(condition, { session, projection: DOCUMENT_FIELDS }).toArray(), asked);
  const byId = new Map(found.map((document) => [document.summary.id, document]));
  return ids.flatMap((id) => byId.get(id) ?? []);
}

/** Each document with those that it names or that name it, in the order of `ids`: what all of them ask for is looked up together. */
export async function relatedDocuments(asked: Asked, ids: readonly string[]): Promise<Related[]> {
  const found = new Map((await documentsById(asked, ids)).map((document) => [document.summary.id, document]));
  const links = [...found.values()].map((document) => document.links);
  const having = (kind: MatchKeyKind, keys: readonly string[]): Promise<IndexedDocument[]> =>
    keys.length === 0 ? Promise.resolve([]) : documentsByKey(asked, kind, keys);
  const [claimants, versions, targets] = await Promise.all([
    having(
      "claim",
      links.flatMap(({ ownKeys }) => ownKeys),
    ),
    having(
      "composition",
      links.flatMap(({ compositionKeys }) => compositionKeys),
    ),
    having("own", links.flatMap(claimedBy)),
  ]);
  const sharing = (documents: readonly IndexedDocument[], keysOf: (links: DocumentLinks) => readonly string[], keys: readonly string[] = []) => {
    const wanted = new Set(keys);
    return documents.filter((document) => keysOf(document.links).some((key) => wanted.has(key)));
  };
  return ids.map((id) => {
    const document = found.get(id);
    return {
      size: asked.shelf.size,
      document,
      claimants: sharing(claimants, claimedBy, document?.links.ownKeys),
      versions: sharing(versions, ({ compositionKeys }) => compositionKeys, document?.links.compositionKeys),
      targets: sharing(targets, ({ ownKeys }) => ownKeys, document && claimedBy(document.links)),
    };
  });
}

function claimedBy({ claims }: DocumentLinks): string[] {
  return claims.map(({ key }) => key);
}

async function walkNewest(asked: Asked, conditions: readonly Filter<IndexRow>[], count: number): Promise<IndexedDocument[]> {
  const filter = { $and: [presentIn(asked.shelf), ...conditions, conditionOf(asked.permitted)] };
  return firstOf(asked, { filter, hint: "newest", sort: NEWEST_FIRST }, count);
}

/** That one of a document's terms begins so: all texts of a prefix, as a half-open range (the last code point is a noncharacter, in no text). */
function beginning(prefix: string): Filter<IndexRow> {
  const kept = termOf(prefix);
  return { terms: { $elemMatch: { $gte: kept, $lt: `${kept}\u{10FFFF}` } } };
}
