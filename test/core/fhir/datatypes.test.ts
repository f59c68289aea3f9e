import { describe, expect, test } from "@jest/globals";
import {
  addressText,
  bannerName,
  conceptText,
  identifierText,
  languageOf,
  nameText,
  preferredName,
  quantityText,
  rangeText,
} from "../../../src/core/fhir/datatypes.ts";
import { JsonNumber, treeOf, type JsonObject } from "../../../src/core/fhir/tree/tree.ts";

const tree = (value: object): JsonObject => treeOf(value) as JsonObject;

describe("names", () => {
  const anna = tree({ family: "Meyer", given: ["Anna", "Maria"], prefix: ["Dr"], suffix: ["MBE"] });

  test("are spoken in order, and put family first in a banner", () => {
    expect(nameText(anna)).toBe("Dr Anna Maria Meyer MBE");
    expect(bannerName(anna)).toBe("MEYER, Anna Maria (Dr MBE)");
  });

  test("keep ß apart from ss, and put no comma into names written family first", () => {
    expect(bannerName(tree({ family: "Weiß", given: ["Jo"] }))).toBe("WEIẞ, Jo");
    expect(bannerName(tree({ family: "佐藤", given: ["花子"] }))).toBe("佐藤 花子");
    expect(nameText(tree({ family: "佐藤", given: ["花子"] }))).toBe("佐藤 花子");
  });

  test("that are only text are left as they are", () => {
    expect(nameText(tree({ text: "Anna van der Berg" }))).toBe("Anna van der Berg");
    expect(bannerName(tree({ text: "Anna van der Berg" }))).toBe("Anna van der Berg");
  });

  test("chosen are official before usual before old", () => {
    const names = [tree({ use: "old", text: "old" }), tree({ use: "usual", text: "usual" }), tree({ use: "official", text: "official" })];
    expect(preferredName(names)?.string("text")).toBe("official");
    expect(preferredName(names.slice(0, 2))?.string("text")).toBe("usual");
    expect(preferredName(names.slice(0, 1))?.string("text")).toBe("old");
  });
});

describe("conceptText", () => {
  test("prefers the sender's words to any display, and a display to a code", () => {
    const coding = [{ code: "1" }, { code: "2", display: "two" }, { code: "3", display: "three", userSelected: true }];
    expect(conceptText(tree({ text: "words", coding }))).toBe("words");
    expect(conceptText(tree({ coding }))).toBe("three");
    expect(conceptText(tree({ coding: coding.slice(0, 1) }))).toBe("1");
    expect(conceptText(tree({}))).toBeUndefined();
  });
});

describe("identifierText", () => {
  test("names the system where it knows it, else the type, else nothing", () => {
    expect(identifierText(tree({ system: "urn:oid:2.16.756.5.32", value: "756" }))).toEqual({ label: "AHV/AVS", value: "756" });
    const type = { coding: [{ system: "http://terminology.hl7.org/CodeSystem/v2-0203", code: "MR" }] };
    expect(identifierText(tree({ system: "urn:x", type, value: "7" }))).toEqual({ label: "MRN", value: "7" });
    expect(identifierText(tree({ system: "constructor", value: "7" }))).toEqual({ label: undefined, value: "7" });
    expect(identifierText(tree({ system: "urn:x" }))).toBeUndefined();
  });
});

describe("quantities", () => {
  test("keep their digits and their comparator", () => {
    expect(quantityText(tree({ value: new JsonNumber("1.10"), unit: "mmol/L" }))).toBe("1.10\u00A0mmol/L");
    expect(quantityText(tree({ comparator: "<", value: new JsonNumber("0.50"), code: "mg" }))).toBe("<\u00A00.50\u00A0mg");
    expect(rangeText(tree({ low: { value: new JsonNumber("3.5") }, high: { value: new JsonNumber("5.10") } }))).toBe("3.5 – 5.10");
  });
});

describe("addressText", () => {
  test("joins what there is", () => {
    expect(addressText(tree({ line: ["1 Quay"], city: "Brine", postalCode: "0100", country: "NO" }))).toBe("1 Quay, 0100 Brine, NO");
    expect(addressText(tree({}))).toBeUndefined();
  });
});

describe("languageOf", () => {
  test.each([
    ["en", "en"],
    ["de-CH", "de-CH"],
    [" nl ", "nl"],
    ["English- [en-US]", undefined],
    ["English", undefined],
    ["en_US", undefined],
    ["", undefined],
  ])("%j", (language, expected) => {
    expect(languageOf(tree({ language }))).toBe(expected);
  });
});
