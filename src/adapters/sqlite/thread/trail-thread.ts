import { AppError } from "../../../core/errors.ts";
import { standInFor } from "../../../core/threads/calls.ts";
import { moduleBeside } from "../../../core/threads/thread.ts";
import type { TrailStore } from "../../../pipeline/trail/trail-store.ts";
import type { TrailOpening } from "../trail/open-trail.ts";
import { opening, sqliteThread } from "./sqlite-thread.ts";

const METHODS = [
  "append",
  "extend",
  "checkpoint",
  "nodes",
  "logs",
  "batches",
  "find",
  "keepKey",
  "key",
  "keys",
  "replaceKey",
  "tally",
  "endDays",
  "endedDays",
] as const;
const MODULE = moduleBeside(import.meta.url, "./sqlite-worker");

/** As `openTrail`, in a thread of its own. When that ends by itself the trail cannot be written any more: what is told is spooled, and brought in at the next start. */
export async function openTrailThread(file: string, options: TrailOpening = {}, module = MODULE): Promise<TrailStore> {
  let isClosed = false;
  const thread = sqliteThread((end) => {
    const text =
      end === undefined ? "the audit trail is closed" : "the thread that has the audit trail open ended; stop the service, and start it again";
    return new AppError("unavailable", text, { cause: end?.cause });
  }, module);
  await opening(thread, "trail", file, options);
  return {
    ...standInFor<Pick<TrailStore, (typeof METHODS)[number]>>(thread, "batches", METHODS),
    close: async () => {
      if (isClosed) return;
      isClosed = true;
      await thread.call("batches", "close", []).catch(() => undefined);
      await thread.end();
    },
  };
}
