/** Names, titles and numbers of a document where they stand on a line of ours: in the banner, in lists, in running heads. */

import { isLegible } from "../../../core/fhir/reading/unseen.ts";

/** Embeddings, overrides, isolates and marks of direction (Unicode annex 9), and what is no character of a line. */
const TURNS = /[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]/g;
const BREAKS = /[\p{Cc}\u2028\u2029]+/gu;

/** Twice as wide as Latin letters. */
const WIDE = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\u{1f300}-\u{3fffd}]/u;

/**
 * Text whose letters stand in the order in which they were sent: without marks that turn it, by which one name is made to look like another, or like what stands beside it. The line isolates
 * it (`bdi`), so that writing from right to left needs none of them. Running heads of PDFs drop the same (adapters/chromium/furniture.ts).
 */
export function oneLine(text: string): string {
  return text.replace(TURNS, "").replace(BREAKS, " ");
}

/** A name on a line of ours; undefined where nothing of it could be seen. */
export function seenName(name: string | undefined): string | undefined {
  const seen = oneLine(name ?? "").trim();
  return isLegible(seen) ? seen : undefined;
}

/** Text with at most `most` letters, whole characters, and a mark where it was cut. Han and the like count twice. */
export function cut(text: string, most: number): string {
  let room = most;
  let kept = "";
  for (const character of text.slice(0, most * 4)) {
    room -= WIDE.test(character) ? 2 : 1;
    if (room < 0) return `${kept.trimEnd()}…`;
    kept += character;
  }
  return kept.length < text.length ? `${kept.trimEnd()}…` : text;
}
