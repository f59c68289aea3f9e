import { inflateSync } from "node:zlib";
import { describe, expect, test } from "@jest/globals";
import { PdfFile } from "../../../src/core/pdf/pdf-file.ts";
import { PdfReference, type PdfStream } from "../../../src/core/pdf/values.ts";
import { pagesOf } from "../../../src/pipeline/pdf/pages.ts";
import { PdfEdit } from "../../../src/pipeline/pdf/pdf-edit.ts";
import { mendedMap, mendUnicodeMaps } from "../../../src/pipeline/pdf/unicode-maps.ts";
import { pdfOf, streamOf } from "./printed.ts";

const map = (lines: string): string => `/CIDInit /ProcSet findresource begin\nbegincmap\n${lines}\nendcmap\n`;

describe("mendedMap", () => {
  test.each([
    ["1 beginbfchar\n<005E> <0000>\nendbfchar", "1 beginbfchar\n<005E> <FFFD>\nendbfchar"],
    ["2 beginbfchar\n<0003> <FEFF>\n<0004> <fffe>\nendbfchar", "2 beginbfchar\n<0003> <FFFD>\n<0004> <FFFD>\nendbfchar"],
    ["1 beginbfrange\n<0001> <0003> <0000>\nendbfrange", "1 beginbfrange\n<0001> <0003> [<FFFD> <0001> <0002>]\nendbfrange"],
    ["1 beginbfrange\n<0001> <0003> <FEFE>\nendbfrange", "1 beginbfrange\n<0001> <0003> [<FEFE> <FFFD> <FF00>]\nendbfrange"],
  ])("has no value that stands for nothing: %s", (before, after) => expect(mendedMap(map(before))).toBe(map(after)));

  test.each([
    "2 beginbfchar\n<0000> <0020>\n<00EC> <00660069>\nendbfchar",
    "1 beginbfrange\n<0000> <0003> <0641>\nendbfrange",
    "1 beginbfrange\n<0001> <0002> [<0041> <0000>]\nendbfrange",
    "1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange",
  ])("leaves what stands for something, and what is no value: %s", (lines) => expect(mendedMap(map(lines))).toBe(map(lines)));

  test("takes no longer than a map is long", () => {
    const begun = "beginbfrange\n".repeat(20_000);
    expect(mendedMap(begun)).toBe(begun);
  });
});

describe("mendUnicodeMaps", () => {
  const bad = map("1 beginbfchar\n<005E> <0000>\nendbfchar");
  const file = PdfFile.open(
    pdfOf([
      "<</Type /Catalog\n/Pages 2 0 R>>",
      "<</Type /Pages\n/Kids [3 0 R]\n/Count 1>>",
      "<</Type /Page\n/Parent 2 0 R\n/Resources 4 0 R>>",
      "<</Font <</F1 5 0 R\n/F2 7 0 R>>\n/XObject <</X1 9 0 R\n/X2 12 0 R>>>>",
      "<</Type /Font\n/ToUnicode 6 0 R>>",
      streamOf(bad),
      "<</Type /Font\n/ToUnicode 8 0 R>>",
      streamOf(map("1 beginbfchar\n<0001> <0041>\nendbfchar")),
      // A group that is painted within itself has no end.
      streamOf("q Q", "\n/Type /XObject\n/Subtype /Form\n/Resources <</Font <</F3 10 0 R>>\n/XObject <</X1 9 0 R>>>>"),
      "<</Type /Font\n/ToUnicode 11 0 R>>",
      streamOf(bad),
      streamOf("picture", "\n/Type /XObject\n/Subtype /Image"),
    ]),
  );
  const mapIn = (edit: PdfEdit, number: number): string => inflateSync((edit.get(new PdfReference(number)) as PdfStream).bytes).toString("latin1");

  test("mends the maps of every font that is used, in groups of pages too, and no other", () => {
    const edit = new PdfEdit(file);
    mendUnicodeMaps(edit, pagesOf(edit));
    expect([6, 11].map((number) => mapIn(edit, number).includes("<005E> <FFFD>"))).toEqual([true, true]);
    expect(mapIn(edit, 8)).toBe(mapIn(new PdfEdit(file), 8));
  });
});
