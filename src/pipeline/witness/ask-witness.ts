/** One witness, asked for its cosignature: with the proof from where it stands, whatever we thought it was. */
import { consistencyProof, type FetchNodes } from "../../core/crypto/merkle.ts";
import { openNote } from "../../core/crypto/signed-note.ts";
import { AppError } from "../../core/errors.ts";
import type { StoredCheckpoint } from "../store/record-store.ts";
import type { WitnessPort } from "./witness-port.ts";

/** `cosigned`: its line. `ahead`: it says that it cosigned a larger tree. `other`: it says that it cosigned another tree. `refused`: nothing, for a reason. */
export type Asked =
  | { readonly kind: "cosigned"; readonly line: string }
  | { readonly kind: "ahead"; readonly size: number }
  | { readonly kind: "other" }
  | { readonly kind: "refused"; readonly reason: string };

/** The first guess, and another after each answer that says where it stands. */
const ATTEMPTS = 3;
/** The status by which a witness says that the proof does not lead from the tree that it cosigned to ours. */
const INCONSISTENT = 422;
/** A witness's clock may differ from ours by so many milliseconds: the time that it signs is kept for ever. */
const SKEW = 300_000;

/**
 * @param oldSize where we believe that it stands
 * @throws AppError `unavailable` when it does not answer
 */
export async function askWitness(witness: WitnessPort, { size, note }: StoredCheckpoint, oldSize: number, nodes: FetchNodes): Promise<Asked> {
  let from = Math.min(oldSize, size);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const proof = await consistencyProof(from, size, nodes);
    const answer = await witness.add({ oldSize: from, proof, checkpoint: note });
    if (answer.kind === "cosigned") return cosignedBy(witness, note, answer.lines);
    if (answer.kind === "refused" && answer.status === INCONSISTENT) return { kind: "other" };
    if (answer.kind === "refused") return { kind: "refused", reason: REASONS[answer.status] ?? `it answers with ${answer.status}` };
    if (answer.size > size) return { kind: "ahead", size: answer.size };
    from = answer.size;
  }
  return { kind: "refused", reason: "it says each time that it stands elsewhere" };
}

const REASONS: Readonly<Record<number, string>> = {
  400: "it does not understand the request (400)",
  403: "it does not know our log's key (403): after `chartulary keys rotate log` its operator has to add the new one",
  404: "it does not know our log (404)",
};

/** Its own line alone, and one: nobody else's is taken from it, and many would leave others' no room in a note. */
function cosignedBy({ verifier }: WitnessPort, note: string, lines: string): Asked {
  try {
    const own = openNote(note + lines, [verifier]).signatures.filter(({ result }) => result === "valid" || result === "invalid");
    const [first] = own;
    if (first?.at !== undefined && own.every(({ result }) => result === "valid")) {
      const isOfNow = Math.abs(first.at * 1_000 - Date.now()) <= SKEW;
      return isOfNow ? { kind: "cosigned", line: first.line } : { kind: "refused", reason: "the time that it signs is not that of our clock" };
    }
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
  }
  return { kind: "refused", reason: "what it answers is not its cosignature" };
}
