/** Batches of an audit trail made again in another store, as they were: the same leaves, the same checkpoints, the same tree. What they are found by is made anew of their events. */
import type { AuditKeys, Keys } from "../../core/crypto/keys.ts";
import { digestOf, equalBytes } from "../../core/crypto/digest.ts";
import type { GrowingTree } from "../../core/crypto/growing-tree.ts";
import { leafHash } from "../../core/crypto/merkle.ts";
import { AppError } from "../../core/errors.ts";
import type { TrailEvent } from "../../core/formats/audit-trail.ts";
import { checkpointUnder } from "../../core/formats/new-origin.ts";
import { leafOfBatch, openEventsUnder } from "../trail/open-batch.ts";
import { boundTo, dayOf, nameOf } from "../trail/trail-keys.ts";
import { openTreeOf } from "../trail/trail-log.ts";
import type { MarkedBatch, NewBatch, TrailStore } from "../trail/trail-store.ts";
import { batchWord, wordsOf } from "../trail/trail-words.ts";

/** Days of which the opened key is remembered. */
const REMEMBERED = 400;

export interface TrailReplayNeeds {
  readonly store: Pick<TrailStore, "checkpoint" | "nodes" | "batches" | "extend" | "keepKey" | "endDays" | "endedDays" | "keys">;
  readonly keys: Pick<Keys, "unwrap"> & { readonly audit: AuditKeys };
  /** A day's wrapped key as it stood where the batches come from; undefined when it was destroyed. */
  dayKey(name: string): Promise<Uint8Array | undefined>;
  /** Where it is made again, for people. */
  readonly name: string;
}

export class TrailReplay {
  readonly #needs: TrailReplayNeeds;
  readonly #trees = new Map<string, GrowingTree>();
  readonly #dayKeys = new Map<string, Uint8Array | undefined>();
  /** Days that were ended where it is made again: their keys must not come back. */
  #endedThere: ReadonlySet<string> | undefined;
  /** Days of batches whose key was not there any more. */
  readonly #endedDays = new Set<string>();
  #added = 0;
  #ended = 0;

  constructor(needs: TrailReplayNeeds) {
    this.#needs = needs;
  }

  /** Batches that were made again by this run, and how many of those are of days whose keys were destroyed. */
  get made(): { readonly added: number; readonly ended: number } {
    return { added: this.#added, ended: this.#ended };
  }

  /**
   * Makes a run of batches of one log again, durably; those that an earlier run made are compared. What was there before is never replaced.
   *
   * @throws AppError `damaged` when a batch is not what was written; `conflict` when another trail is there.
   */
  async take(log: string, batches: readonly MarkedBatch[]): Promise<void> {
    const { store, keys } = this.#needs;
    const { vkey } = keys.audit.signerOf(log);
    const tree = this.#trees.get(log) ?? (await openTreeOf(log, store, vkey));
    this.#trees.set(log, tree);
    const there = batches.filter(({ index }) => index < tree.size);
    const last = there.at(-1);
    if (last) await this.#compare(last);
    const fresh: NewBatch[] = [];
    for (const batch of batches.slice(there.length)) {
      if (batch.index !== tree.size) throw new AppError("damaged", `the audit log ${log} is not whole: the batch ${tree.size} is missing`);
      const nodes = tree.append(leafHash(batch.leaf));
      const { size, root } = checkpointUnder(batch.note, vkey);
      if (size !== tree.size || !equalBytes(root, tree.root()))
        throw new AppError("damaged", `the checkpoint of batch ${batch.index} of the audit log ${log} is not that of the batches before it`);
      fresh.push({ ...batch, nodes, tokens: await this.#tokensOf(batch) });
    }
    if (fresh.length === 0) return;
    if ((await store.extend(fresh)) === "behind") throw new AppError("conflict", `somebody else writes to the audit log ${log} in ${this.#needs.name}: stop every service there, and run it again`); // prettier-ignore
    this.#added += fresh.length;
  }

  /** When all was taken: days without any key are ended here too, so that it is said of them. */
  async finish(): Promise<void> {
    const { store } = this.#needs;
    const known = new Set([...(await store.endedDays()), ...(await store.keys()).map(({ name }) => dayOf(name))]);
    const days = [...this.#endedDays].filter((day) => !known.has(day));
    if (days.length > 0) await store.endDays(days);
  }

  async #compare({ log, index, note }: MarkedBatch): Promise<void> {
    const [standing] = await this.#needs.store.batches(log, index, 1);
    if (standing?.index !== index || standing.note !== note)
      throw new AppError("conflict", `there is another audit trail in ${this.#needs.name} already: its first ${index + 1} batches of the log ${log} are not these. Move it away first, and keep it`); // prettier-ignore
  }

  async #tokensOf(batch: MarkedBatch): Promise<string[]> {
    const { audit } = this.#needs.keys;
    const leaf = leafOfBatch(batch);
    if (leaf.sealedDigest !== digestOf(batch.sealed)) throw new AppError("damaged", `the events of batch ${batch.index} of the audit log ${batch.log} are not those of its leaf`); // prettier-ignore
    const words = new Set([batchWord(leaf.id), ...(await this.#eventsOf(batch, leaf.id)).flatMap(wordsOf)]);
    return [...words].map((word) => audit.tokenOf(word));
  }

  async #eventsOf(batch: MarkedBatch, id: string): Promise<readonly TrailEvent[]> {
    const { log, day } = batch;
    const key = await this.#keyOf(nameOf(day, log));
    if (key) return openEventsUnder(key, batch, id);
    this.#ended += 1;
    this.#endedDays.add(day);
    return [];
  }

  /** The key lies there before the first batch that is encrypted under it. */
  async #keyOf(name: string): Promise<Uint8Array | undefined> {
    if (this.#dayKeys.has(name)) return this.#dayKeys.get(name);
    this.#endedThere ??= new Set(await this.#needs.store.endedDays());
    const wrapped = this.#endedThere.has(dayOf(name)) ? undefined : await this.#needs.dayKey(name);
    const standing = wrapped && (await this.#needs.store.keepKey({ name, wrapped }));
    const key = standing && (await this.#needs.keys.unwrap(standing, boundTo(name)));
    if (this.#dayKeys.size >= REMEMBERED) this.#dayKeys.clear();
    this.#dayKeys.set(name, key);
    return key;
  }
}
