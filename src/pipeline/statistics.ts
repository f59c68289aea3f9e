/** What is in a repository, told by counting in the engine, by looking at single places of the log, and by samples: at a million documents as quickly as at a thousand. */
import { SUBMISSION_KIND } from "../core/formats/submission.ts";
import type { MasterEpoch } from "../core/crypto/keys.ts";
import { epochsInLog, type EpochsInLog } from "./epochs/epochs.ts";
import { keysByWrapper } from "./epochs/rewrap.ts";
import { FEED_KIND } from "../core/formats/identity-feed.ts";
import { messagesIn } from "./identity-feed.ts";
import { EVIDENCE_KIND, EVIDENCE_STATUS_KIND } from "../core/formats/log-evidence.ts";
import { RENEWAL_KIND, RENEWAL_RUN_KIND } from "../core/formats/renewal.ts";
import { SETTING_KIND } from "../core/formats/setting.ts";
import { renewalClaim, renewalRunClaim } from "./evidence/renewal-book.ts";
import { evidenceClaim, EVIDENCE_STATUS_CLAIMS } from "./evidence/evidence-book.ts";
import { lastOf } from "./last-claim.ts";
import { MESSAGE_CLAIMS } from "./submissions.ts";
import { settingsIn } from "./settings.ts";
import { logKeyEntries } from "./log/log-keys.ts";
import { sealKeyEntries } from "./seal-keys/seal-key-log.ts";
import type { RecordInventory } from "./store/record-inventory.ts";
import type { RecordStore } from "./store/record-store.ts";

export interface Statistics {
  /** Entries of the log, by kind, as the database has them: what of it the log signed, an audit tells. */
  readonly size: number;
  readonly kinds: Readonly<Record<string, number>>;
  readonly erased: number;
  /** Documents under a legal hold. */
  readonly held: number;
  readonly oldestAt: string | undefined;
  readonly newestAt: string | undefined;
  /** Entries that came in each month (`2026-03`), of those in which any came. */
  readonly months: readonly { readonly month: string; readonly entries: number }[];
  /** Bytes of an average document as it is kept, of a sample. */
  readonly average: Average | undefined;
  readonly epochs: readonly EpochStatistics[];
}

/** An epoch of the master key, since when it is one and since when it is none. `keys`: how many keys are wrapped in it, told while more than one lives; that takes a look at all of them. */
export interface EpochStatistics {
  readonly epoch: number;
  readonly begunAt: string | undefined;
  readonly endedAt: string | undefined;
  readonly keys: number | undefined;
}

export interface Average {
  readonly sample: number;
  readonly content: number;
  readonly evidence: number;
  readonly leaf: number;
}

export interface StatisticsSource {
  readonly store: Pick<RecordStore, "checkpoint" | "entries" | "claimed">;
  readonly inventory: Pick<RecordInventory, "custody" | "bodies" | "keys" | "claimsBeginning">;
  /** The epochs of the master key, as the keys' folder has them. */
  readonly epochs: readonly MasterEpoch[];
  /** How many logs ended before this one: each that began after one did so with an entry. */
  readonly pastLogs: number;
}

const SAMPLE = 200;

export async function statisticsOf({ store, inventory, pastLogs, epochs }: StatisticsSource): Promise<Statistics> {
  const size = (await store.checkpoint())?.size ?? 0;
  const kinds = new Map<string, number>();
  const holds = new Map<string, string>();
  for await (const page of inventory.custody())
    for (const { kind, documentId } of page) {
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
      if (kind === "hold" || kind === "release") holds.set(documentId, kind);
    }
  const log = await epochsInLog(store);
  if (log.begun.size > 0) kinds.set("master-key-begun", log.begun.size);
  if (log.ended.size > 0) kinds.set("master-key-ended", log.ended.size);
  for (const { said } of [...(await sealKeyEntries(store)), ...(await logKeyEntries(store))]) kinds.set(said.kind, (kinds.get(said.kind) ?? 0) + 1);
  const [claims, messages] = [await countOf("submission:", inventory), await countOf(MESSAGE_CLAIMS, inventory)];
  if (claims > messages) kinds.set(SUBMISSION_KIND, claims - messages);
  // A message is entered as a submission is, and told by itself.
  if (messages > 0) kinds.set("message", messages);
  const feeds = await messagesIn(store);
  if (feeds > 0) kinds.set(FEED_KIND, feeds);
  const settings = await settingsIn(store);
  if (settings > 0) kinds.set(SETTING_KIND, settings);
  const { count: stamps } = await lastOf(evidenceClaim, store);
  if (stamps > 0) kinds.set(EVIDENCE_KIND, stamps);
  const [{ count: renewals }, { count: runs }] = [await lastOf(renewalClaim, store), await lastOf(renewalRunClaim, store)];
  if (renewals > 0) kinds.set(RENEWAL_KIND, renewals);
  if (runs > 0) kinds.set(RENEWAL_RUN_KIND, runs);
  const statuses = await countOf(EVIDENCE_STATUS_CLAIMS, inventory);
  if (statuses > 0) kinds.set(EVIDENCE_STATUS_KIND, statuses);
  const others = [...kinds.values()].reduce((sum, count) => sum + count, 0);
  const origins = Math.min(pastLogs, size - others);
  const counted = { deposit: size - others - origins, ...Object.fromEntries(kinds), ...(origins > 0 && { "new-origin": origins }) };
  const timeAt = timesOf(store);
  return {
    size,
    kinds: counted,
    erased: kinds.get("erasure") ?? 0,
    held: [...holds.values()].filter((kind) => kind === "hold").length,
    oldestAt: size > 0 ? await timeAt(0) : undefined,
    newestAt: size > 0 ? await timeAt(size - 1) : undefined,
    months: await monthsOf(size, timeAt),
    average: await averageOf(size, { store, inventory }),
    epochs: await epochsOf(epochs, log, inventory),
  };
}

async function epochsOf(
  epochs: readonly MasterEpoch[],
  { begun, ended }: EpochsInLog,
  inventory: Pick<RecordInventory, "keys">,
): Promise<EpochStatistics[]> {
  const live = epochs.filter(({ epoch, isEnded }) => !isEnded && !ended.has(epoch));
  const counts = live.length > 1 ? await keysByWrapper(inventory) : undefined;
  return epochs.map(({ epoch, keyId }) => ({
    epoch,
    begunAt: begun.get(epoch)?.at,
    endedAt: ended.get(epoch)?.at,
    keys: counts && (counts.get(keyId) ?? 0),
  }));
}

type TimeAt = (place: number) => Promise<string>;

function timesOf(store: Pick<RecordStore, "entries">): TimeAt {
  return async (place) => (await store.entries(place, 1))[0]?.receivedAt ?? "";
}

/** The log's times never go back, so that where a month begins is found by halving. */
async function monthsOf(size: number, timeAt: TimeAt): Promise<Statistics["months"]> {
  const months: { month: string; entries: number }[] = [];
  for (let from = 0; from < size;) {
    const month = (await timeAt(from)).slice(0, 7);
    let [inside, beyond] = [from, size];
    while (beyond - inside > 1) {
      const middle = Math.floor((inside + beyond) / 2);
      if ((await timeAt(middle)).slice(0, 7) <= month) inside = middle;
      else beyond = middle;
    }
    months.push({ month, entries: beyond - from });
    from = beyond;
  }
  return months;
}

async function averageOf(size: number, { store, inventory }: Pick<StatisticsSource, "store" | "inventory">): Promise<Average | undefined> {
  const sums = { sample: 0, content: 0, evidence: 0, leaf: 0 };
  const places = new Set(Array.from({ length: SAMPLE }, (_, at) => Math.floor((at * size) / SAMPLE)));
  for (const place of size === 0 ? [] : places) {
    const [entry] = await store.entries(place, 1);
    if (entry?.kind !== "deposit") continue;
    const [body] = await inventory.bodies(place, place + 1);
    sums.sample++;
    sums.content += entry.contentBytes;
    sums.evidence += body?.evidence?.length ?? 0;
    sums.leaf += entry.leaf.length;
  }
  const of = (sum: number): number => Math.round(sum / sums.sample);
  return sums.sample === 0 ? undefined : { sample: sums.sample, content: of(sums.content), evidence: of(sums.evidence), leaf: of(sums.leaf) };
}

/** How many claims begin so. */
async function countOf(prefix: string, inventory: Pick<RecordInventory, "claimsBeginning">): Promise<number> {
  let count = 0;
  for await (const keys of inventory.claimsBeginning(prefix)) count += keys.length;
  return count;
}
