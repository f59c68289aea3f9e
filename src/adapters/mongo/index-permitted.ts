/** Documents of the index's rows, as far as they are permitted. What rules say of single patients is in no statement: it is asked here, of each row that the statement finds. */
import type { ClientSession, Collection, Filter } from "mongodb";
import { AppError } from "../../core/errors.ts";
import { isFacts } from "../../search/described-data.ts";
import type { IndexedDocument } from "../../search/index-port.ts";
import { permits, type Predicate } from "../../search/predicate.ts";
import { documentOf, isShortened, partIds, unexpected, type IndexRow, type Shelf } from "./index-rows.ts";
import { bytesOf } from "./rows.ts";

/** What `read` needs of a row. */
export const DOCUMENT_FIELDS = { document: 1, parts: 1, from: 1, to: 1 } as const;
/** What is needed of a row to tell whether it is permitted. */
export const DECISION_FIELDS = { id: 1, facts: 1 } as const;

/** A row that says it has more parts is not of our making: no document that may be sent makes so much. */
const MOST_PARTS = 1_000;
/** Rows that one question looks at to find permitted ones. */
const MOST_LOOKED_AT = 500_000;
const LOOKED_AT_ONCE = 1_000;

/** Where a question is asked. */
export interface Asked {
  readonly rows: Collection<IndexRow>;
  readonly session: ClientSession;
  readonly shelf: Shelf;
  readonly permitted: Predicate;
}

/** Whether something of it stands in no statement. */
export function hasRules(predicate: Predicate): boolean {
  return predicate.kind === "ruled" || (predicate.kind === "not" ? hasRules(predicate.of) : "of" in predicate && predicate.of.some(hasRules));
}

/** Of rows with DECISION_FIELDS those that are permitted. */
export async function permittedRows<Row extends Pick<IndexRow, "_id" | "id" | "facts">>(found: readonly Row[], asked: Asked): Promise<Row[]> {
  if (!hasRules(asked.permitted)) return [...found];
  const permitted: Row[] = [];
  for (const row of found) {
    if (!isFacts(row.facts) || typeof row.id !== "string") throw unexpected();
    // What is too long for a row is compared as it is.
    const facts = Object.values(row.facts).flat().some(isShortened) ? await wholeFacts(row._id, asked) : row.facts;
    if (facts && permits(asked.permitted, { ...facts, id: row.id })) permitted.push(row);
  }
  return permitted;
}

async function wholeFacts(_id: string, asked: Asked): Promise<IndexedDocument["facts"] | undefined> {
  const row = await asked.rows.findOne({ _id }, { session: asked.session, projection: DOCUMENT_FIELDS });
  return row ? (await readOne(row, asked)).facts : undefined;
}

/** The first `count` permitted documents, in an order. AppError `too-costly` when too few of too many are. */
export async function firstOf(
  asked: Asked,
  { filter, hint, sort }: { readonly filter: Filter<IndexRow>; readonly hint: string; readonly sort: Readonly<Record<string, 1 | -1>> },
  count: number,
): Promise<IndexedDocument[]> {
  const { rows, session, permitted } = asked;
  if (!hasRules(permitted))
    return read(await rows.find(filter, { session, projection: DOCUMENT_FIELDS, hint }).sort(sort).limit(count).toArray(), asked);
  const cursor = rows.find(filter, { session, projection: DECISION_FIELDS, hint, batchSize: LOOKED_AT_ONCE }).sort(sort).limit(MOST_LOOKED_AT);
  try {
    const ids: string[] = [];
    let looked = 0;
    while (ids.length < count && (await cursor.hasNext())) {
      const batch = cursor.readBufferedDocuments();
      looked += batch.length;
      ids.push(...(await permittedRows(batch, asked)).map(({ _id }) => _id));
    }
    if (ids.length < count && looked >= MOST_LOOKED_AT)
      throw new AppError("too-costly", "Too little of what is here may be read: ask for something more specific.");
    const wanted = ids.slice(0, count);
    const found = new Map(
      (await rows.find({ _id: { $in: wanted } }, { session, projection: DOCUMENT_FIELDS }).toArray()).map((row) => [row._id, row]),
    );
    return await read(
      wanted.flatMap((id) => found.get(id) ?? []),
      asked,
    );
  } finally {
    await cursor.close();
  }
}

/** The documents of rows; of one that is too large for a row, the parts are read too. */
export async function read(found: readonly IndexRow[], asked: Asked): Promise<IndexedDocument[]> {
  const documents: IndexedDocument[] = [];
  for (const row of found) {
    const document = await readOne(row, asked);
    if (!hasRules(asked.permitted) || permits(asked.permitted, { ...document.facts, id: document.summary.id })) documents.push(document);
  }
  return documents;
}

export async function readOne(row: IndexRow, { rows, session, shelf }: Pick<Asked, "rows" | "session" | "shelf">): Promise<IndexedDocument> {
  if (row.document === undefined && row.parts === undefined) throw unexpected();
  return documentOf(row.document ?? (await joined(row, rows, session)), row, shelf);
}

async function joined({ _id, parts = 0 }: IndexRow, rows: Collection<IndexRow>, session: ClientSession): Promise<string> {
  if (!Number.isSafeInteger(parts) || parts > MOST_PARTS) throw unexpected();
  const pieces: Uint8Array[] = [];
  for (const id of partIds(_id, parts)) pieces.push(bytesOf((await rows.findOne({ _id: id }, { session }))?.bytes, "the index"));
  return Buffer.concat(pieces).toString("utf8");
}
