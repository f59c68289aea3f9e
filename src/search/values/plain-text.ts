import { isAscii, plainLetters } from "../search-terms.ts";

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
  if (/^[A-Za-z0-9]*$/.test(text)) return text === "" ? [] : [text.toLowerCase()];
  const words = text.split(/[\s\-‐‑–—,;/]+/u, MOST_WORDS).filter((word) => word !== "");
  if (isAscii(text)) return asciiBeginnings(text, words);
  return [...new Set([text, ...words.map((_, at) => words.slice(at).join(" "))].map(plainText))].filter((plain) => plain !== "");
}

/** Nobody's name has more. */
const MOST_WORDS = 12;

/** The same where each word can be made plain by itself. */
function asciiBeginnings(text: string, words: readonly string[]): string[] {
  const plain = words.map((word) => word.toLowerCase().replace(/[^a-z0-9]+/g, ""));
  // What consists of nothing else is kept as it is.
  const rest = (at: number): string => plain.slice(at).join("") || plainText(words.slice(at).join(" "));
  return [...new Set([plainText(text), ...words.map((_, at) => rest(at))])].filter((one) => one !== "");
}
