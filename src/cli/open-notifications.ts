import type { SubscriptionState } from "../events/subscription-states.ts";

/** Subscriptions, beside a service that may run. */
export interface OpenNotifications {
  /** All that are not deleted. */
  list(): Promise<readonly SubscriptionState[]>;
  /** Has one tried anew, from where it stopped, whatever it met. AppErrors `not-found`, `conflict` (it is off) */
  resume(id: string): Promise<SubscriptionState>;
  close(): Promise<void>;
}
