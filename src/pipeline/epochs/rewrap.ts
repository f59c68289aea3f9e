/** The pass in which every document's key is wrapped anew, while deposits and erasures go on; and the proof that nothing of an epoch is left. */
import type { Keys } from "../../core/crypto/keys.ts";
import { wrapperOf } from "../../core/envelope.ts";
import { AppError } from "../../core/errors.ts";
import { erasureClaim } from "../erasures.ts";
import type { DocumentKeys, KeyMove, WrappedKeys } from "../store/document-keys.ts";
import type { KeyRow, RecordInventory } from "../store/record-inventory.ts";
import type { RecordStore } from "../store/record-store.ts";

export interface RewrapSource {
  readonly store: Pick<RecordStore, "checkpoint" | "claimed">;
  readonly inventory: Pick<RecordInventory, "keys" | "claimsBeginning">;
  readonly wrappedKeys: Pick<WrappedKeys, "replace">;
  /** As they are kept, whatever the log says of erasures. */
  readonly documentKeys: Pick<DocumentKeys, "read" | "destroy">;
  readonly keys: Pick<Keys, "unwrap" | "master">;
}

export interface RewrapTold {
  /** @param looked keys that were looked at, of about so many */
  onProgress(looked: number, all: number): void;
  /** Told of each key that cannot be opened, in a sentence. */
  onFault(text: string): void;
}

export interface Rewrapped {
  /** Keys that were wrapped anew. */
  readonly rewrapped: number;
  /** Keys of erased documents that were found and destroyed. */
  readonly destroyed: number;
  /** Keys that are of an earlier epoch still: they cannot be opened. */
  readonly left: number;
}

/** Keys that are replaced together: one transaction, which others wait for. */
const BATCH = 200;
/** How often all keys are looked at: one pass finds all, the next shows it; a third one is for what another process did meanwhile. */
const PASSES = 3;

/** Wraps in an epoch every key that is not. Interrupted anywhere, it is run again; two at once come to the same. */
export async function rewrapKeys(epoch: number, source: RewrapSource, told: RewrapTold): Promise<Rewrapped> {
  const pass = new Pass(epoch, source, told);
  for (let number = 0; number < PASSES; number++) if ((await pass.run()) === 0) break;
  return { ...(await pass.result()), destroyed: pass.destroyed + (await destroyErased(source)) };
}

class Pass {
  readonly #epoch: number;
  readonly #keyId: string;
  readonly #source: RewrapSource;
  readonly #told: RewrapTold;
  /** Names of rows that cannot be opened: each is told of once. */
  readonly #faulty = new Set<string>();
  #rewrapped = 0;
  destroyed = 0;

  constructor(epoch: number, source: RewrapSource, told: RewrapTold) {
    this.#epoch = epoch;
    this.#source = source;
    this.#told = told;
    this.#keyId = source.keys.master.epochs().find((one) => one.epoch === epoch)?.keyId ?? "";
    if (this.#keyId === "") throw new AppError("unavailable", `the master key of epoch ${epoch} is not here`);
  }

  /** Looks at all keys; gives how many were found that had to be replaced. */
  async run(): Promise<number> {
    const { store, inventory } = this.#source;
    const all = (await store.checkpoint())?.size ?? 0;
    let [looked, found] = [0, 0];
    for await (const page of inventory.keys()) {
      const old = page.filter(
        ({ name, wrappedKey, index }) => index !== undefined && wrapperOf(wrappedKey) !== this.#keyId && !this.#faulty.has(name),
      );
      found += old.length;
      for (let at = 0; at < old.length; at += BATCH) await this.#replace(old.slice(at, at + BATCH));
      looked += page.length;
      this.#told.onProgress(Math.min(looked, all), all);
    }
    return found;
  }

  async result(): Promise<Pick<Rewrapped, "rewrapped" | "left">> {
    let left = 0;
    // What cannot be opened may have been erased since it was met.
    if (this.#faulty.size > 0)
      for await (const page of this.#source.inventory.keys()) left += page.filter(({ name }) => this.#faulty.has(name)).length;
    return { rewrapped: this.#rewrapped, left };
  }

  async #replace(rows: readonly KeyRow[]): Promise<void> {
    const { store, documentKeys, wrappedKeys } = this.#source;
    const erased = await store.claimed(rows.flatMap(({ id }) => (id === undefined ? [] : [erasureClaim(id)])));
    const moves: KeyMove[] = [];
    for (const row of rows) {
      const { id } = row;
      if (id === undefined) continue;
      if (erased.has(erasureClaim(id))) {
        // Whoever finds it destroys it.
        await documentKeys.destroy(id);
        this.destroyed++;
        continue;
      }
      const to = await this.#wrapped(id, row);
      if (to) moves.push({ documentId: id, from: row.wrappedKey, to });
    }
    this.#rewrapped += await wrappedKeys.replace(this.#epoch, moves);
  }

  async #wrapped(id: string, { name, wrappedKey }: KeyRow): Promise<Uint8Array | undefined> {
    const { keys } = this.#source;
    try {
      return await keys.master.wrapUnder(this.#epoch, await keys.unwrap(wrappedKey, id), id);
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== "damaged") throw error;
      this.#faulty.add(name);
      this.#told.onFault(error.message);
      return undefined;
    }
  }
}

/** Destroys what is left of the keys of erased documents; gives how many there were. */
async function destroyErased({ inventory, documentKeys }: Pick<RewrapSource, "inventory" | "documentKeys">): Promise<number> {
  const prefix = erasureClaim("");
  let count = 0;
  for await (const claims of inventory.claimsBeginning(prefix))
    for (const claim of claims) {
      const id = claim.slice(prefix.length);
      const isThere = await documentKeys.read(id).then(
        (key) => key !== undefined,
        () => true,
      );
      if (isThere) await documentKeys.destroy(id);
      if (isThere) count++;
    }
  return count;
}

/** How many documents' keys are wrapped by each master key, by its id; empty: in no form that we know. */
export async function keysByWrapper(inventory: Pick<RecordInventory, "keys">, onProgress?: (looked: number) => void): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  let looked = 0;
  for await (const page of inventory.keys()) {
    for (const { wrappedKey } of page) counts.set(wrapperOf(wrappedKey), (counts.get(wrapperOf(wrappedKey)) ?? 0) + 1);
    onProgress?.((looked += page.length));
  }
  return counts;
}
