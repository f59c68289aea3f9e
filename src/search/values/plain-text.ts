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

/**
 * The text from its beginning and from that of each of its words on, so that a family name is found by its second part (R4 search.html, string), and a text by a word in it. Of long texts only
 * the first words count: `_content` finds all.
 */
export function plainBeginnings(text: string): string[] {
  const words = text.split(/[\s\-‐‑–—,;/]+/u, MOST_WORDS).filter((word) => word !== "");
  return [...new Set([text, ...words.map((_, at) => words.slice(at).join(" "))].map(plainText))].filter((plain) => plain !== "");
}

/** Nobody's name has more. */
const MOST_WORDS = 12;
