import type { ClaimRow, CustodyRow, KeyRow, NodeRow, RecordInventory } from "../../pipeline/store/record-inventory.ts";
import { Database, DEFAULT_PATIENCE, type Row } from "./database.ts";
import { bytesAt, integerAt, textAt } from "./rows.ts";

/** Rows that are read at once. */
const PAGE = 5_000;

/** The port RecordInventory, on a connection of its own that reads alone. */
export function openInventory(file: string): RecordInventory {
  const database = new Database(file, { synchronous: "NORMAL", patience: DEFAULT_PATIENCE });
  const all = <Item>(read: (row: Row) => Item, sql: string, ...values: (string | number)[]): Promise<Item[]> =>
    database.ask(() => database.all(sql, ...values).map(read));
  return {
    checkpoints: (after, count) =>
      all(
        (row) => ({ size: integerAt(row, "size"), note: textAt(row, "note") }),
        "SELECT size, note FROM checkpoints WHERE size > ? ORDER BY size LIMIT ?",
        after,
        count,
      ),
    nodesAt: (level, from, to) =>
      all(
        nodeIn,
        "SELECT level, node_index, hash FROM tree_nodes WHERE level = ? AND node_index >= ? AND node_index < ? ORDER BY node_index",
        level,
        from,
        to,
      ),
    nodes: () =>
      pages<NodeRow>((last) =>
        all(
          nodeIn,
          "SELECT level, node_index, hash FROM tree_nodes WHERE (level, node_index) > (?, ?) ORDER BY level, node_index LIMIT ?",
          last?.level ?? Number.MIN_SAFE_INTEGER,
          last?.index ?? 0,
          PAGE,
        ),
      ),
    claims: () =>
      pages<ClaimRow>((last) =>
        all(
          (row) => ({ key: textAt(row, "key"), value: bytesAt(row, "value"), index: placeOf(row) }),
          "SELECT c.key, c.value, e.entry_index AS place FROM claims c LEFT JOIN entries e USING (entry_index) WHERE c.key > ? ORDER BY c.key LIMIT ?",
          last?.key ?? "",
          PAGE,
        ),
      ),
    claimsBeginning: (prefix) =>
      pages<string>((last) =>
        all(
          (row) => textAt(row, "key"),
          "SELECT key FROM claims WHERE key > ? AND key >= ? AND key < ? ORDER BY key LIMIT ?",
          ...[last ?? "", prefix, `${prefix}\u{10FFFF}`, PAGE],
        ),
      ),
    claimsOf: (from, to) =>
      all(
        (row) => ({ key: textAt(row, "key"), value: bytesAt(row, "value"), index: integerAt(row, "entry_index") }),
        "SELECT key, value, entry_index FROM claims WHERE entry_index >= ? AND entry_index < ?",
        from,
        to,
      ),
    keys: () =>
      pages<KeyRow>((last) =>
        all(
          (row) => ({
            name: String(integerAt(row, "entry_index")),
            id: row["id"] === null ? undefined : textAt(row, "id"),
            index: placeOf(row),
            wrappedKey: bytesAt(row, "wrapped_key"),
          }),
          "SELECT k.entry_index, k.wrapped_key, e.entry_index AS place, e.id FROM wrapped_keys k LEFT JOIN entries e ON e.entry_index = k.entry_index WHERE k.entry_index > ? ORDER BY k.entry_index LIMIT ?",
          last === undefined ? Number.MIN_SAFE_INTEGER : Number(last.name),
          PAGE,
        ),
      ),
    places: (from, count) =>
      all((row) => integerAt(row, "entry_index"), "SELECT entry_index FROM entries WHERE entry_index >= ? ORDER BY entry_index LIMIT ?", from, count),
    custody: () =>
      // Along the index of documents, which has these entries alone.
      pages<CustodyRow>((last) =>
        all(
          (row) => ({ index: integerAt(row, "entry_index"), kind: textAt(row, "kind"), documentId: textAt(row, "document_id") }),
          "SELECT entry_index, kind, document_id FROM entries WHERE document_id IS NOT NULL AND (document_id, entry_index) > (?, ?) ORDER BY document_id, entry_index LIMIT ?",
          last?.documentId ?? "",
          last?.index ?? -1,
          PAGE,
        ),
      ),
    bodies: (from, to) =>
      all(
        (row) => ({
          index: integerAt(row, "entry_index"),
          content: bytesIn(row, "content"),
          evidence: bytesIn(row, "evidence"),
          wrappedKey: bytesIn(row, "wrapped_key"),
        }),
        "SELECT e.entry_index, e.content, e.evidence, k.wrapped_key FROM entries e LEFT JOIN wrapped_keys k USING (entry_index) WHERE e.entry_index >= ? AND e.entry_index < ?",
        from,
        to,
      ),
    close: () => {
      database.close();
      return Promise.resolve();
    },
  };
}

/** Page after page, each behind the last row of the one before. */
async function* pages<Item>(read: (last: Item | undefined) => Promise<Item[]>): AsyncGenerator<readonly Item[], undefined> {
  for (let last: Item | undefined; ;) {
    const page = await read(last);
    if (page.length > 0) yield page;
    last = page.at(-1);
    if (last === undefined || page.length < PAGE) return undefined;
  }
}

function nodeIn(row: Row): NodeRow {
  return { level: integerAt(row, "level"), index: integerAt(row, "node_index"), hash: bytesAt(row, "hash") };
}

function placeOf(row: Row): number | undefined {
  return row["place"] === null ? undefined : integerAt(row, "place");
}

function bytesIn(row: Row, column: string): Uint8Array | undefined {
  const value = row[column];
  return value instanceof Uint8Array ? value : undefined;
}
