/**
 * Tells a receiver what it is to know, one notification after the other, and moves where it stands. What comes behind what is being sent is made ready meanwhile, as soon as half of that was taken: preparing, with the audit
 * trail's wait for the disk, then costs a receiver that catches up nothing.
 */
import { AppError } from "../core/errors.ts";
import { recovered, type Failure } from "./back-off.ts";
import type { Callbacks } from "./callbacks.ts";
import type { Course, Courses } from "./course.ts";
import type { EventRows, SubscriptionEvent } from "./event-rows.ts";
import type { Prepared, Preparing, ToTell } from "./prepared.ts";
import type { SubscriptionRecords } from "./subscription-records.ts";

export interface TellingNeeds {
  readonly records: Pick<SubscriptionRecords, "find">;
  readonly rows: Pick<EventRows, "events">;
  readonly preparing: Preparing;
  readonly callbacks: Pick<Callbacks, "call">;
  readonly courses: Pick<Courses, "keep">;
  /** Ends what is under way. */
  readonly stopped: AbortSignal;
  /** Told of what a receiver did not take. */
  failed(course: Course, failure: Failure): Promise<void>;
}

/** What was done since the start of this process. */
export interface DeliveringFigures {
  readonly sent: number;
  readonly failed: number;
  /** Events that were told. */
  readonly events: number;
}

/** Events that are made ready together, and for how long what is ready may wait for those before it, in milliseconds: rights are asked anew then. */
const SPAN = 100;
const FRESH = 5_000;
/** After so many milliseconds it is looked whether the subscription stands as it did. */
const SEEN_AGAIN = 200;

/** Notifications that may be sent, and since when: of `performance.now()`. */
interface Ready {
  readonly events: readonly SubscriptionEvent[];
  readonly prepared: readonly Prepared[];
  readonly since: number;
}

export class Telling {
  readonly #needs: TellingNeeds;
  readonly #figures = { sent: 0, failed: 0, events: 0 };

  constructor(needs: TellingNeeds) {
    this.#needs = needs;
  }

  get figures(): DeliveringFigures {
    return { ...this.#figures };
  }

  /** A notification without events; false when the receiver did not take it. */
  async sign(course: Course, type: Exclude<ToTell["type"], "event-notification">): Promise<boolean> {
    return this.#send(course, await this.#prepared(course, { type, events: [], count: course.count }));
  }

  /**
   * Events in their order, until there are no more, or the receiver does not take one, or the subscription was changed.
   * @param mayGoOn asked after so many events
   */
  async events(course: Course, mayGoOn: (told: number) => boolean): Promise<void> {
    const { id, version } = course.subscription;
    let span = SPAN;
    let ahead: Promise<Ready> | undefined;
    try {
      for (let told = 0; mayGoOn(told);) {
        const before = course.row.delivered;
        let ready = await (ahead ?? this.#ready(course, before + 1, span));
        ahead = undefined;
        if (performance.now() > ready.since + FRESH) ready = await this.#ready(course, before + 1, span);
        const last = ready.events.at(-1)?.number;
        if (last === undefined) return;
        course.count = Math.max(course.count, last);
        const halfway = before + ready.events.length / 2;
        const isTaken = await this.#send(course, ready, () => {
          if (ahead || course.row.delivered < halfway || course.count <= last || !mayGoOn(told + ready.events.length)) return;
          ahead = this.#ready(course, last + 1, span);
          // Whoever waits for it is told.
          ahead.catch(() => undefined);
        });
        if (!isTaken) return;
        const { delivered } = course.row;
        told += delivered - before;
        // So many as are taken while they are fresh: what is made ready is in the audit trail, whether it is sent or not.
        span = delivered < last ? Math.max(1, delivered - before) : Math.min(SPAN, 2 * span);
        if (delivered < last) ahead = undefined;
        if ((await this.#needs.records.find(id))?.version !== version) return;
      }
    } finally {
      await ahead?.catch(() => undefined);
    }
  }

  /** To whom nothing came through is told as little as can be, so that as little as can be is written down for nothing. */
  async #ready(course: Course, from: number, span: number): Promise<Ready> {
    const { id } = course.subscription;
    const events = await this.#needs.rows.events(id, { from, to: from + (course.row.failures > 0 ? 1 : span) - 1 });
    if (events.some(({ number }, at) => number !== from + at))
      throw new AppError("damaged", `events of Subscription/${id} are missing from ${from} on`);
    if (events.length === 0) return { events, prepared: [], since: performance.now() };
    const count = Math.max(course.count, events.at(-1)?.number ?? 0);
    return this.#prepared(course, { type: "event-notification", events, count });
  }

  async #prepared({ subscription }: Course, toTell: ToTell): Promise<Ready> {
    const prepared = await this.#needs.preparing.prepare(subscription, toTell);
    return { events: toTell.events, prepared, since: performance.now() };
  }

  /** Sends, and moves the position; false when the receiver did not take something. @param moved told whenever it did */
  async #send(course: Course, { prepared, since }: Ready, moved: () => void = () => undefined): Promise<boolean> {
    const { callbacks, courses, records, stopped, failed } = this.#needs;
    const { id, version } = course.subscription;
    let seen = since;
    for (const { calls, upTo } of prepared) {
      // Nothing more of what is ready goes to whom it was deleted by, or to where it went before it was changed.
      if (performance.now() - seen > SEEN_AGAIN) {
        if ((await records.find(id))?.version !== version) break;
        seen = performance.now();
      }
      for (const call of calls) {
        const outcome = await callbacks.call(call);
        // What was cut off because we stop is no failure of theirs.
        if (!outcome.isTaken && stopped.aborted) return false;
        if (!outcome.isTaken) {
          this.#figures.failed++;
          await failed(course, { ...outcome, now: Date.now() });
          return false;
        }
        this.#figures.sent++;
        course.lastSent = Date.now();
      }
      if (upTo !== undefined) this.#figures.events += upTo - course.row.delivered;
      const taken = { ...recovered(course.row), ...(calls.length > 0 && { lastSuccess: Date.now() }), delivered: upTo ?? course.row.delivered };
      courses.keep(course, taken);
      moved();
      if (stopped.aborted || performance.now() > since + FRESH) break;
    }
    return true;
  }
}
