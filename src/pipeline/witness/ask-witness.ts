/** One witness, asked for its cosignature: with the proof from where it stands, whatever we thought it was. */
import { consistencyProof, type FetchNodes } from "../../core/crypto/merkle.ts";
import { openNote } from "../../core/crypto/signed-note.ts";
import { AppError } from "../../core/errors.ts";
import type { StoredCheckpoint } from "../store/record-store.ts";
import type { WitnessPort } from "./witness-port.ts";

/** `cosigned`: its lines. `ahead`: it says that it cosigned a larger tree. `refused`: nothing, for a reason. */
export type Asked =
  | { readonly kind: "cosigned"; readonly lines: string }
  | { readonly kind: "ahead"; readonly size: number }
  | { readonly kind: "refused"; readonly reason: string };

/** The first guess, and another after each answer that says where it stands. */
const ATTEMPTS = 3;

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
    if (answer.kind === "refused") return { kind: "refused", reason: REASONS[answer.status] ?? `it answers with ${answer.status}` };
    if (answer.size > size) return { kind: "ahead", size: answer.size };
    from = answer.size;
  }
  return { kind: "refused", reason: "it says each time that it stands elsewhere" };
}

const REASONS: Readonly<Record<number, string>> = {
  400: "it does not understand the request (400)",
  403: "it does not know our log's key (403)",
  404: "it does not know our log (404)",
  422: "it does not find our checkpoint consistent with what it cosigned (422)",
};

/** Its own lines alone: nobody else's are taken from it. */
function cosignedBy({ verifier }: WitnessPort, note: string, lines: string): Asked {
  try {
    const own = openNote(note + lines, [verifier]).signatures.filter(({ result }) => result === "valid" || result === "invalid");
    const isGood = own.length > 0 && own.every(({ result, at = 0 }) => result === "valid" && at > 0);
    if (isGood) return { kind: "cosigned", lines: own.map(({ line }) => line).join("") };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
  }
  return { kind: "refused", reason: "what it answers is not its cosignature" };
}
