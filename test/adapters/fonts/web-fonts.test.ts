import { beforeAll, describe, expect, test } from "@jest/globals";
import { readFileSync } from "node:fs";
import { SCRIPTS } from "../../scripts.ts";
import { openFontShelf, parseUnicodeRange } from "../../../src/adapters/fonts/font-shelf.ts";
import { openWebFonts } from "../../../src/adapters/fonts/web-fonts.ts";
import type { WebFonts } from "../../../src/pipeline/render/pages/web-fonts.ts";

interface Face {
  readonly family: string;
  readonly style: string;
  readonly weight: string;
  readonly path: string;
  readonly ranges: [number, number][];
}

let fonts: WebFonts;
let sheets: Face[][];

const FACE =
  /font-family:"([^"]+)";font-style:(\w+);font-weight:(\d+);font-display:swap;src:url\(([^)]+)\) format\("woff2"\);unicode-range:([^}]+)}/g;

beforeAll(async () => {
  fonts = await openWebFonts(openFontShelf());
  sheets = fonts.sheets.map(({ css }) =>
    [...css.matchAll(FACE)].map(([, family = "", style = "", weight = "", path = "", range = ""]) => ({
      family,
      style,
      weight,
      // As a browser reads it in a stylesheet of ours.
      path: new URL(path, "http://localhost/assets/0.css").pathname,
      ranges: parseUnicodeRange(range),
    })),
  );
});

/** The files that a browser without fonts of its own fetches for a character in regular type. */
function filesFor(character: string, faces: readonly Face[]): string[] {
  const code = character.codePointAt(0) ?? 0;
  return faces
    .filter(({ style, weight, ranges }) => style === "normal" && weight === "400" && ranges.some(([first, last]) => code >= first && code <= last))
    .map(({ path }) => path.replace(/^.*\//, "").replace("-400-normal.woff2", ""));
}

describe("openWebFonts", () => {
  test.each([
    ["A", "noto-sans-latin"],
    ["Ж", "noto-sans-cyrillic"],
    ["ص", "vazirmatn-arabic"],
    ["ש", "noto-sans-hebrew-hebrew"],
    ["ส", "noto-sans-thai-thai"],
    ["स", "noto-sans-devanagari"],
    ["✓", "noto-sans-sc-87"],
    ["⚠", "noto-sans-sc-87"],
    ["≥", "noto-sans-math-latin"],
    ["⅓", "dejavu-sans-latin"],
  ])("%s is fetched in one file", (character, file) => {
    expect(filesFor(character, sheets[0] ?? [])).toEqual([file]);
  });

  test("every character of every face that is ours alone is drawn by one face", () => {
    const seen = new Map<number, string>();
    const twice: string[] = [];
    for (const { style, weight, path, ranges } of sheets[0] ?? []) {
      if (style !== "normal" || weight !== "400") continue;
      for (const [first, last] of ranges)
        for (let code = first; code <= last; code++) {
          const text = String.fromCodePoint(code);
          if (seen.has(code) && !/[\p{M}\u200c\u200d]/u.test(text)) twice.push(`${text} ${seen.get(code) ?? ""} ${path}`);
          seen.set(code, path);
        }
    }
    expect(twice).toEqual([]);
    expect(seen.size).toBeGreaterThan(5000);
  });

  test("neither a variation selector nor a mark is a reason to fetch a large file", () => {
    for (const character of ["\ufe0e", "\ufe0f"]) expect(filesFor(character, sheets[0] ?? [])).toEqual([]);
    expect(filesFor("\u0651", sheets[0] ?? [])).toEqual(["vazirmatn-arabic"]);
  });

  /** The sheets that a page with a text links to, beside the one that each does, by the files of their first face. */
  const linkedFrom = (text: string): string[] =>
    fonts.sheets.flatMap(({ characters }, at) => (characters?.test(text) ? [/fonts\/[^/]+\/(.*?)-\d/.exec(sheets[at]?.[0]?.path ?? "")?.[1] ?? ""] : [])); // prettier-ignore

  test("other scripts have sheets of their own, which only pages with them link to", () => {
    expect(fonts.sheets[0]?.characters).toBeUndefined();
    expect(linkedFrom("Discharge summary ملخص ≥ Ж סיכום สรุป सारांश ✓ ⚠")).toEqual([]);
    expect(linkedFrom("出院小结")).toEqual(["noto-sans-sc"]);
    expect(linkedFrom("退院時サマリー")).toEqual(["noto-sans-sc", "biz-udpgothic"]);
    expect(linkedFrom("한국어")).toEqual(["ibm-plex-sans-kr"]);
    expect(linkedFrom("👍🏽")).toEqual(["noto-emoji"]);
    expect(linkedFrom("தமிழ்")).toEqual(["noto-sans-tamil-tamil"]);
    expect(linkedFrom("ශ්‍රී")).toEqual(["noto-sans-sinhala-sinhala"]);
  });

  test.each(SCRIPTS)("each letter of %s is offered in a file, of a family that our styles name", (_, __, words) => {
    const linked = sheets.filter((_sheet, at) => fonts.sheets[at]?.characters?.test(words) ?? true).flat();
    const letters = Array.from(words).filter((letter) => /[\p{L}\p{M}\p{Emoji_Presentation}]/u.test(letter) && !/[\ufe0f\u0305]/.test(letter));
    expect(letters.filter((letter) => filesFor(letter, linked).length === 0)).toEqual([]);
    const styles = readFileSync(new URL("../../../templates/styles/base.css", import.meta.url), "utf8");
    expect([...new Set(linked.map(({ family }) => family))].filter((family) => !styles.includes(`"${family}"`))).toEqual([]);
  });

  test("the large families of many files have a character in one of them", () => {
    const sheetOf = (name: string): readonly Face[] => sheets.find((faces) => faces[0]?.path.includes(name)) ?? [];
    expect(filesFor("结", sheetOf("noto-sans-sc"))).toHaveLength(1);
    expect(filesFor("瀬", sheetOf("biz-udpgothic"))).toHaveLength(1);
    expect(filesFor("한", sheetOf("ibm-plex-sans-kr"))).toHaveLength(1);
  });

  test("every face leads to a file that is there, at an address that names its version", async () => {
    const paths = new Set(sheets.flat().map(({ path }) => path));
    expect([...paths].filter((path) => !/^\/assets\/fonts\/\d+\.\d+\.\d+\/[\w-]+\.woff2$/.test(path))).toEqual([]);
    expect([...paths].sort()).toEqual([...fonts.files.keys()].sort());
    for (const { body, contentType } of fonts.files.values()) {
      const bytes = typeof body === "string" ? Buffer.from(body) : await body();
      expect([contentType, Buffer.from(bytes.subarray(0, 4)).toString("latin1")]).toEqual(["font/woff2", "wOF2"]);
    }
  });
});
