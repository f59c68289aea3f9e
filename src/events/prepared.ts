/** The port by which notifications are made ready to be sent: what their owner may know of by now, written down, and in the audit trail. */
import type { Callback } from "./callbacks.ts";
import type { SubscriptionEvent } from "./event-rows.ts";
import type { HeldSubscription } from "./subscription.ts";

/** R4 Backport's notification-type, as far as it is sent by us. */
export type NotificationType = "handshake" | "heartbeat" | "event-notification";

/** What is to be told. */
export interface ToTell {
  readonly type: NotificationType;
  /** In order of their numbers; none but with `event-notification`. */
  readonly events: readonly SubscriptionEvent[];
  /** Events since the subscription began. */
  readonly count: number;
}

/** One notification. */
export interface Prepared {
  /** What is called, one after the other; none where there is nothing that may be told. */
  readonly calls: readonly Callback[];
  /** The last event that was told when all calls were taken; undefined of one without events. */
  readonly upTo?: number;
}

export interface Preparing {
  /**
   * Notifications in their order: of events, all of them or the first few. When it resolves the audit trail has written down what they disclose, and they may be sent.
   * @throws AppError `forbidden` when its owner is not let in any more; AppErrors of the Reader and of the trail: then nothing may be sent, and it is to be tried again
   */
  prepare(subscription: HeldSubscription, toTell: ToTell): Promise<readonly Prepared[]>;
}
