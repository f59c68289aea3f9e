import { describe, expect, test } from "@jest/globals";
import { fontFacesFor } from "../../../src/adapters/fonts/font-faces.ts";
import { SCRIPTS } from "../../scripts.ts";
import { type FontShelf, openFontShelf, parseUnicodeRange } from "../../../src/adapters/fonts/font-shelf.ts";

/** A shelf that writes a font's name instead of its bytes. */
function shelfOfNames(): FontShelf {
  return {
    ...openFontShelf(),
    url: ({ fonts, name }, weight, style) => Promise.resolve(`data:${fonts.name}-${name}-${weight}-${fonts.hasItalic === true ? style : "normal"}`),
  };
}

/** The blocks that are brought for a text, in the order of their rules. */
async function blocksFor(html: string, language = "en"): Promise<string[]> {
  const { css } = await fontFacesFor(html, language, shelfOfNames());
  return [...css.matchAll(/data:([a-z0-9-]+)-400-normal/g)].map(([, name]) => name ?? "");
}

describe("fontFacesFor", () => {
  test("brings no more than the text needs", async () => {
    expect(await blocksFor("<p>Discharge summary</p>")).toEqual(["noto-sans-latin"]);
    expect(await blocksFor("Выписка")).toEqual(["noto-sans-latin", "noto-sans-cyrillic"]);
  });

  test.each([
    ["Arabic", "ملخص", "vazirmatn-arabic"],
    ["Hebrew", "סיכום", "noto-sans-hebrew-hebrew"],
    ["Devanagari", "सारांश", "noto-sans-devanagari"],
    ["Thai", "สรุป", "noto-sans-thai-thai"],
    ["Greek", "Περίληψη", "noto-sans-greek"],
    ["Vietnamese", "Nguyễn", "noto-sans-vietnamese"],
    ["at least", "≥ 5", "noto-sans-math-latin"],
    ["a third of a tablet", "⅓", "dejavu-sans-latin"],
    ["a box to tick", "☐", "noto-sans-symbols-2-symbols"],
  ])("%s", async (_, text, block) => {
    const { missing } = await fontFacesFor(text, "en", shelfOfNames());
    expect(missing).toEqual([]);
    expect(await blocksFor(text)).toContain(block);
  });

  test("draws Han characters as the document's language does", async () => {
    const han = "高血圧";
    expect(await blocksFor(han, "ja")).toEqual(expect.arrayContaining([expect.stringMatching(/^biz-udpgothic-/)]));
    expect(await blocksFor("高血", "zh-CN")).toEqual(expect.arrayContaining([expect.stringMatching(/^noto-sans-sc-/)]));
    expect((await blocksFor(`${han}です`)).filter((name) => name.startsWith("noto-sans-sc"))).toEqual([]);
  });

  test("reads numeric references and CSS escapes, and thinks of the other case", async () => {
    expect(await blocksFor("&#x2265;")).toContain("noto-sans-math-latin");
    expect(await blocksFor("&#8805;")).toContain("noto-sans-math-latin");
    expect(await blocksFor('content: "\\2265 "')).toContain("noto-sans-math-latin");
    const { css } = await fontFacesFor("ÿ", "en", shelfOfNames());
    expect(css).toMatch(/latin-ext-400-normal.*unicode-range:.*U\+178|latin-ext/);
  });

  test("tells which characters no font has, and forgives what is never drawn", async () => {
    const { missing } = await fontFacesFor("\u{13000} \u200b\ufe0f\u2028\u00ad", "en", shelfOfNames());
    expect(missing).toEqual([0x13000]);
  });

  test.each(SCRIPTS)("%s has a font for all that is written in it, and for each letter with its marks", async (_, language, words) => {
    const { missing } = await fontFacesFor(`<p>${words} <b>${words}</b></p>`, language, shelfOfNames());
    expect(missing).toEqual([]);
  });

  test.each([
    ["a thumb of some skin, of which a font of symbols has the thumb alone", "👍🏽", "noto-emoji-9", "👍🏽"],
    ["a person with a profession, whose sign is in another font", "🧑‍⚕️ ⚕", "noto-emoji-2", "🧑⚕"],
    ["a letter whose line above no font of Latin has", "x\u0305", "dejavu-sans-latin", "x\u0305"],
    ["a digit in a key", "1\ufe0f\u20e3 1", "noto-emoji-2", "1\u20e3"],
  ])("%s: one block has all of it, and what draws the letter alone is declared later", async (_, text, block, characters) => {
    const { css, missing } = await fontFacesFor(text, "en", shelfOfNames());
    const rules = [...css.matchAll(/data:([a-z0-9-]+)-400-normal\)[^}]*unicode-range:([^}]*)/g)].map(([, name, range]) => ({ name, range: parseUnicodeRange(range ?? "") })); // prettier-ignore
    const has = (rule: (typeof rules)[number] | undefined, character: string): boolean =>
      rule?.range.some(([first, last]) => first <= (character.codePointAt(0) ?? 0) && last >= (character.codePointAt(0) ?? 0)) ?? false;
    expect(missing).toEqual([]);
    expect(rules[0]?.name).toBe(block);
    expect(Array.from(characters).filter((character) => !has(rules[0], character))).toEqual([]);
    if (text.startsWith("1")) expect(rules.findLast((rule) => has(rule, "1"))?.name).toBe("noto-sans-latin");
  });

  test("what joins is told of where no font has the letter with it", async () => {
    const { missing } = await fontFacesFor("A\u20dd e\u0301 ñ n\u0303", "en", shelfOfNames());
    expect(missing).toEqual([0x20dd]);
  });

  test("a font of one width is brought for an author's typewriter alone, whichever way it is asked for", async () => {
    const brings = async (html: string): Promise<boolean> => (await fontFacesFor(html, "en", shelfOfNames())).css.includes('"Noto Sans Mono"');
    for (const html of ["<pre>Hb 12</pre>", "<tt>a</tt>", '<p style="font-family: var(--monospace), var(--rest)">a</p>'])
      expect([html, await brings(html)]).toEqual([html, true]);
    for (const html of ["<style>pre { font-family: var(--monospace) }</style>", '<pre class="code" dir="ltr">a</pre>', '<dd class="code">a</dd>'])
      expect([html, await brings(html)]).toEqual([html, false]);
    expect(await blocksFor("<p>Discharge summary</p>")).toEqual(["noto-sans-latin"]);
  });

  test("a character is drawn by one block alone", async () => {
    const { css } = await fontFacesFor("µg ≥ 5 → Ω μ ½ ⅓ 高 ℃", "en", shelfOfNames());
    const ranges = [...css.matchAll(/400-normal\)[^}]*unicode-range:([^}]*)/g)].map(([, range]) => parseUnicodeRange(range ?? ""));
    for (const character of "µ≥→Ωμ½⅓高℃5") {
      const code = character.codePointAt(0) ?? 0;
      expect([character, ranges.filter((list) => list.some(([first, last]) => code >= first && code <= last)).length]).toEqual([character, 1]);
    }
  });

  test("keeps what shaping makes of a character: Thai SARA AM is two glyphs", async () => {
    const { css } = await fontFacesFor("\u0e33", "th", shelfOfNames());
    const range = /noto-sans-thai-thai-400-normal[^}]*unicode-range:([^}]*)/.exec(css)?.[1] ?? "";
    expect(parseUnicodeRange(range).some(([first, last]) => first <= 0x0e4d && last >= 0x0e4d)).toBe(true);
  });

  test("declares italics when the page has some, for every script, though only Latin, Cyrillic and Greek draw them", async () => {
    const { css } = await fontFacesFor("<em>a ملخص</em>", "ar", shelfOfNames());
    expect(css).toContain("noto-sans-latin-400-italic");
    expect(css).toMatch(/font-style:italic;font-weight:700;src:url\(data:vazirmatn-arabic-700-normal\)/);
    const { css: upright } = await fontFacesFor("<p>a</p>", "en", shelfOfNames());
    expect(upright).not.toContain("font-style:italic");
  });

  test("the fonts themselves are at hand", async () => {
    const { css } = await fontFacesFor("≥ ملخص <i>高</i>", "ja", openFontShelf());
    for (const [, base64 = ""] of css.matchAll(/base64,([^)]*)\)/g)) expect(Buffer.from(base64, "base64").toString("latin1", 0, 4)).toBe("wOF2");
  });

  test("radicals that no font has are printed as the ideograph that they stand for, and told apart from what cannot be printed", async () => {
    const { standIns, missing } = await fontFacesFor("\u2f8e圧、\u2f0a院、\u2ed1 \u{13000}", "ja", openFontShelf());
    expect([...standIns].map(([character, standIn]) => [character.toString(16), standIn])).toEqual([
      ["2f8e", "血"],
      ["2f0a", "入"],
      ["2ed1", "長"],
    ]);
    expect(missing).toEqual([0x13000]);
  });
});
