/** A file of ours beside the record (own-file.ts) in a thread of its own: that a change is on the disk before it is answered holds up nobody else. */
import { AppError } from "../../../core/errors.ts";
import { standInFor } from "../../../core/threads/calls.ts";
import { opening, sqliteThread } from "./sqlite-thread.ts";

export interface ThreadOfRows<Rows> {
  /** The file, and what it is asked for, as the thread knows them (sqlite-worker.ts). */
  readonly what: Parameters<typeof opening>[1];
  readonly on: string;
  readonly methods: readonly (keyof Rows & string)[];
  /** For people: `the sessions`, and with `are`. */
  readonly called: string;
  readonly verb: "is" | "are";
}

/** Opens it in a thread. Once it is closed, or the thread has ended, whatever is asked is AppError `unavailable`. */
export async function openRowsThread<Rows extends { close(): Promise<void> }>(
  file: string,
  options: { readonly patience?: number },
  { what, on, methods, called, verb }: ThreadOfRows<Rows>,
): Promise<Rows> {
  const closed = `${called} ${verb} closed`;
  let end: string | undefined;
  const thread = sqliteThread((how) => {
    end ??= how === undefined ? closed : `the thread that has ${called} open ended; stop the service, and start it again`;
    return new AppError("unavailable", end, { cause: how?.cause });
  });
  await opening<undefined>(thread, what, file, options);
  const rows = standInFor<Rows>(thread, on, methods);
  return {
    ...rows,
    close: async () => {
      if (end !== undefined) return;
      const closing = rows.close();
      end = closed;
      await closing;
      await thread.end();
    },
  };
}
