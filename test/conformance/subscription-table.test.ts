/** The tables of what subscriptions demand (docs/design/subscriptions.md): every item and every requirement is there, and every test that is named exists. */
import { describe, expect, test } from "@jest/globals";
import { heldItems, isThere, namedIn, pageText } from "./held-table.ts";

const PAGE = pageText("subscriptions.md");
const items = heldItems(PAGE);
/** Requirements of the test kit. */
const requirements = [
  ...PAGE.matchAll(/^\| (\d+) \| (shall|shall not|should|should not|may|–) \| (.+) \| (yes|no|not ours|withdrawn) \| (.+) \|$/gm),
].map(([, number, strength, , done, why = ""]) => ({ number: Number(number), strength, done, why }));

test("every item of the checklist is in the table, once", () => {
  expect(items.map(({ item }) => item)).toEqual(Array.from({ length: 13 }, (_, at) => 35 + at));
  for (const { item, named } of items) expect([item, named.length > 0]).toEqual([item, true]);
});

test("every requirement of the kit is in the table, once; nothing that a server must or should is not done, and what is done is held by a test", () => {
  expect(requirements.map(({ number }) => number)).toEqual(Array.from({ length: 138 }, (_, at) => 2 + at));
  for (const { number, strength, done, why } of requirements) {
    if (done === "yes") expect([number, namedIn(why).length > 0]).toEqual([number, true]);
    if (done === "no") expect([number, strength]).toEqual([number, "may"]);
    expect([number, done === "withdrawn"]).toEqual([number, strength === "–"]);
  }
});

describe("every test that is named exists:", () => {
  const all = [...new Map(namedIn(PAGE).map((one) => [`${one.file} ${one.title}`, one])).values()];
  test.each(all)("$file › $title", ({ file, title }) => {
    expect([file, title, isThere({ file, title })]).toEqual([file, title, true]);
  });
});
