/** Which of several processes serves which subscriptions: by leases upon parts of them, so that those of one that died are served by another within half a minute. */
import type { FollowerPositions } from "../followers/position-port.ts";

/** Parts that all subscriptions are divided into; for ever, since processes of several versions may serve at once. */
export const SHARDS = 8;
/** How long a lease is good for, in milliseconds; it is taken again when half of it has run. */
const LEASE = 30_000;

/** The part of a subscription, by its id (a UUID). */
export function shardOf(id: string): number {
  return Number.parseInt(id.slice(0, 2), 16) % SHARDS || 0;
}

/**
 * Leases are advice and no lock: that two serve the same for a moment costs a notification that is sent twice, and where a receiver stands is kept by compare-and-swap.
 */
export class Shards {
  readonly #positions: Pick<FollowerPositions, "begin" | "lease" | "release">;
  readonly #holder: string;
  readonly #until = new Map<number, number>();
  readonly #begun = new Set<number>();

  /** @param holder of this process, unique among all that share the log */
  constructor(positions: Pick<FollowerPositions, "begin" | "lease" | "release">, holder: string) {
    this.#positions = positions;
    this.#holder = holder;
  }

  isHeld(id: string): boolean {
    return (this.#until.get(shardOf(id)) ?? 0) > Date.now();
  }

  /** Keeps what is held, and takes what nobody else holds: of the free ones a quarter at a time, so that several that start together share. Gives whether any was taken, so that there may be more. */
  async look(): Promise<boolean> {
    let mayTake = SHARDS / 4;
    for (let shard = 0; shard < SHARDS; shard++) {
      const now = Date.now();
      const until = this.#until.get(shard) ?? 0;
      if (until - now > LEASE / 2 || (until <= now && mayTake === 0)) continue;
      const isOurs = await this.#lease(shard, now);
      if (isOurs && until <= now) mayTake--;
      if (isOurs) this.#until.set(shard, now + LEASE);
      else this.#until.delete(shard);
    }
    return mayTake < SHARDS / 4;
  }

  /** Gives all back. */
  async release(): Promise<void> {
    const held = [...this.#until.keys()];
    this.#until.clear();
    for (const shard of held) await this.#positions.release(nameOf(shard), this.#holder).catch(() => undefined);
  }

  async #lease(shard: number, now: number): Promise<boolean> {
    if (!this.#begun.has(shard)) await this.#positions.begin(nameOf(shard), 0);
    this.#begun.add(shard);
    return this.#positions.lease(nameOf(shard), this.#holder, { now, until: now + LEASE });
  }
}

function nameOf(shard: number): string {
  return `delivering/${shard}`;
}
