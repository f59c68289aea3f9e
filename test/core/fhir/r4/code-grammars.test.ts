import { describe, expect, test } from "@jest/globals";
import { grammarOf } from "../../../../src/core/fhir/r4/code-grammars.ts";

describe("codes that have a grammar", () => {
  test.each<[system: string, good: string[], bad: string[]]>([
    [
      "urn:ietf:bcp:13",
      ["text/html", "application/fhir+json;fhirVersion=4.0", "image/*", "xml"],
      ["text", "text/", "/html", "te xt/html", "text/html/x"],
    ],
    [
      "urn:ietf:bcp:47",
      ["de", "de-CH", "zh-Hant-TW", "es-419", "sl-rozaj-biske", "de-CH-1996", "en-a-bbb-x-a", "x-klingon", "i-klingon", "yue"],
      ["", "d", "de_CH", "de-", "de-CHE-x-", "deutschland"],
    ],
    ["urn:iso:std:iso:4217", ["EUR", "JPY", "XTS", "XAU"], ["eur", "EURO", "EU"]],
    ["urn:iso:std:iso:3166", ["AT", "AUT", "040"], ["at", "Austria"]],
    ["urn:iso:std:iso:3166:-2", ["AT-9", "US-NY"], ["AT", "US-NEWY"]],
    ["https://www.iana.org/time-zones", ["Europe/Vienna", "America/Argentina/Buenos_Aires", "UTC"], ["Europe/", "+01:00"]],
    ["http://unitsofmeasure.org", ["mg", "mm[Hg]", "10*3/uL", "{score}", "/d", "%"], ["not a unit", "mg/", "mm[Hg", "{a{b}}", ""]],
  ])("%s", (system, good, bad) => {
    const isCode = grammarOf(system);
    expect(good.filter((code) => isCode?.(code) !== true)).toEqual([]);
    expect(bad.filter((code) => isCode?.(code) !== false)).toEqual([]);
  });

  test("others have none", () => {
    expect(grammarOf("http://loinc.org")).toBeUndefined();
  });
});

test("a long text that is no language is refused in the time that it takes to read", () => {
  const isLanguage = grammarOf("urn:ietf:bcp:47");
  expect(isLanguage?.("de" + "-abcde".repeat(200_000) + "!")).toBe(false);
  expect(grammarOf("urn:ietf:bcp:13")?.("a/" + "a".repeat(200_000) + " ".repeat(200_000) + "!")).toBe(false);
});
