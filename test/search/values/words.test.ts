import { expect, test } from "@jest/globals";
import { wordsOf } from "../../../src/search/values/full-text.ts";
import { plainBeginnings, plainText } from "../../../src/search/values/plain-text.ts";
import { boundedStart } from "../../../src/search/values/bounded.ts";
import { Random } from "../../contracts/random.ts";

const segmenter = new Intl.Segmenter("und", { granularity: "word" });

/** By Unicode's rules alone, as far as text without Han goes. */
function segmentsOf(text: string): string[] {
  const words = [...segmenter.segment(text.toLowerCase())].filter(({ isWordLike }) => isWordLike === true);
  const found = new Set(words.map(({ segment }) => boundedStart(segment.replace(/[^\p{L}\p{N}]+/gu, ""))));
  found.delete("");
  return [...found];
}

const ASCII = Array.from({ length: 128 }, (_, code) => String.fromCharCode(code));
const DENSE = Array.from("ab1.,:;'\"_-/ \t");

function textsFrom(alphabet: readonly string[], seed: number): string[] {
  const random = new Random(seed);
  return Array.from({ length: 5_000 }, () => random.many(random.below(20), () => alphabet[random.below(alphabet.length)] ?? "").join(""));
}

test("plain text is cut into words as Unicode's rules cut it, by whatever way", () => {
  for (const text of [...textsFrom(ASCII, 1), ...textsFrom(DENSE, 2), "6.2 mmol/L (3,5-7.0), don't: e.g. 1.2.3 a_b"])
    expect({ text, words: wordsOf(text) }).toEqual({ text, words: segmentsOf(text) });
});

test("a text is found from the beginning of each of its words, and what is nothing but marks as it is", () => {
  /** Word by word, each of the rests made plain by itself. */
  const expected = (text: string): string[] => {
    const words = text.split(/[\s\-‐‑–—,;/]+/u, 12).filter((word) => word !== "");
    return [...new Set([text, ...words.map((_, at) => words.slice(at).join(" "))].map(plainText))].filter((plain) => plain !== "");
  };
  for (const text of [...textsFrom(ASCII, 3), ...textsFrom(DENSE, 4), ...textsFrom(Array.from("éΣσ ß-.a"), 5)])
    expect({ text, found: plainBeginnings(text) }).toEqual({ text, found: expected(text) });
  expect(plainBeginnings("Smith-O'Brien, +++")).toEqual(["smithobrien", "obrien", "+++"]);
});
