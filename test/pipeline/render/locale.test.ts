import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { html } from "../../../src/pipeline/render/html.ts";
import { localeFor } from "../../../src/pipeline/render/locale-for.ts";
import { directionOf, LANGUAGES } from "../../../src/pipeline/render/locale.ts";

describe("localeFor", () => {
  test("takes the first language that there are words for", () => {
    expect(localeFor(["sv", undefined, "de-CH", "fr"]).language).toBe("de");
    expect(localeFor(["iw"]).language).toBe("he");
    expect(localeFor(["zh-Hant-TW"]).language).toBe("zh");
    expect(localeFor([""]).language).toBe("en");
  });

  test("fills in values, and escapes what is put into phrases", () => {
    const locale = localeFor(["en"]);
    expect(locale.word("log-entry", { index: 3, size: 9 })).toBe("entry 3 of 9");
    expect(locale.phrase("replaces", { link: html`<a>${"<"}</a>` }).text).toBe("This document replaces <a>&lt;</a>.");
  });

  test.each([
    ["en", 1, "1 error"],
    ["en", 12_000, "12,000 errors"],
    ["de", 12_000, "12.000 Fehler"],
    ["pl", 1, "1 błąd"],
    ["pl", 3, "3 błędy"],
    ["pl", 12, "12 błędów"],
    ["ar", 2, "خطآن"],
    ["ar", 11, "11 خطأً"],
    ["he", 2, "שתי שגיאות"],
    ["ja", 2, "エラー2件"],
  ])("counts in %s: %d", (language, count, words) => expect(localeFor([language]).count("check-errors", count)).toBe(words));

  test("a unit takes the form of its number, also of one that is no whole one", () => {
    const polish = localeFor(["pl"]);
    expect(["1", "2", "5", "1.5", "1.0"].map((number) => polish.form("unit-day", number))).toEqual(["dzień", "dni", "dni", "dnia", "dzień"]);
  });

  test("a word without a published translation is shown in English and marked as English, in text and in markup", () => {
    const polish = localeFor(["pl"]);
    expect(polish.word("code-refuted")).toBe("refuted (EN)");
    expect(String(polish.term("code-refuted"))).toBe('<span class="in-english" lang="en" dir="ltr">refuted <small>(EN)</small></span>');
    expect(String(polish.form("unit-international-unit", "5"))).toBe(
      '<span class="in-english" lang="en" dir="ltr">international units <small>(EN)</small></span>',
    );
    expect(localeFor(["de"]).term("code-refuted")).toBe("ausgeschlossen");
    expect(polish.code("code", "no-such-code")).toBe("no-such-code");
  });
});

describe("dates", () => {
  test.each([
    ["en", "2026-03-04T09:31:00+01:00", "04-Mar-2026 09:31 +01:00"],
    ["en", "2026-03-04T09:31:22.123Z", "04-Mar-2026 09:31 UTC"],
    ["en", "2026-03", "Mar-2026"],
    ["en", "2026", "2026"],
    ["de", "2026-03-04", "04-Mär-2026"],
    ["pl", "2026-03-04", "04-mar-2026"],
    ["ja", "2026-03-04", "2026年3月4日"],
    ["ja", "2026-03", "2026年3月"],
    ["ja", "2026", "2026年"],
    ["zh", "2026-03-04T09:31:00+08:00", "2026年3月4日 09:31 +08:00"],
    ["ar", "2026-03-04", "4\u00A0مارس\u00A02026"],
    ["ar", "2026-03-04T09:31:00+01:00", "4\u00A0مارس\u00A02026 \u206609:31\u00A0+01:00\u2069"],
    ["he", "2026-03-04", "4\u00A0במרץ\u00A02026"],
    ["ja", "2026-02-31", "2026-02-31"],
    ["en", "last spring", "last spring"],
  ])("no two countries read them differently: %s %s", (language, date, text) => expect(localeFor([language]).date(date)).toBe(text));

  test.each(LANGUAGES)("%s: a zone that the reader knows is left out, another is told", (language) => {
    const locale = localeFor([language]).inZoneOf("2026-03-04T09:31:00+01:00");
    expect(locale.date("2026-03-05T10:00:00+01:00")).not.toContain("+01:00");
    expect(locale.date("2026-03-05T10:00:00+02:00")).toContain("+02:00");
  });

  test("a period says what is known", () => {
    const english = localeFor(["en"]);
    expect(english.period("2026-03-04", "2026-03-06")).toBe("04-Mar-2026 – 06-Mar-2026");
    expect(english.period("2026-03-04", "2026-03-04")).toBe("04-Mar-2026");
    expect(english.period("2026-03-04", undefined)).toBe("04-Mar-2026 –");
    expect(english.period(undefined, "2026-03-06")).toBe("– 06-Mar-2026");
    expect(english.period(undefined, undefined)).toBeUndefined();
  });
});

describe("templates/locales", () => {
  test("every word that a template names is there", () => {
    const folder = new URL("../../../src/pipeline/render/", import.meta.url);
    const sources = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"));
    const named = sources.flatMap((name) => {
      const text = readFileSync(new URL(name, folder), "utf8");
      return [...text.matchAll(/\.(?:word|phrase|term|count)\(\s*"([a-z-]+)"|\b(?:head|key): "([a-z-]+)"/g)].map(
        (match) => match[1] ?? match[2] ?? "",
      );
    });
    expect(named.length).toBeGreaterThan(50);
    expect(named.filter((key) => !localeFor(["en"]).has(key))).toEqual([]);
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
