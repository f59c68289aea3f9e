/** Checkpoints that witnesses cosigned, as they are handed on: the first that is enough for an entry, and the newest. */
import { countingSize, knownLog, openedUnder } from "../../core/crypto/log-keys.ts";
import type { LogName } from "../../core/crypto/keys.ts";
import type { NoteSignature, NoteVerifier } from "../../core/crypto/signed-note.ts";
import { AppError } from "../../core/errors.ts";
import type { TlogPolicy } from "../../core/formats/tlog-policy.ts";
import type { CosignedCheckpoint, CosignedStore } from "./witness-port.ts";

export interface Witnessed {
  /** The first checkpoint of a tree with the entry that as many witnesses cosigned as the policy asks for: the same whenever it is asked for. Undefined: there is none yet. */
  firstWith(index: number): Promise<CosignedCheckpoint | undefined>;
  /** The newest of them. */
  newest(): Promise<CosignedCheckpoint | undefined>;
}

/** So many are looked at: a policy that is met now and then is met among them. */
const LOOKED_AT = 64;
const PAGE = 8;

/** @param log the one that is: what was cosigned of one before it may be of another tree */
export function witnessedBy(policy: TlogPolicy, log: LogName, store: Pick<CosignedStore, "newest" | "from">): Witnessed {
  const { origin } = log;
  const verifiers = policy.witnesses.map(({ verifier }) => verifier);
  const isEnough = (kept: CosignedCheckpoint): boolean => {
    const valid = signaturesUnder(kept, log, verifiers);
    if (valid === undefined) return false;
    const has = policy.witnesses.filter(({ verifier }) => valid.some(({ name, keyId }) => name === verifier.name && keyId === verifier.keyId));
    return policy.isQuorum(new Set(has.map(({ name }) => name)));
  };
  return {
    firstWith: async (index) => {
      // What was cosigned under a key that was ended counts no more, however much of it there is.
      for (let [from, seen] = [countingSize(index + 1, log.keys), 0]; seen < LOOKED_AT; seen += PAGE) {
        const found = await store.from(origin, from, PAGE);
        const first = found.find(isEnough);
        if (first !== undefined || found.length < PAGE) return first;
        // Of one size there may be several, each later than the one before.
        const last = found.at(-1)?.size ?? 0;
        from = last === from ? last + 1 : last;
      }
      return undefined;
    },
    newest: async () => {
      const newest = await store.newest(origin);
      return newest && isEnough(newest) ? newest : undefined;
    },
  };
}

/** The valid signatures under a checkpoint as it was kept; undefined when it is none that the log signed of that size: what is kept proves itself or nothing. */
export function signaturesUnder(
  { note, size }: CosignedCheckpoint,
  log: LogName,
  verifiers: readonly NoteVerifier[],
): readonly NoteSignature[] | undefined {
  try {
    const { checkpoint, signatures, signed } = openedUnder(note, knownLog(log), verifiers);
    const isOurs = signed === "signed" && checkpoint.size === size;
    return isOurs ? signatures.filter(({ result }) => result === "valid") : undefined;
  } catch (error) {
    if (error instanceof AppError) return undefined;
    throw error;
  }
}
