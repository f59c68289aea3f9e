/** What is kept of a request that brings documents of which some were here before, in other bytes (docs/formats.md, "Submission"). */
import { concat, utf8 } from "../../core/crypto/bytes.ts";
import { digestOf } from "../../core/crypto/digest.ts";
import { wholeSubmission } from "../../core/formats/submission.ts";
import { leafOf } from "../deposit-entry.ts";
import type { Accepted } from "../deposit-unit.ts";
import type { ReadyDeposit } from "../deposit.ts";
import type { CutPiece } from "./submission-forms.ts";

interface Kept {
  readonly kept: Uint8Array;
  readonly pieces: readonly CutPiece[];
}

/**
 * Puts documents back into what is kept that were here before in other bytes (another form of FHIR, other white space): what was sent could not be put together from those.
 *
 * @param sent the bytes of each document as they came now
 * @param documents what became of each, in the same order
 */
export function putBack<Request extends Kept>(
  request: Request,
  sent: readonly { readonly bytes: Uint8Array }[],
  documents: readonly (ReadyDeposit | Accepted)[],
): Request {
  const parts: Uint8Array[] = [];
  const pieces: CutPiece[] = [];
  let [done, more] = [0, 0];
  for (const piece of request.pieces) {
    const [bytes, one] = [sent[piece.document]?.bytes, documents[piece.document]];
    if (!bytes || one?.kind !== "repeated" || leafOf(one.entry).submittedDigest === digestOf(bytes)) {
      pieces.push({ ...piece, at: piece.at + more });
      continue;
    }
    const text = wholeSubmission(utf8(""), [{ ...piece, at: 0, document: one.entry.id }], () => bytes);
    parts.push(request.kept.subarray(done, piece.at), text);
    done = piece.at;
    more += text.length;
  }
  return { ...request, kept: concat(...parts, request.kept.subarray(done)), pieces };
}
