import type { SubscriptionState } from "../events/subscription-states.ts";
import type { ReceiverTest } from "../interactions/fhir/subscriptions/test-subscription.ts";

/** Subscriptions, beside a service that may run. */
export interface OpenNotifications {
  /** All that are not deleted, the newest problems first. */
  list(): Promise<readonly SubscriptionState[]>;
  /** Has one tried anew, from where it stopped, whatever it met. AppErrors `not-found`, `conflict` (it is off) */
  resume(id: string): Promise<SubscriptionState>;
  /** Calls the receiver of one with what tells of no event. AppErrors `not-found`, `conflict` (nobody to call) */
  test(id: string): Promise<ReceiverTest>;
  close(): Promise<void>;
}
