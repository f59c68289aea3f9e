/** The file of cosigned checkpoints in a thread of its own: that one is on the disk holds up nobody. */
import { AppError } from "../../../core/errors.ts";
import { standInFor } from "../../../core/threads/calls.ts";
import type { CosignedStore } from "../../../pipeline/witness/witness-port.ts";
import { opening, sqliteThread } from "./sqlite-thread.ts";

const CLOSED = "the file of cosigned checkpoints is closed";
const LOST = "the thread that has the file of cosigned checkpoints open ended; stop the service, and start it again";

/** As `openCosignedFile`, in a thread of its own. */
export async function openCosignedThread(file: string, options: { readonly patience?: number } = {}): Promise<CosignedStore> {
  let end: string | undefined;
  const thread = sqliteThread((how) => {
    end ??= how === undefined ? CLOSED : LOST;
    return new AppError("unavailable", end, { cause: how?.cause });
  });
  await opening<undefined>(thread, "cosigned", file, options);
  const store = standInFor<CosignedStore>(thread, "cosigned-checkpoints", ["put", "newest", "from", "close"]);
  return {
    ...store,
    close: async () => {
      if (end !== undefined) return;
      const closing = store.close();
      end = CLOSED;
      await closing;
      await thread.end();
    },
  };
}
