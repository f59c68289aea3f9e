import { expect, test } from "@jest/globals";
import { AppError } from "../../../../src/core/errors.ts";
import { textsInTurns, type Wanted } from "../../../../src/interactions/fhir/bulk/export-texts.ts";
import type { PlacedResource } from "../../../../src/reader/persons.ts";
import type { PageTexts, ResourcePage } from "../../../../src/reader/resource-page.ts";
import { askedByProgram } from "../../../../src/core/asked.ts";

/** Resources of documents, the newest first. */
function wantedOf(documents: readonly string[], type = "Bundle"): Wanted[] {
  return documents.map((documentId, at) => ({ type, documentId, path: "", number: documents.length - at, shown: { kind: "whole" } }));
}

interface Opening {
  /** How many documents of a turn there is room for. */
  readonly room?: number;
  readonly failing?: Readonly<Record<string, Error>>;
}

/** What is given, and in which turns documents were opened. */
async function given(wanted: readonly Wanted[], { room = 100, failing = {} }: Opening = {}) {
  const turns: string[][] = [];
  let [underWay, most] = [0, 0];
  const pageOf = (_: unknown, all: readonly PlacedResource[]): Promise<ResourcePage> =>
    Promise.resolve({
      of: () => Promise.reject(new Error("nobody asks for one alone")),
      several: async (ids) => {
        most = Math.max(most, ++underWay);
        const some = ids.slice(0, room);
        turns.push([...some]);
        // Turns end in another order than they began in.
        for (let ticks = turns.length % 2 === 0 ? 1 : 5; ticks > 0; ticks--) await new Promise(setImmediate);
        underWay--;
        return some.map((id): PageTexts => {
          const error = failing[id];
          return error ? { error } : { texts: all.filter((one) => one.documentId === id).map(({ type }) => `${type} ${id}`) };
        });
      },
    });
  const texts: (readonly [string, string | undefined])[] = [];
  for await (const some of textsInTurns(askedByProgram("test"), wanted, { reader: { pageOf }, fhirBase: "" }))
    texts.push(...some.map(([{ documentId }, text]): readonly [string, string | undefined] => [documentId, text]));
  return { texts, turns, most };
}

const DOCUMENTS = Array.from({ length: 100 }, (_, at) => `d${at}`);

test("all are given once, in their order, while several turns are under way", async () => {
  const { texts, turns, most } = await given(wantedOf(DOCUMENTS));
  expect(texts).toEqual(DOCUMENTS.map((id) => [id, `Bundle ${id}`]));
  expect(turns.flat().sort()).toEqual([...DOCUMENTS].sort());
  expect(most).toBe(3);
});

test("of large documents no more are held than there is room for", async () => {
  const { texts, turns } = await given(wantedOf(DOCUMENTS), { room: 2 });
  expect(texts.map(([id]) => id)).toEqual(DOCUMENTS);
  expect(turns.every((ids) => ids.length <= 2)).toBe(true);
  expect(turns.flat().sort()).toEqual([...DOCUMENTS].sort());
});

test("a resource that stands apart from the others of its document waits for its place", async () => {
  const apart = [...wantedOf(DOCUMENTS), ...wantedOf(["d3"])];
  const { texts, turns } = await given(apart);
  expect(texts.map(([id]) => id)).toEqual([...DOCUMENTS, "d3"]);
  expect(turns.flat()).toHaveLength(DOCUMENTS.length);
});

test("other forms of the same documents are opened too, also where there is room for few", async () => {
  const both = DOCUMENTS.flatMap((id) => [...wantedOf([id]), ...wantedOf([id], "Binary")]);
  const { texts } = await given(both, { room: 3 });
  expect(texts).toEqual(
    DOCUMENTS.flatMap((id) => [
      [id, `Bundle ${id}`],
      [id, `Binary ${id}`],
    ]),
  );
});

test("of one that is erased or damaged there is no text; what else goes wrong is told", async () => {
  const failing = { d1: new AppError("gone", "erased"), d2: new AppError("damaged", "altered") };
  const { texts } = await given(wantedOf(["d0", "d1", "d2", "d3"]), { failing });
  expect(texts.map(([, text]) => text)).toEqual(["Bundle d0", undefined, undefined, "Bundle d3"]);
  await expect(given(wantedOf(DOCUMENTS), { failing: { d7: new AppError("unavailable", "away") } })).rejects.toThrow("away");
});
