import { describe, expect, test } from "@jest/globals";
import decodeQr from "qr/decode.js";
import { cssString, furnitureCss } from "../../../src/adapters/chromium/furniture.ts";

const furniture = { patient: "MEYER, Anna · born 14-Mar-1961", document: "Discharge summary", language: "en" };

describe("cssString", () => {
  test("can end neither itself nor the style element", () => {
    expect(cssString('a" } </style><script>')).toBe('"a\\22  \\7d  \\3c /style\\3e \\3c script\\3e "');
    expect(cssString("back\\slash\nnew line")).toBe('"back\\5c slash new line"');
  });

  test("keeps the letters of every script", () => {
    expect(cssString("山田太郎, Żółć 14-Mar-2026")).toBe('"山田太郎, Żółć 14-Mar-2026"');
  });

  test("drops marks that turn the direction of text, and marks where the parts of a line with writing from the right end", () => {
    expect(cssString("a\u202eb")).toBe('"ab"');
    expect(cssString("דוד · 1961")).toBe('"דוד\\200e  · \\200e 1961"');
    expect(cssString("דוד · 1961", "rtl")).toBe('"דוד\\200f  · \\200f \\200e 1961\\200e "');
  });
});

describe("furnitureCss", () => {
  test("has the patient above, the document and the page number below", () => {
    const css = furnitureCss(furniture);
    expect(css).toMatch(/@top-left \{ content: "MEYER, Anna · born 14-Mar-1961"/);
    expect(css).toMatch(/@bottom-left \{ content: "Discharge summary"/);
    expect(css).toMatch(/@bottom-right \{ content: "Page " counter\(page\) " of " counter\(pages\)/);
  });

  test("follows the language, and its direction", () => {
    expect(furnitureCss({ ...furniture, language: "de-AT" })).toContain('"Seite " counter(page) " von " counter(pages)');
    expect(furnitureCss({ ...furniture, language: "he" })).toMatch(/@top-right \{ content: "MEYER.*direction: rtl/);
    expect(furnitureCss({ ...furniture, language: "xx" })).toContain('counter(page) " / " counter(pages)');
  });

  test("has the whole identifier on a line of its own, and the paper that is asked for", () => {
    const css = furnitureCss({ ...furniture, identifier: "30937f05-6141-4f1e-8a5c-33dedaf8ca1d", paper: "letter" });
    expect(css).toMatch(/@bottom-left \{ content: "Discharge summary" "\\a " "30937f05-6141-4f1e-8a5c-33dedaf8ca1d"/);
    expect(css).toContain("size: letter;");
    expect(furnitureCss(furniture)).toContain("size: a4;");
  });

  test("has a QR code that holds the address and nothing else", () => {
    const address = "https://documents.example.org/documents/30937f05-6141-4f1e-8a5c-33dedaf8ca1d/verify";
    const css = furnitureCss({ ...furniture, address });
    const [, box = "", data = ""] = /@top-(left|right) \{ content: url\("data:image\/svg\+xml;base64,([^"]+)"\)/.exec(css) ?? [];
    const svg = Buffer.from(data, "base64").toString("utf8");
    const side = Number(/viewBox="0 0 (\d+)/.exec(svg)?.[1]);
    // Four dots for each module, as a scanner would see it.
    const size = side * 4;
    const dots = new Uint8Array(size * size * 4).fill(255);
    for (const [, x = "", y = ""] of svg.matchAll(/M(\d+) (\d+)h1v1h-1z/g)) {
      for (let dot = 0; dot < 16; dot += 1) {
        const at = ((Number(y) * 4 + (dot >> 2)) * size + Number(x) * 4 + (dot & 3)) * 4;
        dots.fill(0, at, at + 3);
      }
    }
    expect(decodeQr({ width: size, height: size, data: dots })).toBe(address);
    expect(box).toBe("right");
  });

  test("tells of characters that cannot be printed", () => {
    expect(furnitureCss(furniture, [0xd55c, 0xad6d])).toMatch(/cannot be printed.*U\\2b D55C, U\\2b AD6D/);
    expect(furnitureCss(furniture)).not.toContain("cannot be printed");
    // Another character that is printed for one is told apart.
    const both = furnitureCss({ ...furniture, headLanguage: "de" }, [0xd55c], [0x2f8e]);
    expect(both).toMatch(/Nicht druckbare.*U\\2b D55C.*\\a .*für das sie stehen.*U\\2b 2F8E.*Discharge summary/);
  });
});
