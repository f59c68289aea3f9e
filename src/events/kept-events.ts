/** What both engines do with events that they keep. */
import { AppError } from "../core/errors.ts";
import type { SubscriptionEvent } from "./event-rows.ts";
import { EVENT_KINDS, type EventKind } from "./subscription.ts";

/** Those of each subscription, in the order in which they were given. AppError `internal` when their numbers do not follow each other. */
export function bySubscription(events: readonly SubscriptionEvent[]): ReadonlyMap<string, readonly SubscriptionEvent[]> {
  const found = new Map<string, SubscriptionEvent[]>();
  for (const event of events) {
    const own = found.get(event.subscription);
    if (own !== undefined && event.number !== (own.at(-1)?.number ?? 0) + 1) throw new AppError("internal", "events were given out of order");
    if (own) own.push(event);
    else found.set(event.subscription, [event]);
  }
  return found;
}

/** AppError `damaged` for anything but a kind of event. */
export function eventKindOf(value: unknown): EventKind {
  const kind = EVENT_KINDS.find((one) => one === value);
  if (kind === undefined) throw unexpected("kind");
  return kind;
}

/** AppError `damaged` for anything but a list of texts. */
export function fociOf(value: unknown): string[] {
  if (!Array.isArray(value) || !value.every((one) => typeof one === "string")) throw unexpected("focus");
  return value;
}

function unexpected(what: string): AppError {
  return new AppError("damaged", `the events of subscriptions hold something unexpected in ${what}`);
}

/** The same of JSON. */
export function fociIn(text: string): string[] {
  try {
    return fociOf(JSON.parse(text));
  } catch (cause) {
    throw cause instanceof AppError ? cause : unexpected("focus");
  }
}
