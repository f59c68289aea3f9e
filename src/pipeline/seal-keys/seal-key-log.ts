/** What the log tells of seal keys. Its entries about them are numbered by claims, so that of two that are made at once one is first, and all are found without looking through the log. */
import type { SealKeysTold } from "../../core/crypto/keys.ts";
import { formatSealKeyEnded, parseSealKeyLeaf, type SealKeyEnded, type SignedBeginning } from "../../core/formats/seal-key.ts";
import { numberedEntries, type NumberedEntry } from "../log/numbered-entries.ts";
import type { Unit } from "../log/queue.ts";
import type { RecordStore } from "../store/record-store.ts";

/** The claim of the entry about seal keys that so many came before. */
export function sealKeyClaim(place: number): string {
  return `seal-key:${place}`;
}

/** The claim of the entry that ends a seal key: no commit may have what that key sealed once somebody bears it. */
export function sealKeyEndClaim(number: number): string {
  return `seal-key-ended:${number}`;
}

/** An entry about a seal key, and what it says. */
export type SealKeyEntry = NumberedEntry<SignedBeginning | SealKeyEnded>;

/** How they are found. */
export const SEAL_KEYS = { claimOf: sealKeyClaim, parse: parseSealKeyLeaf };

/** The entries about seal keys, in their order, as the database has them: whoever does something upon them holds them against the tree (`SealKeyWatch`). @param from how many are known already */
export async function sealKeyEntries(store: Pick<RecordStore, "claimed">, from = 0): Promise<readonly SealKeyEntry[]> {
  return (await numberedEntries(SEAL_KEYS, store, from)).entries;
}

/** What they come to. */
export function toldBy(entries: readonly SealKeyEntry[]): SealKeysTold {
  const said = entries.map((one) => one.said);
  const begun = said.filter((one) => one.kind === "seal-key-begun").map(({ number, from, chain }) => ({ number, from: new Date(from), chain }));
  const ended = said
    .filter((one) => one.kind === "seal-key-ended")
    .map(({ number, since, before, reason }) => ({ number, since: new Date(since), before, reason }));
  return { begun, ended };
}

/** An entry that begins a key, as it is entered in the log. @param place how many entries about seal keys came before */
export function beginningUnit({
  id,
  at,
  leaf,
  place,
}: {
  readonly id: string;
  readonly at: string;
  readonly leaf: Uint8Array;
  readonly place: number;
}): Unit {
  return [{ id, kind: "seal-key-begun", receivedAt: at, leaf, claims: [{ key: sealKeyClaim(place), value: new Uint8Array() }] }];
}

/** An entry that ends a key. */
export function endingUnit(ended: SealKeyEnded, place: number): Unit {
  const claims = [sealKeyClaim(place), sealKeyEndClaim(ended.number)].map((key) => ({ key, value: new Uint8Array() }));
  return [{ id: ended.id, kind: ended.kind, receivedAt: ended.at, leaf: formatSealKeyEnded(ended), claims }];
}

/** How many entries of the log were made before a moment: its times never go back, so that it is found by halving. */
export async function entriesBefore(moment: Date, store: Pick<RecordStore, "checkpoint" | "entries">): Promise<number> {
  let [from, to] = [0, (await store.checkpoint())?.size ?? 0];
  const instant = moment.toISOString();
  while (from < to) {
    const middle = Math.floor((from + to) / 2);
    const [entry] = await store.entries(middle, 1);
    if (entry !== undefined && entry.receivedAt < instant) from = middle + 1;
    else to = middle;
  }
  return from;
}
