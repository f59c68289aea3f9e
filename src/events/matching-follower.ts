/**
 * Follows the log, and gives each event that somebody wants to know, and may know, its number: `matching` of docs/design/events.md. Of several instances one works at a time, as a rule; when two do, numbers have no gap all
 * the same, because each is given by compare-and-swap, and what was given is recognised by its place in the log.
 */
import { randomUUID } from "node:crypto";
import type { FollowerPositions } from "../followers/position-port.ts";
import { Follower } from "../followers/follower.ts";
import type { LogEntry } from "../pipeline/store/record-store.ts";
import type { EventCount, EventRows, SubscriptionEvent } from "./event-rows.ts";
import { happened, type DocumentSource, type Happening } from "./happened.ts";
import { Matching, type MatchingOptions } from "./matching.ts";
import type { EventKind, HeldSubscription } from "./subscription.ts";
import { FILTERED } from "./wanted-criteria.ts";

/** Which resources of a document are to be told of, and of what: `Type/id`. */
export interface AboutDocument {
  readonly documentId: string;
  readonly kind: EventKind;
  readonly foci: readonly string[];
}

export interface MatchingFollowerOptions extends MatchingOptions {
  readonly rows: Pick<EventRows, "counts" | "append">;
  readonly log: { size(): Promise<number>; entries(from: number, count: number): Promise<LogEntry[]> };
  readonly positions: FollowerPositions;
  /** All that are not deleted, as of the log's end; and how many changes there were. */
  readonly subscriptions: { all(): Promise<readonly HeldSubscription[]>; changes(): Promise<number> };
  readonly source: DocumentSource;
  /** Those of the foci of which the owner of a subscription may know now. AppErrors of whatever keeps it from being decided: it is asked again. */
  mayKnow(subscription: HeldSubscription, about: AboutDocument): Promise<ReadonlySet<string>>;
  /** Told of subscriptions that have more events. */
  onEvents(subscriptions: ReadonlySet<string>): void;
  /** How often it is looked for entries of other processes, in milliseconds. */
  readonly poll?: number;
}

/** Its position is kept by this name. */
export const MATCHING = "matching";
const POLL = 250;
/** In milliseconds: whoever subscribed waits for no longer when a process dies. */
const LEASE = 4_000;
/** Events are appended so many at a time. */
const TOGETHER = 5_000;

/** What is to be appended for one subscription, in order, without numbers. */
type Unnumbered = Omit<SubscriptionEvent, "number">;

export class MatchingFollower {
  readonly #options: MatchingFollowerOptions;
  readonly #matching: Matching;
  readonly #follower: Follower<undefined>;
  /** As far as they are known here: others may have gone on. */
  readonly #counts = new Map<string, EventCount>();
  /** Who asks, for what purpose: what a decision about a document goes by. */
  readonly #askers = new WeakMap<HeldSubscription, string>();
  #changes: number | undefined;
  #starting: Promise<void> | undefined;
  #isClosed = false;

  constructor(options: MatchingFollowerOptions) {
    this.#options = options;
    this.#matching = new Matching(options);
    const { log, positions, onFault, poll = POLL } = options;
    this.#follower = new Follower<undefined>({
      ...{ name: MATCHING, holder: randomUUID(), log, positions, poll, lease: LEASE },
      open: () => Promise.resolve(undefined),
      act: ({ entry }) => this.match([entry]),
      actOnAll: (entries) => this.match(entries),
      concerns: ({ kind }) => kind === "deposit" || kind === "erasure",
      beginsAt: "end",
      onFailure: "retry",
      onFault: (error) => onFault(error),
    });
  }

  /** Begins to follow: where it stood, or from the first subscription on. */
  start(): void {
    this.#starting ??= this.#begin();
  }

  /** Says that the log has grown. Returns at once. */
  wake(): void {
    this.#follower.wake();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#starting;
    await this.#follower.close();
  }

  /** Gives their numbers to all events of entries that follow each other. What has its number already keeps it. */
  async match(entries: readonly LogEntry[]): Promise<void> {
    await this.#look();
    const { wanted } = this.#matching;
    if (wanted.size === 0) return;
    const open = new Map<string, Unnumbered[]>();
    let count = 0;
    const appendAll = async (): Promise<void> => {
      await this.#append(open);
      open.clear();
      count = 0;
    };
    for (const entry of entries) {
      for (const happening of await happened(entry, this.#options.source, wanted)) {
        for await (const [id, events] of this.#events(happening)) {
          count += events.length;
          open.set(id, (open.get(id) ?? []).concat(events));
          // What one entry gives a subscription is appended at once: that it superseded several is told by several happenings.
          if (count >= TOGETHER && happening.kind !== "superseded") await appendAll();
        }
      }
      if (count >= TOGETHER) await appendAll();
    }
    await appendAll();
  }

  async #begin(): Promise<void> {
    const { log, positions, subscriptions, onFault } = this.#options;
    for (let pause = 100; !this.#isClosed; pause = Math.min(2 * pause, 60_000)) {
      try {
        if ((await positions.read(MATCHING)) === undefined) {
          // What is created from here on is matched from behind this size on.
          const size = await log.size();
          await positions.begin(MATCHING, Math.min(size, ...(await subscriptions.all()).map(({ from }) => from)));
        }
        return this.#follower.start();
      } catch (error) {
        onFault(error);
        await new Promise((resolve) => setTimeout(resolve, pause).unref());
      }
    }
  }

  /** Takes subscriptions as they stand by now: whatever is entered before an entry that was read is among them. */
  async #look(): Promise<void> {
    const { subscriptions } = this.#options;
    const changes = await subscriptions.changes();
    if (changes === this.#changes) return;
    this.#matching.take(await subscriptions.all());
    this.#changes = changes;
  }

  /** The events of those whose owners may know of it. Subscriptions of one owner are decided about together. */
  async *#events(happening: Happening): AsyncGenerator<readonly [string, Unnumbered[]]> {
    const { mayKnow } = this.#options;
    const { position, at, kind, documentId, by } = happening;
    for (const own of Map.groupBy(await this.#matching.told(happening), ({ subscription }) => this.#askerOf(subscription)).values()) {
      const [first] = own;
      if (!first) continue;
      const asked = new Set<string>();
      for (const { foci } of own) for (const focus of foci) asked.add(focus);
      const permitted = await mayKnow(first.subscription, { documentId, kind, foci: [...asked] });
      if (permitted.size === 0) continue;
      const other = by === undefined ? [] : [...(await mayKnow(first.subscription, { documentId: by, kind, foci: [`${FILTERED}/${by}`] }))];
      for (const { subscription, foci } of own) {
        const told = foci.filter((focus) => permitted.has(focus));
        if (told.length > 0)
          yield [subscription.id, told.map((focus) => ({ subscription: subscription.id, position, kind, at, focus: [focus, ...other] }))];
      }
    }
  }

  #askerOf(subscription: HeldSubscription): string {
    const known = this.#askers.get(subscription) ?? JSON.stringify([subscription.owner, subscription.purpose]);
    this.#askers.set(subscription, known);
    return known;
  }

  async #append(open: ReadonlyMap<string, readonly Unnumbered[]>): Promise<void> {
    const { rows, onEvents } = this.#options;
    let left = [...open.keys()];
    while (left.length > 0) {
      await this.#count(left.filter((id) => !this.#counts.has(id)));
      const events = left.flatMap((id) => numbered(open.get(id) ?? [], this.#counts.get(id)));
      const late = await rows.append(events);
      for (const event of events)
        if (!late.has(event.subscription)) this.#counts.set(event.subscription, { count: event.number, position: event.position });
      const told = new Set(events.map(({ subscription }) => subscription));
      if (told.size > 0) onEvents(told);
      left = left.filter((id) => late.has(id));
      for (const id of left) this.#counts.delete(id);
    }
  }

  async #count(ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    for (const [id, count] of await this.#options.rows.counts(ids)) this.#counts.set(id, count);
  }
}

/** What has none yet gets the numbers that follow: places in the log up to the last one's were matched, by whomever. */
function numbered(events: readonly Unnumbered[], { count, position }: EventCount = { count: 0, position: -1 }): SubscriptionEvent[] {
  return events.filter((event) => event.position > position).map((event, at) => ({ ...event, number: count + at + 1 }));
}
