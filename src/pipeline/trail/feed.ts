/**
 * The audit trail as it is fed to a repository elsewhere (IHE ITI-20): every event, oldest first, once or more often. What the repository does not take now is sent again, and nothing after it before. An event that it refuses by
 * its content, while it takes others, is told in the trail and passed over, so that one event does not hold up all that come after it.
 */
import { AppError } from "../../core/errors.ts";
import type { NewTrailEvent, TrailEvent } from "../../core/formats/audit-trail.ts";
import type { AuditReceiver } from "./audit-receiver.ts";
import { fedEvents, type FedBatches } from "./feed-log.ts";
import type { TrailKeys } from "./trail-keys.ts";
import type { Recording } from "./trail.ts";

/** The name that the trail knows the feed by. */
export const FEED = "audit feed";

/** Events in one Bundle, and characters: beyond that there is another. */
const MOST_IN_BUNDLE = 100;
const LONGEST_BUNDLE = 1_000_000;

/** What was fed by this process. */
export interface FeedTally {
  sent: number;
  /** Passed over since the repository refuses them. */
  refused: number;
  /** Batches of which nothing can be said any more: of days whose keys were destroyed; that are damaged. */
  destroyed: number;
  damaged: number;
}

export interface FeedOptions {
  readonly receiver: Pick<AuditReceiver, "one" | "several">;
  readonly dayKeys: Pick<TrailKeys, "toRead">;
  /** Where it is told what was passed over. */
  readonly trail: Recording;
  /** The event as it is sent. */
  render(event: TrailEvent): object;
  /** Told of what was passed over, in a sentence without patient data. */
  onPassedOver(text: string): void;
  readonly tally: FeedTally;
}

/** Statuses by which a repository says that it will not have this very event. All others are about now, about us, or about the way there: those are tried again. */
const REFUSES: ReadonlySet<number> = new Set([400, 409, 413, 422]);
/** Statuses after which events that were sent as one are sent by themselves: something among them was refused, or the repository takes no Bundles. */
const APART: ReadonlySet<number> = new Set([...REFUSES, 404, 405, 415, 501]);

interface Rendered {
  readonly event: TrailEvent;
  readonly resource: object;
}

/** Feeds one audit log. */
export class Feed {
  readonly #options: FeedOptions;
  /** Of the batches that are being fed: events that were taken already, should they be tried again. */
  readonly #taken = new Set<string>();
  /** Whether the repository took something since an event was passed over: else it may be that it refuses whatever it is sent. */
  #takesOthers = false;

  constructor(options: FeedOptions) {
    this.#options = options;
  }

  /** Feeds these batches. AppError `unavailable` when that has to be tried again. */
  async feed({ batches }: Pick<FedBatches, "batches">): Promise<void> {
    const { dayKeys, render, tally } = this.#options;
    const events: Rendered[] = [];
    const damaged: string[] = [];
    let destroyed = 0;
    for (const batch of batches) {
      const own = await fedEvents(batch, dayKeys);
      if (own === "destroyed") destroyed += 1;
      else if (own === "damaged") damaged.push(`the batch ${batch.index} of the audit log ${batch.log} is damaged, and was not fed`);
      else events.push(...own.map((event) => ({ event, resource: render(event) })));
    }
    const refused = new Map<string, Rendered & { readonly status: number }>();
    const settle = (one: Rendered, status: number): void => {
      if (REFUSES.has(status)) return void refused.set(one.event.id, { ...one, status });
      if (status < 200 || status > 299) throw new AppError("unavailable", `the audit record repository answered ${status}`);
      this.#taken.add(one.event.id);
      this.#takesOthers = true;
      tally.sent += 1;
    };
    for (const some of bundlesOf(events.filter(({ event }) => !this.#taken.has(event.id)))) await this.#send(some, settle);
    if (refused.size > 0 && !this.#takesOthers) {
      const [{ status } = { status: 0 }] = refused.values();
      throw new AppError("unavailable", `the audit record repository refuses whatever it is sent (${status})`);
    }
    const told = [...refused.values()].map(({ event, status }) => ({ event, text: `the audit record repository refused AuditEvent/${event.id} (${status})` })); // prettier-ignore
    // Of what is told here nothing is told again: it would go on for ever.
    const fresh = [...told.filter(({ event: { who } }) => who.kind !== "program" || who.name !== FEED).map(({ text }) => text), ...damaged];
    await this.#options.trail.record(fresh.map(passedOver));
    for (const text of [...told.map((one) => one.text), ...damaged]) this.#options.onPassedOver(text);
    if (refused.size > 0) this.#takesOthers = false;
    tally.refused += refused.size;
    tally.damaged += damaged.length;
    tally.destroyed += destroyed;
    this.#taken.clear();
  }

  /** Sends some as one, or else each by itself; what becomes of each is settled in their order, as far as they came. */
  async #send(some: readonly Rendered[], settle: (one: Rendered, status: number) => void): Promise<void> {
    const { receiver } = this.#options;
    if (some.length > 1) {
      const { status, each } = await receiver.several(some.map(({ resource }) => resource));
      const isTold = status >= 200 && status < 300;
      if (isTold && each) {
        const faults: unknown[] = [];
        // One that is not taken now does not undo that those behind it were.
        some.forEach((one, at) => {
          try {
            settle(one, each[at] ?? 0);
          } catch (error) {
            faults.push(error);
          }
        });
        if (faults.length > 0) throw faults[0];
        return;
      }
      if (!isTold && !APART.has(status)) throw new AppError("unavailable", `the audit record repository answered ${status}`);
    }
    for (const one of some) settle(one, await receiver.one(one.resource));
  }
}

function passedOver(reason: string): NewTrailEvent {
  return { at: new Date().toISOString(), kind: "operation", action: "E", outcome: 8, reason, who: { kind: "program", name: FEED } };
}

function bundlesOf(events: readonly Rendered[]): Rendered[][] {
  const bundles: Rendered[][] = [];
  let length = Infinity;
  for (const one of events) {
    const own = JSON.stringify(one.resource).length;
    const last = bundles.at(-1);
    if (last && last.length < MOST_IN_BUNDLE && length + own <= LONGEST_BUNDLE) last.push(one);
    else {
      bundles.push([one]);
      length = 0;
    }
    length += own;
  }
  return bundles;
}
