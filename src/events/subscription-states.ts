/** How subscriptions stand: for operators, figures and whoever looks for what is wrong. Nothing of it is secret, nor about a patient: headers, addresses beyond their origin, and what is searched for are left out. */
import { isKnown, type Caller } from "../core/asked.ts";
import type { EventRows } from "./event-rows.ts";
import type { HeldSubscription, SubscriptionStatus } from "./subscription.ts";

export interface SubscriptionState {
  readonly id: string;
  readonly status: SubscriptionStatus;
  /** The owner, as people read it. */
  readonly owner: string;
  /** Its channel's type, and the origin of its endpoint: `https://receiver.example`. */
  readonly channel: string;
  readonly endpoint?: string;
  /** Its topic, or the type that is searched. */
  readonly wanted: string;
  /** Events that it has, and those that its receiver took. */
  readonly events: number;
  readonly delivered: number;
  /** When it was changed last, by its owner or by us: an instant. */
  readonly changed: string;
  /** Attempts that failed one after the other, since when (an instant), and what the last one met. */
  readonly failures: number;
  readonly failingSince?: string;
  readonly lastFailure?: string;
  /** When it is tried again at the earliest, after a failure: an instant. */
  readonly nextAttempt?: string;
  /** When its receiver took something last: an instant. */
  readonly lastSuccess?: string;
}

type Rows = Pick<EventRows, "counts" | "deliveries">;

/** Of each, in their order. */
export async function statesOf(subscriptions: readonly HeldSubscription[], rows: Rows): Promise<SubscriptionState[]> {
  const [counts, deliveries] = await Promise.all([rows.counts(subscriptions.map(({ id }) => id)), rows.deliveries()]);
  const byId = new Map(deliveries.map((one) => [one.subscription, one]));
  return subscriptions.map(({ id, status, at, owner, channel, wanted }) => {
    const row = byId.get(id);
    const { failures = 0, delivered = 0, failingSince, lastFailure, lastSuccess, notBefore = 0 } = row ?? {};
    const isTried = failures > 0 && (status === "active" || status === "requested");
    return {
      ...{ id, status, owner: ownerName(owner), delivered, failures, events: counts.get(id)?.count ?? 0, changed: at, channel: channel.type },
      ...(channel.endpoint !== undefined && { endpoint: new URL(channel.endpoint).origin }),
      wanted: wanted.kind === "topic" ? `document-${wanted.topic}` : wanted.type,
      ...(failingSince !== undefined && { failingSince: new Date(failingSince).toISOString() }),
      ...(lastFailure !== undefined && { lastFailure }),
      ...(isTried && { nextAttempt: new Date(notBefore).toISOString() }),
      ...(lastSuccess !== undefined && { lastSuccess: new Date(lastSuccess).toISOString() }),
    };
  });
}

/** In an order for whoever looks for what is wrong: those in error and those that fail first, each by the newest problem; then the others, the newest first. */
export async function troubledFirst(subscriptions: readonly HeldSubscription[], rows: Pick<EventRows, "deliveries">): Promise<HeldSubscription[]> {
  const failing = new Map(
    (await rows.deliveries()).map(({ subscription, failures, failingSince }) => [subscription, failures > 0 ? failingSince : undefined]),
  );
  const sorted = subscriptions.map((held) => {
    const { id, at, status } = held;
    const since = status === "off" ? undefined : failing.get(id);
    const isTroubled = status === "error" || since !== undefined;
    return { held, isTroubled, time: since ?? Date.parse(at) };
  });
  sorted.sort((one, other) => Number(other.isTroubled) - Number(one.isTroubled) || other.time - one.time || (one.held.id < other.held.id ? -1 : 1));
  return sorted.map(({ held }) => held);
}

/** The status that has a subscription tried anew: its receiver takes a handshake first, where it is one that knows what that is. */
export function statusAnew({ channel: { content, type } }: Pick<HeldSubscription, "channel">): SubscriptionStatus {
  return content === undefined || type === "websocket" ? "active" : "requested";
}

function ownerName(owner: Caller): string {
  if (isKnown(owner)) return owner.client === undefined || owner.client === owner.name ? owner.name : `${owner.name} (${owner.client})`;
  return owner.kind === "program" ? owner.name : owner.kind;
}
