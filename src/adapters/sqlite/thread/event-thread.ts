/** The file of events in a thread of its own: that a change is on the disk before it is answered holds up nobody else. */
import { AppError } from "../../../core/errors.ts";
import { standInFor } from "../../../core/threads/calls.ts";
import type { EventRows } from "../../../events/event-rows.ts";
import { opening, sqliteThread } from "./sqlite-thread.ts";

const CLOSED = "the events of subscriptions are closed";
const LOST = "the thread that has the events of subscriptions open ended; stop the service, and start it again";

const METHODS = [
  ...(["counts", "append", "events", "page", "deliveries", "delivery", "begin", "replace"] as const),
  ...(["post", "outgoing", "put", "remove", "close"] as const),
] as const satisfies readonly (keyof EventRows)[];

/** As `openEventRows`, in a thread of its own. */
export async function openEventThread(file: string, options: { readonly patience?: number } = {}): Promise<EventRows> {
  let end: string | undefined;
  const thread = sqliteThread((how) => {
    end ??= how === undefined ? CLOSED : LOST;
    return new AppError("unavailable", end, { cause: how?.cause });
  });
  await opening<undefined>(thread, "events", file, options);
  const rows = standInFor<EventRows>(thread, "event-rows", METHODS);
  return {
    ...rows,
    close: async () => {
      if (end !== undefined) return;
      const closing = rows.close();
      end = CLOSED;
      await closing;
      await thread.end();
    },
  };
}
