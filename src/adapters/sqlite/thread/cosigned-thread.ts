import type { CosignedStore } from "../../../pipeline/witness/witness-port.ts";
import { openRowsThread } from "./rows-thread.ts";

const METHODS = ["put", "newest", "from", "close"] as const;

/** As `openCosignedFile`, in a thread of its own. */
export function openCosignedThread(file: string, options: { readonly patience?: number } = {}): Promise<CosignedStore> {
  return openRowsThread<CosignedStore>(file, options, {
    ...{ what: "cosigned", on: "cosigned-checkpoints", methods: METHODS },
    ...{ called: "the file of cosigned checkpoints", verb: "is" },
  });
}
