/** What is told of documents to those who asked for it (docs/design/events.md). A part of the composition root. */
import type { EventRows } from "../events/event-rows.ts";

export interface SubscriptionsOptions {
  openEvents(): Promise<EventRows>;
}

/** Everything that works for subscriptions in a service. */
export interface OpenSubscriptions {
  /** Their events, and how far receivers have come. */
  readonly rows: EventRows;
  /** Begins to match, and to deliver. */
  start(): void;
  /** Finishes what is under way: before the record is closed. */
  close(): Promise<void>;
}

/** Opens what is kept of events. */
export async function openSubscriptions({ openEvents }: SubscriptionsOptions): Promise<OpenSubscriptions> {
  const rows = await openEvents();
  return {
    rows,
    start: () => undefined,
    close: () => rows.close(),
  };
}
