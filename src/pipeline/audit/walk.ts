/** The log from its first entry to its last, whatever is there: what the audit walks along. */
import { AppError } from "../../core/errors.ts";
import { erasureClaim } from "../erasures.ts";
import type { RecordInventory } from "../store/record-inventory.ts";
import type { Claimed, RecordStore } from "../store/record-store.ts";
import { hasSize } from "./audit-note.ts";
import { checkpointsOf } from "./row-audit.ts";
import type { WalkedEntry } from "./tree-audit.ts";

/** Entries that are looked at together, and bytes of content among them at most. */
const PAGE = 64;
const PAGE_BYTES = 8_000_000;

/** All entries up to `size`, in runs; one that is not there, or can't be read, stands without its row. */
export async function* walk(size: number, store: Pick<RecordStore, "entries">): AsyncGenerator<readonly WalkedEntry[]> {
  for (let from = 0; from < size;) {
    const count = Math.min(PAGE, size - from);
    const entries = await store.entries(from, count).catch(damagedIsNone);
    const walked =
      entries?.length === count ? entries.map((entry): WalkedEntry => ({ index: entry.index, entry })) : await oneByOne(from, count, store);
    let bytes = 0;
    const end = walked.findIndex(({ entry }) => (bytes += entry?.contentBytes ?? 0) > PAGE_BYTES);
    const page = walked.slice(0, end < 0 ? undefined : Math.max(1, end));
    yield page;
    from += page.length;
  }
}

async function oneByOne(from: number, count: number, store: Pick<RecordStore, "entries">): Promise<WalkedEntry[]> {
  const walked: WalkedEntry[] = [];
  for (let index = from; index < from + count; index++) {
    const found = (await store.entries(index, 1).catch(damagedIsNone))?.[0];
    walked.push({ index, entry: found?.index === index ? found : undefined });
  }
  return walked;
}

/** For whoever goes on past what is damaged. */
export function damagedIsNone(error: unknown): undefined {
  if (!(error instanceof AppError) || error.code !== "damaged") throw error;
  return undefined;
}

/** Who bears claims. One that is damaged keeps no other from being looked at. */
export async function claimedEach(keys: readonly string[], store: Pick<RecordStore, "claimed">): Promise<ReadonlyMap<string, Claimed>> {
  const found = await store.claimed(keys).catch(damagedIsNone);
  if (found !== undefined) return found;
  const each = await Promise.all(keys.map((key) => store.claimed([key]).catch(damagedIsNone)));
  return new Map(each.flatMap((one) => [...(one ?? [])]));
}

/** The size of the log: that of the newest checkpoint which says so itself. */
export async function newestSize(store: Pick<RecordStore, "checkpoint">, inventory: Pick<RecordInventory, "checkpoints">): Promise<number> {
  const newest = await store.checkpoint().catch((error: unknown) => {
    damagedIsNone(error);
    return "damaged" as const;
  });
  if (newest !== "damaged" && (newest === undefined || hasSize(newest))) return newest?.size ?? 0;
  let size = 0;
  for await (const checkpoint of checkpointsOf(inventory)) if (hasSize(checkpoint)) size = Math.max(size, checkpoint.size);
  return size;
}

/** The documents that claims say were erased. */
export async function erasedIn(inventory: Pick<RecordInventory, "claimsBeginning">): Promise<string[]> {
  const erased: string[] = [];
  const prefix = erasureClaim("");
  for await (const page of inventory.claimsBeginning(prefix)) erased.push(...page.map((key) => key.slice(prefix.length)));
  return erased;
}
