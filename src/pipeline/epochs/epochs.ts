/**
 * Epochs of the master key, as the log tells of them. That one was begun is an entry, which bears a claim: every commit asks at the size that it is made upon whether its keys are of an epoch that a
 * later one has followed, so that after this entry no key of an earlier epoch is ever committed (docs/design/epochs.md).
 */
import type { MasterKeys } from "../../core/crypto/keys.ts";
import { wrapperOf } from "../../core/envelope.ts";
import { AppError } from "../../core/errors.ts";
import { formatMasterKeyLeaf, type MasterKeyKind } from "../../core/formats/master-key.ts";
import type { Unit } from "../log/queue.ts";
import type { RecordStore } from "../store/record-store.ts";

/** What the key of an epoch wraps in its entry, under this name in a document's place: bytes that say nothing. Whoever has the same key can open them. */
const NAME = "repository";
const NOTHING = new Uint8Array(32);
/** Epochs that are asked for at once. */
const RUN = 8;

/** The claim of the entry that begins an epoch. */
export function beginClaim(epoch: number): string {
  return `master-key:${epoch}`;
}

/** The claim of the entry that ends one. */
export function endClaim(epoch: number): string {
  return `master-key-ended:${epoch}`;
}

/** An entry about an epoch. */
export interface EpochEntry {
  readonly epoch: number;
  readonly keyId: string;
  readonly index: number;
  /** An instant. */
  readonly at: string;
  /** What the key wrapped (`isKeyOf`). */
  readonly wrapped: Uint8Array;
}

/** What the log says of epochs. The first one was begun by no entry. */
export interface EpochsInLog {
  /** By epoch. */
  readonly begun: ReadonlyMap<number, EpochEntry>;
  readonly ended: ReadonlyMap<number, EpochEntry>;
  /** The newest that was begun; 1 when none was. */
  readonly newest: number;
}

/** All that the log says; of a log that was restored from before an epoch began, that one is missing. */
export async function epochsInLog(store: Pick<RecordStore, "claimed">): Promise<EpochsInLog> {
  const begun = new Map<number, EpochEntry>();
  const ended = new Map<number, EpochEntry>();
  for (let from = 1; ; from += RUN) {
    const epochs = Array.from({ length: RUN }, (_, at) => from + at);
    const found = await entriesOf(store, epochs, epochs);
    for (const entry of found.begun) begun.set(entry.epoch, entry);
    for (const entry of found.ended) ended.set(entry.epoch, entry);
    if (found.begun.length === 0) return { begun, ended, newest: Math.max(1, ...begun.keys()) };
  }
}

/** The entries that begin or end some epochs, of those that there are. */
export async function entriesOf(
  store: Pick<RecordStore, "claimed">,
  begun: readonly number[],
  ended: readonly number[],
): Promise<{ readonly begun: readonly EpochEntry[]; readonly ended: readonly EpochEntry[] }> {
  const found = await store.claimed([...begun.map(beginClaim), ...ended.map(endClaim)]);
  const entryOf = (epoch: number, claim: string): EpochEntry[] => {
    const claimed = found.get(claim);
    if (claimed === undefined) return [];
    const { entry, value } = claimed;
    return [{ epoch, keyId: wrapperOf(value), index: entry.index, at: entry.receivedAt, wrapped: value }];
  };
  return {
    begun: begun.flatMap((epoch) => entryOf(epoch, beginClaim(epoch))),
    ended: ended.flatMap((epoch) => entryOf(epoch, endClaim(epoch))),
  };
}

/** Whether a key that is here is the one that an entry names. */
export function isKeyOf({ epoch, keyId }: EpochEntry, master: Pick<MasterKeys, "epochs">): boolean {
  return master.epochs().some((one) => one.epoch === epoch && one.keyId === keyId && !one.isEnded);
}

/** The entry, as it is entered in the log. AppError `unavailable` when the epoch's key is not here. */
export async function epochUnit(
  { kind, epoch }: { readonly kind: MasterKeyKind; readonly epoch: number },
  { master, id, at }: { readonly master: Pick<MasterKeys, "epochs" | "wrapUnder">; readonly id: string; readonly at: string },
): Promise<Unit> {
  const known = master.epochs().find((one) => one.epoch === epoch);
  if (known === undefined) throw new AppError("unavailable", `the master key of epoch ${epoch} is not here`);
  const { keyId } = known;
  const value = await master.wrapUnder(epoch, NOTHING, NAME);
  const claims = [{ key: kind === "master-key-begun" ? beginClaim(epoch) : endClaim(epoch), value }];
  return [{ id, kind, receivedAt: at, leaf: formatMasterKeyLeaf({ kind, id, at, epoch, keyId }), claims }];
}
