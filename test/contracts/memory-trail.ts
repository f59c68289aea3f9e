import { AppError } from "../../src/core/errors.ts";
import type { NodePosition } from "../../src/core/crypto/merkle.ts";
import type { DayKey, KeptBatch, NewBatch, TrailCursor, TrailQuestion, TrailStore, TrailTally } from "../../src/pipeline/trail/trail-store.ts";

/** The audit trail in memory: what the port says, as plainly as it can be said. */
export class MemoryTrail implements TrailStore {
  readonly #batches: NewBatch[] = [];
  readonly #keys = new Map<string, Uint8Array>();
  readonly #ended = new Set<string>();
  /** Set, every call fails with it. */
  fault: AppError | undefined;

  async append(batch: NewBatch): Promise<"appended" | "behind"> {
    await this.#may();
    if (this.#of(batch.log).length !== batch.index) return "behind";
    this.#batches.push(structuredClone(batch));
    return "appended";
  }

  async extend(batches: readonly NewBatch[]): Promise<"appended" | "behind"> {
    for (const batch of batches) if ((await this.append(batch)) === "behind") return "behind";
    return "appended";
  }

  async tally(): Promise<TrailTally> {
    await this.#may();
    const at = this.#batches.flatMap(({ from, to }) => [from, to]).sort();
    return {
      ...{ batches: this.#batches.length, events: this.#batches.reduce((sum, { events }) => sum + events, 0), keys: this.#keys.size },
      ...{ days: new Set(this.#batches.map(({ day }) => day)).size, from: at[0], to: at.at(-1) },
    };
  }

  async checkpoint(log: string): Promise<{ readonly size: number; readonly note: string } | undefined> {
    await this.#may();
    const newest = this.#of(log).at(-1);
    return newest && { size: newest.index + 1, note: newest.note };
  }

  async nodes(log: string, positions: readonly NodePosition[]): Promise<Uint8Array[]> {
    await this.#may();
    const nodes = this.#of(log).flatMap((batch) => batch.nodes);
    return positions.map(({ level, index }) => {
      const found = nodes.find((node) => node.level === level && node.index === index);
      if (!found) throw new AppError("damaged", `no node ${level}/${index}`);
      return found.hash;
    });
  }

  async logs(): Promise<string[]> {
    await this.#may();
    return [...new Set(this.#batches.map(({ log }) => log))].sort();
  }

  async batches(log: string, from: number, count: number): Promise<(KeptBatch & { readonly note: string })[]> {
    await this.#may();
    return this.#of(log).slice(from, from + count).map((batch) => ({ ...kept(batch), note: batch.note })); // prettier-ignore
  }

  async find({ tokens, anyOf = [], since, until, after }: TrailQuestion, count: number): Promise<KeptBatch[]> {
    await this.#may();
    return this.#batches
      .filter((batch) => tokens.every((token) => !this.#ended.has(batch.day) && batch.tokens.includes(token)))
      .filter((batch) => anyOf.every((group) => !this.#ended.has(batch.day) && group.some((token) => batch.tokens.includes(token))))
      .filter((batch) => (since === undefined || batch.to >= since) && (until === undefined || batch.from <= until))
      .filter((batch) => after === undefined || compare(batch, after) < 0)
      .toSorted((one, other) => compare(other, one))
      .slice(0, count)
      .map(kept);
  }

  async keepKey({ name, wrapped }: DayKey): Promise<Uint8Array> {
    await this.#may();
    if (this.#ended.has(name.slice(0, 10))) throw new AppError("unavailable", "ended");
    const standing = this.#keys.get(name) ?? wrapped;
    this.#keys.set(name, standing);
    return standing;
  }

  async key(name: string): Promise<Uint8Array | undefined> {
    await this.#may();
    return this.#keys.get(name);
  }

  async keys(): Promise<DayKey[]> {
    await this.#may();
    return [...this.#keys].map(([name, wrapped]) => ({ name, wrapped })).sort((one, other) => (one.name < other.name ? -1 : 1));
  }

  async replaceKey(name: string, from: Uint8Array, to: Uint8Array): Promise<boolean> {
    await this.#may();
    if (!Buffer.from(from).equals(this.#keys.get(name) ?? new Uint8Array())) return false;
    this.#keys.set(name, to);
    return true;
  }

  async endDays(days: readonly string[]): Promise<void> {
    await this.#may();
    for (const day of days) {
      this.#ended.add(day);
      for (const name of this.#keys.keys()) if (name.startsWith(`${day}/`)) this.#keys.delete(name);
    }
  }

  async endedDays(): Promise<string[]> {
    await this.#may();
    return [...this.#ended].sort();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #of(log: string): NewBatch[] {
    return this.#batches.filter((batch) => batch.log === log);
  }

  async #may(): Promise<void> {
    await Promise.resolve();
    if (this.fault) throw this.fault;
  }
}

function kept({ tokens: _tokens, nodes: _nodes, note: _note, ...batch }: NewBatch): KeptBatch {
  return batch;
}

function compare(one: TrailCursor, other: TrailCursor): number {
  if (one.to !== other.to) return one.to < other.to ? -1 : 1;
  if (one.log !== other.log) return one.log < other.log ? -1 : 1;
  return one.index - other.index;
}
