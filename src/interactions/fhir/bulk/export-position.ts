/** Where in the log a time lies. Entries follow each other in the order in which they were committed, which is nearly that in which they were received. */
import type { PublicEntry, PublicLog } from "../../log/public-log.ts";

/** Entries within which two that were received in one order may have been committed in the other. */
const UNORDERED = 1_000;

/** An instant at or behind which nothing of the first `size` entries was received; undefined for a log without entries. Whoever names it as `_since` gets what comes behind those entries (`positionSince`). */
export async function newestReceived(size: number, store: Pick<PublicLog, "entries">): Promise<string | undefined> {
  const from = Math.max(0, size - UNORDERED);
  const last = (await store.entries(from, size - from)).map(({ receivedAt }) => receivedAt);
  return last.reduce<string | undefined>((newest, one) => (newest === undefined || one > newest ? one : newest), undefined);
}

/**
 * The first entry that an export since an instant must look at. Of the instant that an export told as its own (`transactionTime`) that is the one behind the entry that was received then, however late those before it were
 * committed: so nothing is left out between two exports, and only what was received at the same time may be given twice.
 */
export async function positionSince(since: Date, size: number, store: Pick<PublicLog, "entries">): Promise<number> {
  let [low, high] = [0, size];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const [entry] = await store.entries(middle, 1);
    if (entry && timeOf(entry) < since.getTime()) low = middle + 1;
    else high = middle;
  }
  const from = Math.max(0, low - UNORDERED);
  const near = await store.entries(from, Math.min(size, low + UNORDERED) - from);
  const own = near.find((entry) => timeOf(entry) === since.getTime());
  if (own) return own.index + 1;
  return near.find((entry) => timeOf(entry) >= since.getTime())?.index ?? size;
}

function timeOf({ receivedAt }: PublicEntry): number {
  return Date.parse(receivedAt);
}
