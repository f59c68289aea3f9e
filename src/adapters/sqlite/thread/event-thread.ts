import type { EventRows } from "../../../events/event-rows.ts";
import { openRowsThread } from "./rows-thread.ts";

const METHODS = [
  ...(["counts", "append", "events", "page", "deliveries", "delivery", "begin", "replace", "replaceAll"] as const),
  ...(["post", "outgoing", "outgoingOf", "put", "remove", "close"] as const),
];

/** As `openEventRows`, in a thread of its own. */
export function openEventThread(file: string, options: { readonly patience?: number } = {}): Promise<EventRows> {
  return openRowsThread<EventRows>(file, options, {
    what: "events",
    on: "event-rows",
    methods: METHODS,
    called: "the events of subscriptions",
    verb: "are",
  });
}
