/**
 * From times to places in the log. Entries are in the order in which they were entered, which is nearly that of their times of receipt: a large document that came first may be entered after a
 * small one, and clocks of several instances differ a little.
 */
import type { RecordStore } from "../../pipeline/store/record-store.ts";

/** By how many milliseconds an entry may be out of the order of times: far longer than a deposit may take, and than clocks may differ (DepositGate, maxSkew). */
const DISORDER = 3_600_000;

/** The first place in a log of `size` entries at which all that was received at `time` or later may stand: nothing before it was. */
export function firstEntryFrom(time: number, size: number, log: Pick<RecordStore, "entries">): Promise<number> {
  return lowest(size, async (place) => (await receivedAt(place, log)) >= time - DISORDER);
}

/** The first place at which everything was received at `time` or later, as does all that follows. */
export function firstEntryBehind(time: number, size: number, log: Pick<RecordStore, "entries">): Promise<number> {
  return lowest(size, async (place) => (await receivedAt(place, log)) >= time + DISORDER);
}

async function receivedAt(place: number, log: Pick<RecordStore, "entries">): Promise<number> {
  const [entry] = await log.entries(place, 1);
  return entry === undefined ? Infinity : Date.parse(entry.receivedAt);
}

/** The lowest place that holds, of places that hold from some on; `size` when none does. */
async function lowest(size: number, holds: (place: number) => Promise<boolean>): Promise<number> {
  let [low, high] = [0, size];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (await holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
