import type { Keys } from "../../core/crypto/keys.ts";
import { wrapperOf } from "../../core/envelope.ts";
import { boundTo } from "./trail-keys.ts";
import type { TrailStore } from "./trail-store.ts";

/** Wraps the days' keys of the audit trail in an epoch of the master key; gives how many were wrapped anew. AppError `damaged` for one that cannot be opened. */
export async function rewrapTrail(
  epoch: number,
  store: Pick<TrailStore, "keys" | "replaceKey">,
  keys: Pick<Keys, "unwrap" | "master">,
): Promise<number> {
  const keyId = keys.master.epochs().find((one) => one.epoch === epoch)?.keyId;
  let count = 0;
  for (const { name, wrapped } of await store.keys()) {
    if (wrapperOf(wrapped) === keyId) continue;
    const key = await keys.unwrap(wrapped, boundTo(name));
    if (await store.replaceKey(name, wrapped, await keys.master.wrapUnder(epoch, key, boundTo(name)))) count += 1;
  }
  return count;
}

/** How many days' keys are wrapped by a master key. */
export async function trailKeysOf(keyId: string, store: Pick<TrailStore, "keys">): Promise<number> {
  return (await store.keys()).filter(({ wrapped }) => wrapperOf(wrapped) === keyId).length;
}
