import { openEnvelope } from "../../core/envelope.ts";
import { readStored } from "../../core/errors.ts";
import { parseBatchLeaf, parseEvents, type BatchLeaf, type TrailEvent } from "../../core/formats/audit-trail.ts";
import type { TrailKeys } from "./trail-keys.ts";
import type { KeptBatch } from "./trail-store.ts";

/** What a batch's leaf says. AppError `damaged` */
export function leafOfBatch({ log, index, leaf }: Pick<KeptBatch, "log" | "index" | "leaf">): BatchLeaf {
  return readStored(`the leaf of batch ${index} of the audit log ${log}`, () => parseBatchLeaf(leaf));
}

/** What a batch's envelope is closed for, besides its purpose. */
export function boundToBatch(log: string, id: string): string {
  return `${log}/${id}`;
}

/** The events of a batch under its day's key. @param id as its leaf says. AppError `damaged` */
export function openEventsUnder(key: Uint8Array, { log, sealed }: Pick<KeptBatch, "log" | "sealed">, id: string): TrailEvent[] {
  return parseEvents(openEnvelope(sealed, key, "audit", boundToBatch(log, id)));
}

/** The events of a batch; undefined when its day's key was destroyed. AppError `damaged` when it is not what was written. */
export async function openEvents(
  batch: Pick<KeptBatch, "log" | "index" | "leaf" | "sealed">,
  keys: Pick<TrailKeys, "toRead">,
): Promise<TrailEvent[] | undefined> {
  const { id, day } = leafOfBatch(batch);
  const key = await keys.toRead(day, batch.log);
  return key && openEventsUnder(key, batch, id);
}
