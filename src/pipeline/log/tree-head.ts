import type { Checkpoint } from "../../core/crypto/checkpoint.ts";
import { equalBytes } from "../../core/crypto/digest.ts";
import type { LogName } from "../../core/crypto/keys.ts";
import { rootOf } from "../../core/crypto/merkle.ts";
import { faultOfSignature, knownLog, openedUnder, type KnownLog } from "../../core/crypto/log-keys.ts";
import { AppError } from "../../core/errors.ts";
import type { RecordStore } from "../store/record-store.ts";
import type { KeyFence } from "./ledger-options.ts";

/**
 * The size of the log as the store has it, after making sure that the log is ours and whole: the newest checkpoint bears our signature and origin, and
 * its root is that of the stored nodes. 0 for an empty store. AppError `damaged` when anything of that is not so, also
 * when the log is still one that was to end (`pastLogs`).
 */
export async function verifiedSize(
  store: Pick<RecordStore, "checkpoint" | "nodes">,
  signer: LogName,
  pastLogs: readonly LogName[] = [],
): Promise<number> {
  const record = await store.checkpoint();
  if (pastLogs.some(({ origin }) => record === undefined || record.note.startsWith(`${origin}\n`)))
    throw new AppError("damaged", `the log ${signer.origin} was not begun to its end: run \`chartulary log new-origin --reason TEXT\` once more`);
  if (!record) return 0;
  const checkpoint = openCheckpoint(record.note, signer);
  if (checkpoint.size !== record.size) throw damaged(`it is stored as the one of ${record.size} leaves and says ${checkpoint.size}`);
  const root = await rootOf(checkpoint.size, (positions) => store.nodes(positions));
  if (!equalBytes(root, checkpoint.root)) throw damaged("its root hash is not that of the stored tree");
  return checkpoint.size;
}

/** The same, asked once more before a log is called damaged: another process may have signed it by a key that was not seen here yet. @param fence looks for such a key */
export async function surelyVerifiedSize(
  store: Pick<RecordStore, "checkpoint" | "nodes">,
  signer: LogName,
  pastLogs: readonly LogName[],
  fence: Pick<KeyFence, "renew"> | undefined,
): Promise<number> {
  try {
    return await verifiedSize(store, signer, pastLogs);
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "damaged") throw error;
    await fence?.renew([]);
    return verifiedSize(store, signer, pastLogs);
  }
}

/** What a checkpoint of ours says. AppError `damaged` when it is not ours. @param known the log with its keys as they were read before */
export function openCheckpoint(note: string, log: LogName, known?: KnownLog): Checkpoint {
  try {
    const { checkpoint, signed } = openedUnder(note, known ?? knownLog(log));
    if (checkpoint.origin !== log.origin) throw damaged(`it belongs to another log, ${checkpoint.origin}`);
    // Of one by a key that was ended the database has the tree: that it is whole is found out otherwise.
    const fault = signed === "ended" ? undefined : faultOfSignature(signed);
    if (fault !== undefined) throw damaged(`it ${fault}`);
    return checkpoint;
  } catch (cause) {
    if (cause instanceof AppError && cause.code === "damaged") throw cause;
    throw damaged("it cannot be read", cause);
  }
}

function damaged(what: string, cause?: unknown): AppError {
  return new AppError("damaged", `the log's newest checkpoint is not what was committed: ${what}`, { cause });
}
