/** How subscriptions stand: for operators, figures and whoever looks for what is wrong. Nothing of it is secret, nor about a patient: headers, addresses beyond their origin, and what is searched for are left out. */
import { isKnown, type Caller } from "../core/asked.ts";
import type { EventRows } from "./event-rows.ts";
import type { HeldSubscription, SubscriptionStatus } from "./subscription.ts";

export interface SubscriptionState {
  readonly id: string;
  readonly status: SubscriptionStatus;
  /** The owner, as people read it. */
  readonly owner: string;
  /** `rest-hook to https://receiver.example` */
  readonly channel: string;
  /** Its topic, or the type that is searched. */
  readonly wanted: string;
  /** Events that it has, and those that its receiver took. */
  readonly events: number;
  readonly delivered: number;
  /** Attempts that failed one after the other, since when (an instant), and what the last one met. */
  readonly failures: number;
  readonly failingSince?: string;
  readonly lastFailure?: string;
  /** When its receiver took something last: an instant. */
  readonly lastSuccess?: string;
}

type Rows = Pick<EventRows, "counts" | "deliveries">;

/** Of each, in their order. */
export async function statesOf(subscriptions: readonly HeldSubscription[], rows: Rows): Promise<SubscriptionState[]> {
  const [counts, deliveries] = await Promise.all([rows.counts(subscriptions.map(({ id }) => id)), rows.deliveries()]);
  const byId = new Map(deliveries.map((one) => [one.subscription, one]));
  return subscriptions.map(({ id, status, owner, channel, wanted }) => {
    const row = byId.get(id);
    const { failures = 0, delivered = 0, failingSince, lastFailure, lastSuccess } = row ?? {};
    return {
      ...{ id, status, owner: ownerName(owner), delivered, failures, events: counts.get(id)?.count ?? 0 },
      channel: channel.endpoint === undefined ? channel.type : `${channel.type} to ${new URL(channel.endpoint).origin}`,
      wanted: wanted.kind === "topic" ? `document-${wanted.topic}` : wanted.type,
      ...(failingSince !== undefined && { failingSince: new Date(failingSince).toISOString() }),
      ...(lastFailure !== undefined && { lastFailure }),
      ...(lastSuccess !== undefined && { lastSuccess: new Date(lastSuccess).toISOString() }),
    };
  });
}

/** The status that has a subscription tried anew: its receiver takes a handshake first, where it is one that knows what that is. */
export function statusAnew({ channel: { content, type } }: Pick<HeldSubscription, "channel">): SubscriptionStatus {
  return content === undefined || type === "websocket" ? "active" : "requested";
}

function ownerName(owner: Caller): string {
  if (isKnown(owner)) return owner.client === undefined || owner.client === owner.name ? owner.name : `${owner.name} (${owner.client})`;
  return owner.kind === "program" ? owner.name : owner.kind;
}
