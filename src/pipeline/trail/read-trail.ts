import type { AuditKeys } from "../../core/crypto/keys.ts";
import type { TrailEvent } from "../../core/formats/audit-trail.ts";
import { openEvents } from "./open-batch.ts";
import type { TrailKeys } from "./trail-keys.ts";
import type { TrailCursor, TrailStore } from "./trail-store.ts";

/** Which events are looked for. */
export interface EventQuestion {
  /** Words of trail-words.ts that each event must have. */
  readonly words: readonly string[];
  /** Groups of words, of each of which an event must have one at least. */
  readonly anyOf?: readonly (readonly string[])[];
  /** Instants. */
  readonly since?: string;
  readonly until?: string;
  /** Whether an event with these words is one of those. */
  matches(event: TrailEvent): boolean;
}

/** Where a page ended: behind so many matches of the batch that was looked at last. */
export interface EventCursor {
  readonly batch: TrailCursor | undefined;
  readonly skipped: number;
}

export interface EventPage {
  readonly events: readonly TrailEvent[];
  /** Undefined when this is the last. */
  readonly next: EventCursor | undefined;
}

const BATCHES = 200;
/** So many batches are opened for one page at most: a question that nothing matches comes to its end page by page. */
const MOST_OPENED = 20_000;

/** Reads the audit trail, the newest first. */
export class TrailReading {
  readonly #store: Pick<TrailStore, "find">;
  readonly #keys: Pick<AuditKeys, "tokenOf">;
  readonly #dayKeys: Pick<TrailKeys, "toRead" | "forget">;

  constructor(store: Pick<TrailStore, "find">, keys: Pick<AuditKeys, "tokenOf">, dayKeys: Pick<TrailKeys, "toRead" | "forget">) {
    this.#store = store;
    this.#keys = keys;
    this.#dayKeys = dayKeys;
  }

  /** At most `count` events, and at most so many batches opened; of days whose keys were destroyed none. AppErrors `damaged`, `unavailable`. */
  async find(
    { words, anyOf = [], since, until, matches }: EventQuestion,
    count: number,
    from?: EventCursor,
    mostOpened: number = MOST_OPENED,
  ): Promise<EventPage> {
    this.#dayKeys.forget();
    const tokensOf = (some: readonly string[]): string[] => some.map((word) => this.#keys.tokenOf(word));
    const given = {
      tokens: tokensOf(words),
      anyOf: anyOf.map(tokensOf),
      ...(since !== undefined && { since }),
      ...(until !== undefined && { until }),
    };
    const events: TrailEvent[] = [];
    let after = from?.batch;
    let skip = from?.skipped ?? 0;
    for (let opened = 0; opened < mostOpened;) {
      const batches = await this.#store.find({ ...given, ...(after && { after }) }, BATCHES);
      for (const batch of batches) {
        const own = ((await openEvents(batch, this.#dayKeys)) ?? []).filter(matches).toReversed();
        const fresh = own.slice(skip);
        const room = count - events.length;
        events.push(...fresh.slice(0, room));
        if (fresh.length > room) return { events, next: { batch: after, skipped: skip + room } };
        skip = 0;
        after = { to: batch.to, log: batch.log, index: batch.index };
      }
      opened += batches.length;
      if (batches.length < BATCHES) return { events, next: undefined };
      if (events.length === count) break;
    }
    return { events, next: { batch: after, skipped: 0 } };
  }
}
