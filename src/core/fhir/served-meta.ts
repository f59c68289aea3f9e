import { treeOf, type JsonArray, type JsonObject } from "./tree/tree.ts";

export interface ServedMeta {
  /** An instant. */
  readonly receivedAt: string;
  /** `1` if nothing is said. */
  readonly versionId?: string;
  /** Where it was taken out of; absent for what was submitted itself: the sender's stays. */
  readonly source?: string;
  /** Tags of ours, before the sender's. */
  readonly tags?: readonly object[];
  /** In the place of the sender's. */
  readonly labels?: JsonArray | undefined;
}

/** Meta as it is served: what the sender says, but for versions and times, which are ours. */
export function servedMeta(submitted: JsonObject | undefined, { receivedAt, versionId = "1", source, tags = [], labels }: ServedMeta): JsonObject {
  const meta = treeOf({ versionId, lastUpdated: receivedAt, source }) as JsonObject;
  const replaced = ["versionId", "_versionId", "lastUpdated", "_lastUpdated", ...(source === undefined ? [] : ["source", "_source"])];
  const kept = submitted?.without(...replaced, ...(tags.length > 0 ? ["tag"] : []), ...(labels ? ["security"] : []));
  kept?.names.forEach((name, at) => meta.add(name, kept.values[at] ?? null));
  if (labels) meta.add("security", labels);
  if (tags.length === 0) return meta;
  const all = treeOf(tags) as JsonArray;
  for (const tag of submitted?.items("tag") ?? []) all.add(tag);
  return meta.add("tag", all);
}
