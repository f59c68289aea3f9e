import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { localeFor } from "../../../../src/pipeline/render/locale-for.ts";
import type { Sideways } from "../../../../src/pipeline/render/narrative/sideways.ts";
import { hintsClass, sidewaysHints } from "../../../../src/pipeline/render/narrative/sideways-hint.ts";

const table = (heads: readonly string[], need: number, columns = heads.length): Sideways => ({ kind: "table", need, heads, columns });
const told = (sideways: readonly Sideways[]): string[] => sidewaysHints(sideways, localeFor(["en"])).map((hint) => String(hint ?? ""));

test("tables of the same columns are told of once, as long as the widest of them is too wide", () => {
  const hints = told([table(["Result", "Value"], 300), table([], 500, 6), table(["Result", "Value"], 700), table([], 400, 6), table([], 400, 4)]);
  expect(hints).toHaveLength(3);
  expect(hints[0]).toMatch(/needs-44[^]*Result · Value/);
  expect(hints[1]).toMatch(/needs-34[^]*6 columns/);
  expect(hints[2]).toMatch(/needs-28[^]*4 columns/);
});

test("tables of other columns, and lines, are told of each", () => {
  const lines: Sideways = { kind: "lines", need: 900, heads: [], columns: 1 };
  expect(told([table(["A", "B"], 500), table(["A", "C"], 500), lines, lines])).toHaveLength(3);
});

test("hints alone are not needed from the width on that the widest needs; never, where a frame grows for it", () => {
  expect(hintsClass([table([], 200), table([], 500)])).toBe("hints needs-34");
  expect(hintsClass([table([], 704)])).toBe("hints needs-44");
  expect(hintsClass([table([], 705)])).toBeUndefined();
});

test("each width that a hint names has a rule of its own in document.css", () => {
  const css = readFileSync(new URL("../../../../templates/styles/document.css", import.meta.url), "utf8");
  for (let need = 224; need < 1_000; need += 8) {
    const [width] = told([table([], need)]).map((hint) => /needs-\d+/.exec(hint)?.[0]);
    if (width !== undefined) expect(css).toContain(`.table-hint.${width}`);
  }
});
