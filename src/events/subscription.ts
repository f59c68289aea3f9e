/** What a subscription is once it was understood: what every part of this room works with (docs/design/events.md). */
import type { Caller } from "../core/asked.ts";
import type { JsonObject } from "../core/fhir/tree/tree.ts";

/** What may happen to a document, each of which is a topic of ours (R5 Subscriptions Backport 1.1). */
export const EVENT_KINDS = ["deposited", "superseded", "retracted", "erased"] as const;
export type EventKind = (typeof EVENT_KINDS)[number];

/** R4 Subscription.status. `requested`: its receiver is to take a handshake first; where none is needed (read-subscription.ts), it is `active` at once. */
export type SubscriptionStatus = "requested" | "active" | "error" | "off";

/** What somebody wants to be told of. */
export type Wanted =
  /** R4: resources of what is deposited that a search finds, such as `Observation?code=…`. */
  | { readonly kind: "search"; readonly type: string; readonly query: string }
  /** Backport: what happens to documents whose DocumentReference all of the filters find (`DocumentReference?…`, each without its type). */
  | { readonly kind: "topic"; readonly topic: EventKind; readonly filters: readonly string[] };

/** How much of it is told (backport-payload-content); R4's own subscriptions have none. */
export type PayloadContent = "empty" | "id-only" | "full-resource";

export interface SubscriptionChannel {
  readonly type: "rest-hook" | "websocket" | "message";
  /** Absolute address; none of a websocket, which the client opens. */
  readonly endpoint?: string;
  /** Media type of what is sent; undefined: R4's notification without content. */
  readonly payload?: "application/fhir+json" | "application/fhir+xml";
  /** Header lines that the owner wants to be sent, as given: secrets, never shown back. */
  readonly headers: readonly string[];
  /** undefined: R4's own form. */
  readonly content?: PayloadContent;
  /** Seconds. */
  readonly heartbeatPeriod?: number;
  /** Seconds that an answer may take. */
  readonly timeout?: number;
  /** Events in one notification at most. */
  readonly maxCount?: number;
}

/** Who made a subscription, as they are known by now; undefined of somebody who would not be let in any more: nothing is told to them. AppErrors of whatever keeps it from being known. */
export type OwnerNow = (owner: Caller) => Promise<Caller | undefined>;

/** Why such a subscription is in `error`, in words for whoever owns it or looks after the service. */
export const OWNER_GONE =
  "Whoever made it is not let in any more (account, client, certificate or issuer). Nothing that comes is matched: somebody who is let in makes another";

/** A subscription as it stands now. */
export interface HeldSubscription {
  /** A UUID. */
  readonly id: string;
  /** Version of the resource, and when it was entered (an instant). */
  readonly version: number;
  readonly at: string;
  readonly status: SubscriptionStatus;
  /** Who made it, as it was proved then: asked about again, as they are known by then (OwnerNow), whenever something is matched or sent. */
  readonly owner: Caller;
  /** For what the owner said the data is (v3-PurposeOfUse). */
  readonly purpose?: string;
  readonly wanted: Wanted;
  readonly channel: SubscriptionChannel;
  /** An instant, after which nothing is matched or sent. */
  readonly end?: string;
  /** Entries of the log from here on are matched: its size when it was created. */
  readonly from: number;
  /** The resource as it is shown: without secrets, with id, meta, status and error. */
  readonly shown: JsonObject;
}
