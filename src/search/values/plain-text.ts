import { plainLetters } from "../search-terms.ts";

/**
 * A string as a search compares it (R4 search.html, string): without case, diacritics, punctuation and blanks, so that `O'Brien-Smith` is `obriensmith`. What consists of nothing else is
 * kept as it is.
 */
export function plainText(text: string): string {
  const plain = plainLetters(text);
  const letters = plain.replace(/[^\p{L}\p{N}]+/gu, "");
  return letters === "" ? plain.trim() : letters;
}

/** Words that a text is also looked up by, other than its first: a family name's parts (R4 search.html, string). */
export function laterWords(text: string): string[] {
  const words = text.split(/[\s\-‐‑–—,;/]+/u).filter((word) => word !== "");
  return words.slice(1, MOST_WORDS).map((_, at) => plainText(words.slice(at + 1).join(" ")));
}

/** Nobody's name has more parts. */
const MOST_WORDS = 12;
