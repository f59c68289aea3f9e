import { isDamage } from "../../core/errors.ts";
import type { BatchLeaf, TrailEvent } from "../../core/formats/audit-trail.ts";
import { leafOfBatch, openEventsUnder } from "./open-batch.ts";
import type { TrailKeys } from "./trail-keys.ts";
import type { KeptBatch, TrailStore } from "./trail-store.ts";

/** Batches of an audit log that are fed together, so that a busy trail is not slowed down by a question for each. */
export interface FedBatches {
  /** The place of the last of them. */
  readonly index: number;
  readonly id: string;
  readonly batches: readonly KeptBatch[];
}

/** So many batches are looked at once, and no more of them are fed together once they have so many events. */
const MOST_BATCHES = 64;
const ENOUGH_EVENTS = 200;

/** One audit log as a follower follows it: oldest first, several batches at a time. */
export class FeedLog {
  readonly #log: string;
  readonly #store: Pick<TrailStore, "batches" | "checkpoint">;

  constructor(log: string, store: Pick<TrailStore, "batches" | "checkpoint">) {
    this.#log = log;
    this.#store = store;
  }

  /** Batches that it has. */
  readonly size = async (): Promise<number> => (await this.#store.checkpoint(this.#log))?.size ?? 0;

  /** Those from a place on that are fed next, as one. */
  readonly entries = async (from: number): Promise<FedBatches[]> => {
    const batches: KeptBatch[] = [];
    let events = 0;
    for (const batch of await this.#store.batches(this.#log, from, MOST_BATCHES)) {
      batches.push(batch);
      events += batch.events;
      if (events >= ENOUGH_EVENTS) break;
    }
    const last = batches.at(-1);
    return last ? [{ index: last.index, id: `${this.#log}/${last.index}`, batches }] : [];
  };
}

/** What a batch says, for the feed: its events; or that its day's key was destroyed, as it was meant to be; or that it is not what was written. */
export type FedEvents = readonly TrailEvent[] | "destroyed" | "damaged";

/** Opens a batch. A key that is there and cannot be had now is no reason to pass over anything. AppErrors of the key, and of the store. */
export async function fedEvents(batch: KeptBatch, keys: Pick<TrailKeys, "toRead">): Promise<FedEvents> {
  const leaf = ifWhole<BatchLeaf>(() => leafOfBatch(batch));
  if (leaf === "damaged") return leaf;
  const key = await keys.toRead(leaf.day, batch.log);
  return key ? ifWhole(() => openEventsUnder(key, batch, leaf.id)) : "destroyed";
}

function ifWhole<Read>(read: () => Read): Read | "damaged" {
  try {
    return read();
  } catch (error) {
    if (isDamage(error)) return "damaged";
    throw error;
  }
}
