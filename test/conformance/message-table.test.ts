/** The table of what R4 demands of messaging (docs/design/messages.md): every item is there, once, and every test that it names exists. */
import { describe, expect, test } from "@jest/globals";
import { heldItems, isThere, namedIn, pageText } from "./held-table.ts";

const PAGE = pageText("messages.md");
const LAST = 10;

const rows = heldItems(PAGE);

test("every item is in the table once, each with a test", () => {
  expect(rows.map(({ item }) => item)).toEqual(Array.from({ length: LAST }, (_, at) => at + 1));
  for (const { item, named } of rows) expect([item, named.length > 0]).toEqual([item, true]);
});

describe("every test that is named exists:", () => {
  const all = [...new Map(namedIn(PAGE).map((one) => [`${one.file} ${one.title}`, one])).values()];
  test.each(all)("$file › $title", (one) => {
    expect([one, isThere(one)]).toEqual([one, true]);
  });
});
