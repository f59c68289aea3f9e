/** Checkpoints that witnesses cosigned, as they are handed on: the first that is enough for an entry, and the newest. */
import { openNote } from "../../core/crypto/signed-note.ts";
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

/** @param origin of the log that is: what was cosigned of one before it may be of another tree */
export function witnessedBy(policy: TlogPolicy, origin: string, store: Pick<CosignedStore, "newest" | "from">): Witnessed {
  const verifiers = policy.witnesses.map(({ verifier }) => verifier);
  const isEnough = ({ note }: CosignedCheckpoint): boolean => {
    const valid = openNote(note, verifiers).signatures.filter(({ result }) => result === "valid");
    const has = policy.witnesses.filter(({ verifier }) => valid.some(({ name, keyId }) => name === verifier.name && keyId === verifier.keyId));
    return policy.isQuorum(new Set(has.map(({ name }) => name)));
  };
  return {
    firstWith: async (index) => {
      for (let [from, seen] = [index + 1, 0]; seen < LOOKED_AT; seen += PAGE) {
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
