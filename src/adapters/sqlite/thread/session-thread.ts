/** The file of sessions in a thread of its own: that a change is on the disk before it is answered holds up nobody else. */
import { AppError } from "../../../core/errors.ts";
import { standInFor } from "../../../core/threads/calls.ts";
import type { SessionRows } from "../../../pipeline/store/session-rows.ts";
import { opening, sqliteThread } from "./sqlite-thread.ts";

const CLOSED = "the sessions are closed";
const LOST = "the thread that has the sessions open ended; stop the service, and start it again";

/** As `openSessionRows`, in a thread of its own. */
export async function openSessionThread(file: string, options: { readonly patience?: number } = {}): Promise<SessionRows> {
  let end: string | undefined;
  const thread = sqliteThread((how) => {
    end ??= how === undefined ? CLOSED : LOST;
    return new AppError("unavailable", end, { cause: how?.cause });
  });
  await opening<undefined>(thread, "sessions", file, options);
  const rows = standInFor<SessionRows>(thread, "session-rows", ["read", "find", "insert", "replace", "remove", "removeBy", "sweep", "close"]);
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
