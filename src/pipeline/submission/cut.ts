/** What is kept of a submission: its body without the documents, which are kept as entries of their own (docs/formats.md, "Submission"). */
import { toBase64 } from "../../core/crypto/base64.ts";
import { equalBytes } from "../../core/crypto/digest.ts";
import { concat } from "../../core/crypto/bytes.ts";
import { wholeSubmission } from "../../core/formats/submission.ts";
import type { CutPiece } from "./submission-forms.ts";

/** Where a document stands in the text. */
export interface DocumentPart {
  readonly document: number;
  /** In UTF-16 units, `end` excluded. */
  readonly start: number;
  readonly end: number;
  readonly form: "bytes" | "base64";
  readonly bytes: Uint8Array;
  /** Of `bytes`: what was written in. */
  readonly inserted?: { readonly from: number; readonly to: number } | undefined;
}

/**
 * Cuts documents out of a body. One that cannot be put together again to the byte (base64 with line breaks, say) stays in: its submission ends with the first of its documents that is erased
 * in either case.
 */
export function cutDocuments(
  body: Uint8Array,
  text: string,
  places: readonly DocumentPart[],
): { readonly kept: Uint8Array; readonly pieces: readonly CutPiece[] } {
  const encoder = new TextEncoder();
  const mark = body.subarray(0, body.length - encoder.encode(text).length);
  const cut = [...places].sort((one, other) => one.start - other.start).filter((place) => isExact(place, text.slice(place.start, place.end)));
  const parts: Uint8Array[] = [mark];
  const pieces: CutPiece[] = [];
  let [done, at] = [0, mark.length];
  for (const { document, start, end, form, inserted } of cut) {
    if (start < done) continue;
    const part = encoder.encode(text.slice(done, start));
    parts.push(part);
    at += part.length;
    pieces.push({ at, document, form, ...inserted });
    done = end;
  }
  const kept = concat(...parts, encoder.encode(text.slice(done)));
  const whole = wholeSubmission(
    kept,
    pieces.map(({ document, ...piece }) => ({ ...piece, document: String(document) })),
    (document) => places.find((one) => String(one.document) === document)?.bytes ?? new Uint8Array(),
  );
  return equalBytes(whole, body) ? { kept, pieces } : { kept: body, pieces: [] };
}

function isExact({ form, bytes }: DocumentPart, text: string): boolean {
  return form === "bytes" || text === toBase64(bytes);
}
