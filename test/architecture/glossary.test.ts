import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "@jest/globals";
import { exportedNames, heldWords, strayNames } from "./glossary.ts";

const SOURCE = path.resolve(import.meta.dirname, "../../src");
const names = readdirSync(SOURCE, { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".ts"))
  .flatMap((name) => exportedNames(name.split(path.sep).join("/"), readFileSync(path.join(SOURCE, name), "utf8")));

describe("the glossary (docs/glossary.md)", () => {
  test("has words, and every place that it names for them uses them", () => {
    const words = heldWords();
    expect(words.map(({ word }) => word)).toEqual(["judge", "frame", "slot", "place", "room"]);
    const unused = words.flatMap(({ word, folders }) =>
      folders.filter(
        (folder) =>
          strayNames(
            names.filter(({ file }) => `${file}/`.startsWith(`${folder}/`)),
            [{ word, folders: [] }],
          ).length === 0,
      ),
    );
    expect(unused).toEqual([]);
  });

  test("is kept by every name that is exported", () => {
    expect(strayNames(names, heldWords())).toEqual([]);
  });

  test("a word in another meaning is found, in a type, a function and a constant, and what only looks like it is not", () => {
    const text = `
      export interface Frame { readonly a: 1 }
      export async function placesOf(): Promise<void> {}
      export const [MOST_ROOMS, judgeAll] = [1, 2];
      export const ROOM_LEFT = 1, replaceFile = 2;
      export class FrameworkJudgement {}
      class Slot {}
      export type { Place } from "./place.ts";
    `;
    const folders = { word: "place", folders: ["core/a.ts"] };
    const words = [
      { word: "frame", folders: ["pipeline/render"] },
      { word: "judge", folders: [] },
      { word: "slot", folders: [] },
      { word: "room", folders: [] },
      folders,
    ];
    expect(strayNames(exportedNames("core/a.ts", text), words)).toEqual(["core/a.ts: Frame (frame)", "core/a.ts: ROOM_LEFT (room)"]);
    expect(strayNames(exportedNames("core/a.tsx/b.ts", text), words)).toEqual([
      "core/a.tsx/b.ts: Frame (frame)",
      "core/a.tsx/b.ts: placesOf (place)",
      "core/a.tsx/b.ts: ROOM_LEFT (room)",
    ]);
    expect(strayNames(exportedNames("pipeline/render/frames.ts", text), words)).not.toContain("pipeline/render/frames.ts: Frame (frame)");
  });
});
