/**
 * Where an engine keeps which events subscriptions have, how far each receiver has come, and what else is to be sent: for all processes of the service. No names of patients and no content: ids of
 * documents, which the log tells too.
 */
import type { EventKind } from "./subscription.ts";

/** An event of one subscription. Its number was given when it was matched, and is its own for ever. */
export interface SubscriptionEvent {
  readonly subscription: string;
  /** From 1, without a gap. */
  readonly number: number;
  /** Place in the log of the entry that it is about. */
  readonly position: number;
  readonly kind: EventKind;
  /** When that was entered: an instant. */
  readonly at: string;
  /** What it is about, `Type/id`: the document's own resource first. */
  readonly focus: readonly string[];
}

/** By which an event is called. */
export type EventName = Pick<SubscriptionEvent, "subscription" | "number">;

/** How far a subscription has come. */
export interface EventCount {
  /** Number of its last event; 0 when it has none. */
  readonly count: number;
  /** Place in the log of that event; -1 when there is none. */
  readonly position: number;
}

/** What is known of a receiver. */
export interface Delivery {
  readonly subscription: string;
  /** From 1, by one each time it is changed. */
  readonly revision: number;
  /** Number of the last event that the receiver took. */
  readonly delivered: number;
  /** Version of the subscription whose handshake the receiver took, or that asked to begin anew after an error. */
  readonly version: number;
  /** Attempts that failed one after the other, since when (milliseconds since 1970), and what the last one met, in words for its owner. */
  readonly failures: number;
  readonly failingSince?: number;
  readonly lastFailure?: string;
  /** When the receiver took something last, in milliseconds since 1970. */
  readonly lastSuccess?: number;
  /** Not before then is it tried again, in milliseconds since 1970. */
  readonly notBefore: number;
}

/** Something else that is to be sent: an answer to a message, for its `response-url`. */
export interface Outgoing {
  readonly id: string;
  readonly revision: number;
  /** The message entry whose stored answer it is, and where it goes. Encrypted before it is kept: an address may be a secret. */
  readonly value: Uint8Array;
  readonly failures: number;
  readonly lastFailure?: string;
  /** Not before then is it tried again, in milliseconds since 1970. */
  readonly notBefore: number;
  /** Given up: it waits for an operator. */
  readonly isDead: boolean;
}

/**
 * - Of several processes that append or replace at once one is first; the others are told so.
 * - What was appended or replaced when a promise resolved is so for everybody, and after a crash.
 * - Failures are AppErrors `unavailable`, `damaged` or `internal`.
 */
export interface EventRows {
  /** Of each subscription that was asked for. */
  counts(subscriptions: readonly string[]): Promise<Map<string, EventCount>>;
  /**
   * Appends events, those of one subscription in order of their numbers, each the next one after what it has; those of one entry all or none. Gives the subscriptions of which not all was appended, because
   * somebody else has appended: count anew, and go on from there.
   */
  append(events: readonly SubscriptionEvent[]): Promise<ReadonlySet<string>>;
  /** Of one subscription by their numbers, `from` and `to` among them. */
  events(subscription: string, span: { readonly from: number; readonly to: number }): Promise<SubscriptionEvent[]>;
  /** Of all subscriptions, in order of subscription and number, those behind one; somewhat more than `count` when those of one entry are many. None: there are no more. For whoever keeps all of it elsewhere. */
  page(after: EventName | undefined, count: number): Promise<SubscriptionEvent[]>;
  deliveries(): Promise<Delivery[]>;
  delivery(subscription: string): Promise<Delivery | undefined>;
  /** With revision 1; false when there is one. */
  begin(delivery: Omit<Delivery, "revision">): Promise<boolean>;
  /** In the place of a revision; false when that is not there any more. */
  replace(delivery: Omit<Delivery, "revision">, revision: number): Promise<boolean>;
  /** The same of several, each in the place of its own revision, with one wait for the disk. Gives the subscriptions whose revision is not there any more. */
  replaceAll(deliveries: readonly Delivery[]): Promise<ReadonlySet<string>>;
  /** False when there is one of this id. */
  post(outgoing: Omit<Outgoing, "revision">): Promise<boolean>;
  /** What may be tried by now, the oldest first; or what was given up. */
  outgoing(which: { readonly dueBy: number } | "dead" | "all", count: number): Promise<Outgoing[]>;
  /** How many there are whose ids begin so, waiting or given up. */
  outgoingOf(prefix: string): Promise<number>;
  put(outgoing: Omit<Outgoing, "revision">, revision: number): Promise<boolean>;
  remove(id: string): Promise<boolean>;
  close(): Promise<void>;
}
