import type { AuditKeys } from "../../core/crypto/keys.ts";
import { equalBytes } from "../../core/crypto/digest.ts";
import { AppError } from "../../core/errors.ts";
import { checkpointUnder } from "../../core/formats/new-origin.ts";
import type { TrailStore } from "./trail-store.ts";

/**
 * Whether a log of the trail is not the one that its mark was taken of, as far as its newest checkpoints say: it is shorter, or was another when it was as long. An older copy in its place grows beyond the mark, and would be
 * marked anew, had nobody looked before.
 *
 * @param mark the note that was kept apart from it; undefined: none, which contradicts nothing
 */
export async function contradictsMark(
  log: string,
  { store, keys, mark }: { readonly store: Pick<TrailStore, "batches">; readonly keys: AuditKeys; readonly mark: string | undefined },
): Promise<boolean> {
  if (mark === undefined) return false;
  const { vkey } = keys.signerOf(log);
  try {
    const marked = checkpointUnder(mark, vkey);
    if (marked.size === 0) return false;
    const [batch] = await store.batches(log, marked.size - 1, 1);
    if (batch?.index !== marked.size - 1) return true;
    return !equalBytes(checkpointUnder(batch.note, vkey).root, marked.root);
  } catch (error) {
    if (!(error instanceof AppError) || error.code === "unavailable") throw error;
    return true;
  }
}
