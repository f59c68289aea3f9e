/** Narrows what a row holds to what its column promises. */
import { AppError } from "../../core/errors.ts";
import type { LogEntry } from "../../pipeline/store/record-store.ts";
import type { Row } from "./database.ts";

export function textAt(row: Row, column: string): string {
  const value = row[column];
  if (typeof value !== "string") throw unexpected(column);
  return value;
}

export function integerAt(row: Row, column: string): number {
  const value = row[column];
  if (typeof value !== "number") throw unexpected(column);
  return value;
}

export function bytesAt(row: Row, column: string): Uint8Array {
  const value = row[column];
  if (!(value instanceof Uint8Array)) throw unexpected(column);
  return value;
}

/** What `entryAt` reads, of a table of entries called `e`. Its parts stand behind these columns, so that none of them is loaded; SQLite tells a blob's length without reading it. */
export const ENTRY_COLUMNS =
  "e.entry_index, e.id, e.kind, e.document_id, e.received_at, e.tree_size, e.leaf, coalesce(length(e.content), 0) AS content_bytes";

export function entryAt(row: Row): LogEntry {
  return {
    index: integerAt(row, "entry_index"),
    treeSize: integerAt(row, "tree_size"),
    id: textAt(row, "id"),
    kind: textAt(row, "kind"),
    ...(row["document_id"] !== null && { documentId: textAt(row, "document_id") }),
    receivedAt: textAt(row, "received_at"),
    leaf: bytesAt(row, "leaf"),
    contentBytes: integerAt(row, "content_bytes"),
  };
}

function unexpected(column: string): AppError {
  return new AppError("damaged", `the database holds something unexpected in ${column}`);
}
