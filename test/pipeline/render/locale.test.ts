import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { html } from "../../../src/pipeline/render/html.ts";
import { directionOf, LANGUAGES, localeFor } from "../../../src/pipeline/render/locale.ts";

const folder = new URL("../../../templates/locales/", import.meta.url);
const wordsOf = (language: string): Record<string, string> =>
  JSON.parse(readFileSync(new URL(`${language}.json`, folder), "utf8")) as Record<string, string>;

describe("localeFor", () => {
  test("takes the first language that there are words for", () => {
    expect(localeFor(["ja", undefined, "de-CH", "fr"]).language).toBe("de");
    expect(localeFor([""]).language).toBe("en");
  });

  test("fills in values, and escapes what is put into phrases", () => {
    const locale = localeFor(["en"]);
    expect(locale.word("log-entry", { index: 3, size: 9 })).toBe("entry 3 of 9");
    expect(locale.phrase("replaces", { link: html`<a>${"<"}</a>` }).text).toBe("This document replaces <a>&lt;</a>.");
  });

  test("writes dates so that no two countries read them differently", () => {
    expect(localeFor(["en"]).date("2026-03-04T09:31:00+01:00")).toBe("04-Mar-2026 09:31 +01:00");
    expect(localeFor(["de"]).date("2026-03-04")).toBe("04-Mär-2026");
  });
});

describe("templates/locales", () => {
  test("has a file for each language and no other", () => {
    expect(readdirSync(folder).sort()).toEqual(LANGUAGES.map((language) => `${language}.json`).sort());
  });

  test.each(LANGUAGES.slice(1))("%s has every word of English, with the same places to fill in", (language) => {
    const english = wordsOf("en");
    const words = wordsOf(language);
    expect(Object.keys(words)).toEqual(Object.keys(english));
    const places = (text: string | undefined): string[] => (text?.match(/\{\w+\}/g) ?? []).sort();
    for (const [key, text] of Object.entries(english)) expect([key, places(words[key])]).toEqual([key, places(text)]);
  });

  test("has every word that a template names", () => {
    const english = wordsOf("en");
    const sources = readdirSync(new URL("../../../src/pipeline/render/", import.meta.url), { recursive: true, encoding: "utf8" }).filter((name) =>
      name.endsWith(".ts"),
    );
    const named = sources.flatMap((name) => {
      const text = readFileSync(new URL(`../../../src/pipeline/render/${name}`, import.meta.url), "utf8");
      return [...text.matchAll(/\.(?:word|phrase)\(\s*"([a-z-]+)"|\bhead: "([a-z-]+)"/g)].map((match) => match[1] ?? match[2] ?? "");
    });
    expect(named.length).toBeGreaterThan(50);
    expect(named.filter((key) => !(key in english))).toEqual([]);
  });
});

describe("directionOf", () => {
  test.each([
    ["ar", "rtl"],
    ["he-IL", "rtl"],
    ["fa", "rtl"],
    ["az-Arab", "rtl"],
    ["en", "ltr"],
    ["ja", "ltr"],
    [undefined, "auto"],
  ])("%s is written %s", (language, direction) => expect(directionOf(language)).toBe(direction));
});
