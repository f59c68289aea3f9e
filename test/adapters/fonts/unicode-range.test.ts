import { expect, test } from "@jest/globals";
import { parseUnicodeRange } from "../../../src/adapters/fonts/font-shelf.ts";
import { unicodeRange } from "../../../src/adapters/fonts/unicode-range.ts";

test.each([
  [[0x61, 0x43, 0x41, 0x42], "U+41-43,U+61"],
  [[0x61, 0x61], "U+61"],
  [[0x1f600], "U+1f600"],
])("%p is written as %s, and read back", (characters, range) => {
  expect(unicodeRange(characters)).toBe(range);
  expect(parseUnicodeRange(range).flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, at) => first + at))).toEqual(
    [...new Set(characters)].sort((a, b) => a - b),
  );
});
