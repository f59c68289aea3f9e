/** What an export takes out of the log itself: its leaves, by which whoever receives it counts that no document is missing, and what was erased. */
import { concat } from "../../../core/crypto/bytes.ts";
import { nodesForRoot } from "../../../core/crypto/merkle.ts";
import { AppError } from "../../../core/errors.ts";
import type { PublicLog } from "../../log/public-log.ts";
import type { ExportOrder } from "./export-order.ts";

/** Entries that are read at once. */
const TOGETHER = 1_000;

/** Told of the entries of the export's part of the log, so many at a time. */
type Told = (entries: Awaited<ReturnType<PublicLog["entries"]>>) => Promise<void>;

/** AppError `damaged` when entries are missing that the log has. */
export async function throughLog({ from, size }: Pick<ExportOrder, "from" | "size">, store: Pick<PublicLog, "entries">, told: Told): Promise<void> {
  for (let next = from; next < size;) {
    const entries = await store.entries(next, Math.min(TOGETHER, size - next));
    if (entries.length === 0 || entries[0]?.index !== next) throw new AppError("damaged", `entries of the log from ${next} on are missing`);
    await told(entries);
    next += entries.length;
  }
}

/** Leaves one after the other, each behind its length as two bytes, big-endian (c2sp.org/tlog-tiles). */
export function leavesTogether(leaves: readonly Uint8Array[]): Uint8Array {
  return concat(...leaves.flatMap((leaf) => [Uint8Array.of(leaf.length >> 8, leaf.length & 0xff), leaf]));
}

/** The roots of the complete subtrees over the first `from` leaves, the largest first: from them and the leaves behind them whoever verifies makes the root again. */
export async function edgeOf(from: number, store: Pick<PublicLog, "nodes">): Promise<Uint8Array[]> {
  return from === 0 ? [] : store.nodes(nodesForRoot(from));
}
