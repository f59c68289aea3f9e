/** Who is whom by what messages say, over an index in memory. */
import { expect, test } from "@jest/globals";
import { FEED_ROLE, ROWS } from "../../src/search/derived/person.ts";
import { Identities } from "../../src/search/identities.ts";
import { MADE_PLACES } from "../../src/search/resource-number.ts";
import type { IndexRow } from "../../src/search/values/index-row.ts";
import { newDocument, stepOf } from "../contracts/indexed.ts";
import { MemoryIndex } from "../contracts/memory-index.ts";

interface Message {
  /** With the place of its system behind it: `a1`. The first is whom the message is about. */
  readonly ids: readonly string[];
  readonly into?: string;
  /** It does not count any more. */
  readonly isPast?: true;
}

async function identitiesOf(messages: readonly Message[]): Promise<Identities> {
  const index = new MemoryIndex();
  const word = (name: string, value: string, system?: string): IndexRow => ({ kind: "word", name, value, part: 0, ...(system && { system }) });
  const documents = messages.map(({ ids, into, isPast }, from) =>
    newDocument({
      from,
      ...(isPast && { to: from }),
      header: ids.map((id, at) => ({
        ...{ place: MADE_PLACES.Patient + at, type: "Patient", path: id },
        rows: [word(ROWS.derived, id, FEED_ROLE), word(ROWS.rank, id.slice(-1)), ...(into === undefined ? [] : [word(ROWS.into, into)])],
      })),
    }),
  );
  await index.advance(stepOf(documents, 0));
  return new Identities(index);
}

const told = async (messages: readonly Message[], id: string): Promise<string> => {
  const identity = (await (await identitiesOf(messages)).of([id])).get(id);
  return `${identity?.members.join(" ") ?? ""} | ${identity?.replaced.join(" ") ?? ""}`;
};

const MERGED: readonly Message[] = [{ ids: ["a1"] }, { ids: ["b1"], into: "a1" }, { ids: ["c1"] }];

test.each([
  ["nobody named it", [], "x", "x | "],
  ["alone", [{ ids: ["a1"] }], "a1", "a1 | "],
  ["replaced, from the one that is left", MERGED, "a1", "a1 b1 | b1"],
  ["replaced, from the one that is not", MERGED, "b1", "a1 b1 | b1"],
  ["beside them", MERGED, "c1", "c1 | "],
  ["one that no message is about stands for another", [{ ids: ["b1"], into: "a1" }], "b1", "a1 b1 | b1"],
  ["a chain", [{ ids: ["a1"], into: "b1" }, { ids: ["b1"], into: "c1" }, { ids: ["c1"] }], "a1", "c1 a1 b1 | a1 b1"],
  [
    "a chain that was opened in its middle",
    [{ ids: ["a1"], into: "b1" }, { ids: ["b1"], into: "c1", isPast: true }, { ids: ["c1"] }, { ids: ["b1"] }],
    "a1",
    "b1 a1 | a1",
  ],
  ["several identifiers of one message: by the system that is listed first", [{ ids: ["a2", "b1"] }], "a2", "b1 a2 | "],
  ["joined by an identifier that two messages name", [{ ids: ["a2", "x3"] }, { ids: ["b1", "x3"] }], "a2", "b1 a2 x3 | "],
  ["what a replaced one was called beside is replaced too", [{ ids: ["a1", "x2"], into: "b1" }, { ids: ["b1"] }], "x2", "b1 a1 x2 | a1 x2"],
  ["but not what is said of by itself", [{ ids: ["a1", "x2"], into: "b1" }, { ids: ["b1"] }, { ids: ["x2"] }], "a1", "b1 x2 a1 | a1"],
  [
    "a circle, which nobody could enter, ends",
    [
      { ids: ["a1"], into: "b1" },
      { ids: ["b1"], into: "a1" },
    ],
    "a1",
    "a1 b1 | a1 b1",
  ],
] as const)("%s", async (_, messages, id, expected) => expect(await told(messages, id)).toBe(expected));

test("several are asked about at once, and one person is one thing", async () => {
  const identities = await identitiesOf(MERGED);
  const found = await identities.of(["a1", "b1", "c1", "x"]);
  expect(found.get("a1")).toBe(found.get("b1"));
  expect([...found.values()].map(({ survivor }) => survivor)).toEqual(["a1", "a1", "c1", "x"]);
  expect(await identities.members(["b1", "c1"])).toEqual(["a1", "b1", "c1"]);
});
