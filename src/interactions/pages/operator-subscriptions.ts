/** What the page about subscriptions asks, for whoever looks after the service: how each stands, and a test of its receiver. */
import type { Asked } from "../../core/asked.ts";
import { AppError } from "../../core/errors.ts";
import type { EventRows } from "../../events/event-rows.ts";
import { statesOf, troubledFirst, type SubscriptionState } from "../../events/subscription-states.ts";
import { requireRight, type Access } from "../../security/access.ts";
import type { SubscriptionInteractions } from "../fhir/subscriptions/subscriptions.ts";
import { testReceiver, type ReceiverTest, type TestingNeeds } from "../fhir/subscriptions/test-subscription.ts";

/** Subscriptions of a page. */
const PAGE = 50;
/** Receivers are not called as often as somebody may press a button: pauses of one, in milliseconds, and tests of all in a minute. */
const PAUSE = 10_000;
const MINUTE = 60_000;
const MOST_IN_A_MINUTE = 20;

export interface SubscriptionStates {
  readonly subscriptions: readonly SubscriptionState[];
  /** How many there are on all pages. */
  readonly total: number;
  /** Number of the next page. */
  readonly next?: number;
}

/** AppErrors of both: `forbidden` without the right `oversee`. */
export interface OperatorSubscriptions {
  /** Whether whoever asks looks after subscriptions: pages lead there. */
  mayOversee(asked: Asked): Promise<boolean>;
  /** A page, from 1: the newest problems first. */
  states(asked: Asked, page: number): Promise<SubscriptionStates>;
  /** AppErrors `not-found`, `gone`, `conflict` (nothing to call), `too-many-requests` */
  test(asked: Asked, id: string): Promise<ReceiverTest>;
}

export interface OperatorNeeds extends TestingNeeds {
  readonly access: Access;
  readonly subscriptions: Pick<SubscriptionInteractions, "own" | "held">;
  readonly eventRows: Pick<EventRows, "counts" | "deliveries">;
}

export function operatorSubscriptions(using: OperatorNeeds): OperatorSubscriptions {
  const { access, subscriptions, eventRows } = using;
  const admit = limitTests();
  return {
    mayOversee: async (asked) => (await access.grantOf(asked)).may("oversee"),
    states: async (asked, page) => {
      await requireRight(access, asked, "oversee");
      const all = await troubledFirst(await subscriptions.own(asked), eventRows);
      const shown = all.slice((page - 1) * PAGE, page * PAGE);
      return { subscriptions: await statesOf(shown, eventRows), total: all.length, ...(all.length > page * PAGE && { next: page + 1 }) };
    },
    test: async (asked, id) => {
      await requireRight(access, asked, "oversee");
      const held = await subscriptions.held(asked, id);
      asked.noted?.resource(`Subscription/${held.id}/_history/${held.version}`);
      admit(held.id);
      return testReceiver(held, using);
    },
  };
}

/** AppError `too-many-requests` for a test that comes too soon. */
function limitTests(): (id: string) => void {
  /** When each was tested last, the oldest first. */
  const tested = new Map<string, number>();
  return (id) => {
    const now = performance.now();
    for (const [one, at] of tested) if (now - at >= MINUTE) tested.delete(one);
    const since = now - (tested.get(id) ?? -Infinity);
    const pause =
      since < PAUSE ? PAUSE - since : tested.size >= MOST_IN_A_MINUTE && !tested.has(id) ? MINUTE - (now - (tested.values().next().value ?? now)) : 0;
    const seconds = Math.ceil(pause / 1_000);
    if (pause > 0)
      throw new AppError("too-many-requests", `Receivers are not called that often: try again in ${seconds} seconds.`, { retryAfter: seconds });
    tested.delete(id);
    tested.set(id, now);
  };
}
