import { openEnvelope } from "../../core/envelope.ts";
import { parseBatchLeaf, parseEvents, type TrailEvent } from "../../core/formats/audit-trail.ts";
import type { TrailKeys } from "./trail-keys.ts";
import type { KeptBatch } from "./trail-store.ts";

/** What a batch's envelope is closed for, besides its purpose. */
export function boundToBatch(log: string, id: string): string {
  return `${log}/${id}`;
}

/** The events of a batch; undefined when its day's key was destroyed. AppError `damaged` when it is not what was written. */
export async function openEvents(
  { log, leaf, sealed }: Pick<KeptBatch, "log" | "leaf" | "sealed">,
  keys: Pick<TrailKeys, "toRead">,
): Promise<TrailEvent[] | undefined> {
  const { id, day } = parseBatchLeaf(leaf);
  const key = await keys.toRead(day, log);
  return key && parseEvents(openEnvelope(sealed, key, "audit", boundToBatch(log, id)));
}
