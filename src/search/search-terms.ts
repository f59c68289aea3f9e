/** Letters that no decomposition takes their stroke or ligature from (Unicode NFKD), as people type them who lack the key. */
const PLAIN_LETTERS: Readonly<Record<string, string>> = { ø: "o", æ: "ae", œ: "oe", ß: "ss", ł: "l", đ: "d", ð: "d", þ: "th", ħ: "h", ı: "i" };
const STROKED = new RegExp(`[${Object.keys(PLAIN_LETTERS).join("")}]`, "gu");

/**
 * Text as the search box and the index compare it: lower case, without diacritics, in words; a word with an apostrophe also in one, identifiers both whole and
 * in words.
 */
export function searchTerms(texts: readonly string[]): string[] {
  const terms = texts.flatMap((text) => {
    const plain = plainLetters(text);
    const words = wordsOf(plain);
    const joined = /\p{L}['’ʼ]\p{L}/u.test(plain) ? wordsOf(plain.replace(/['’ʼ]/gu, "")) : [];
    return [...words, ...joined, ...(/\p{N}/u.test(plain) ? [plain.replace(/[^\p{L}\p{N}]+/gu, "")] : [])];
  });
  return [...new Set(terms.filter((term) => term.length > 0))];
}

/** Most texts: they have neither diacritics nor letters that are written in several ways. */
export function isAscii(text: string): boolean {
  return /^[\x00-\x7f]*$/.test(text);
}

/** Text without case and diacritics. */
export function plainLetters(text: string): string {
  if (isAscii(text)) return text.toLowerCase();
  return text
    .normalize("NFKD")
    .replace(/\p{M}+/gu, "")
    .toLowerCase()
    .replace(STROKED, (letter) => PLAIN_LETTERS[letter] ?? letter);
}

function wordsOf(text: string): string[] {
  return text.split(/[^\p{L}\p{N}]+/u);
}
