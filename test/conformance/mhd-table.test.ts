/** The table of what IHE MHD demands (docs/design/mhd.md): every item is there, every test that it names exists, and every case of NIST's that it lists is tried. */
import { describe, expect, test } from "@jest/globals";
import { heldItems, isThere, namedIn, pageText, testSource } from "./held-table.ts";

const PAGE = pageText("mhd.md");
/** Of the checklist, those that the text requires. */
const REQUIRED = [1, 2, 3, 4, 5, 6, 7, 9, 11, 12, 15, 17, 18, 19, 20, 21, 22, 23, 27, 28, 29, 30, 31, 33, 35, 37];
const LAST = 37;

const rows = heldItems(PAGE);

test("every item is in the table, or said not to be held, and once", () => {
  const there = rows.map(({ item }) => item);
  expect(new Set(there).size).toBe(there.length);
  const [, elsewhere = ""] = /\*Held elsewhere or not at all\.\*([^\n]+)/.exec(PAGE) ?? [];
  const told = [...elsewhere.matchAll(/\b(\d+), (?:who|audit)/g)].map(([, item]) => Number(item));
  expect([...there, ...told].sort((a, b) => a - b)).toEqual(Array.from({ length: LAST }, (_, at) => at + 1));
  expect(rows.filter(({ kind }) => kind === "R").map(({ item }) => item)).toEqual(REQUIRED);
});

describe("every test that is named exists:", () => {
  const all = [...new Map(namedIn(PAGE).map((one) => [`${one.file} ${one.title}`, one])).values()];
  test("there are some for each item", () => {
    for (const { item, named } of rows) expect([item, named.length > 0]).toEqual([item, true]);
    expect(all.length).toBeGreaterThan(rows.length);
  });
  test.each(all)("$file › $title", ({ file, title }) => {
    expect([file, title, isThere({ file, title })]).toEqual([file, title, true]);
  });
});

test("NIST's cases are all tried, and no others are listed", () => {
  const [, taken = "", refused = ""] = /^\| taken \| refused \|\n\|---\|---\|\n\| (.+) \| (.+) \|$/m.exec(PAGE) ?? [];
  const source = testSource("mhd-toolkit");
  const listed = [...taken.split(", "), ...refused.split(", ")];
  expect(listed.length).toBeGreaterThan(30);
  const tried = [...source.matchAll(/"((?:Bad|Missing|Single|Two|Official|Document)_\w+)/g)].map(([, name]) => name ?? "");
  expect([...new Set(tried)].sort()).toEqual([...listed].sort());
});
