/** No language lacks a word: each is there, or is said to have no published translation; and each clinical one says where it was published. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { OBLIGATIONS, REFRAINS, SENSITIVITIES } from "../../../src/core/fhir/label-codes.ts";
import type { TypeDefinition } from "../../../src/core/fhir/r4/definitions.ts";
import { directionOf, LANGUAGES } from "../../../src/pipeline/render/locale.ts";
import { sourcesOf, wordsOf, type Words } from "../../../src/pipeline/render/locale-words.ts";
import { CHECK_NAMES } from "../../../src/pipeline/verify/report.ts";
import { GLASS_REASONS } from "../../../src/security/glass/broken-glass.ts";
import { R4 } from "../../r4.ts";

const folder = new URL("../../../templates/locales/", import.meta.url);
const ENGLISH = wordsOf("en");

const PROGRAM = ["pipeline/render", "interactions", "browser"].map((room) => sourceOf(new URL(`../../../src/${room}/`, import.meta.url))).join("\n");
const ELEMENTS: ReadonlySet<string> = new Set(R4.definitions.typeNames().flatMap((name) => elementsOf(R4.definitions.definitionOf(name))));

function sourceOf(folder_: URL): string {
  const files = readdirSync(folder_, { recursive: true, withFileTypes: true }).filter((file) => file.name.endsWith(".ts"));
  return files.map((file) => readFileSync(join(file.parentPath, file.name), "utf8")).join("\n");
}

/** Names of all elements of a type, those of its backbones too, a choice without its type. */
function elementsOf(type: TypeDefinition | undefined, seen = new Set<TypeDefinition>()): string[] {
  if (type === undefined || seen.has(type)) return [];
  seen.add(type);
  return [...type.properties.values()].flatMap(({ element, content }) => [element.name.replace("[x]", ""), ...elementsOf(content, seen)]);
}

/** Words of which a wrong one may harm: they are published, or English. */
const CLINICAL =
  /^(?:code|interpretation|absent|range|category|achievement|certainty|when|unit)-|^modifier-(?:active|doNotPerform|isSubpotent)-|^status-(?!reason)/;
/** Codes for people, which are no clinical words. */
const ADMINISTRATIVE = ["code-male", "code-female", "code-other"];
/** Not clinical, and without words in some languages: names of German national extensions, and of dates in languages that write them by Intl. */
const MAY_LACK = /^extension-|^months$|^CarePlan\.intent-plan$/;

const isClinical = (key: string): boolean => CLINICAL.test(key) && !ADMINISTRATIVE.includes(key);
const textsOf = (words: Words | undefined): string[] =>
  words === null || words === undefined ? [] : typeof words === "string" ? [words] : Object.values(words);
const placesIn = (text: string): string[] => (text.match(/\{\w+\}/g) ?? []).sort();

test("there is a file for each language and no other", () => {
  const files = readdirSync(folder).filter((name) => name.endsWith(".json"));
  expect(files.sort()).toEqual(LANGUAGES.map((language) => `${language}.json`).sort());
});

/** What must not be taken for each other: that nothing was checked, that nothing confirms it, that it is false. */
const APART: readonly (readonly string[])[] = [
  ["block-valid", "block-not-checked", "block-invalid"],
  ["content-valid", "content-not-checked", "content-invalid"],
  ["certificate-valid", "certificate-unknown", "certificate-not-trusted", "certificate-none", "certificate-invalid"],
  ["signer-valid", "signer-not-checked", "signer-invalid"],
  ...["block-not-checked", "content-not-checked", "certificate-unknown", "verify-skipped"].map((one) => [one, "signer-not-checked"]),
  ["profile-holds", "profile-open", "profile-broken", "profiles-unchecked"],
  ["verify-pass", "verify-unsure", "verify-skipped", "verify-failed", "verify-info"],
];

test.each(LANGUAGES)("what came of a check has words of its own: %s", (language) => {
  const words = wordsOf(language);
  for (const keys of APART) {
    const told = keys.map((key) => words.get(key));
    expect([keys, new Set(told).size, told.includes(undefined)]).toEqual([keys, keys.length, false]);
  }
});

test("English lacks no word", () => {
  expect([...ENGLISH].filter(([, words]) => words === null)).toEqual([]);
});

/** Words that are asked for by what a document holds: those of an element, a type, a code. What is behind the dash must be one. */
const FAMILIES: readonly (readonly [start: string, isOne: (rest: string) => boolean])[] = [
  ["element-", (rest) => ELEMENTS.has(rest)],
  ["type-", (rest) => R4.definitions.isResourceType(rest)],
  ["one-", (rest) => R4.definitions.isResourceType(rest)],
  ["modifier-", (rest) => ELEMENTS.has(rest.split("-", 1)[0] ?? "") || ["active", "deceased", "deleted"].some((one) => rest.startsWith(one))],
  ["label-", (rest) => [SENSITIVITIES, OBLIGATIONS, REFRAINS].some((codes) => codes.has(rest))],
  ["column-", (rest) => PROGRAM.includes(`"${rest}"`)],
  ["unit-", (rest) => PROGRAM.includes(`"${rest}"`)],
  ["error-", (rest) => /^\d{3}$/.test(rest) || PROGRAM.includes(`"${rest}"`)],
  ["verify-name-", (rest) => CHECK_NAMES.some((name) => name === rest.replaceAll("-", " "))],
  ["extension-", () => true],
  ["audit-", (rest) => PROGRAM.includes(`"${rest}"`)],
  ["glass-reason-", (rest) => GLASS_REASONS.some((reason) => reason === rest)],
  ["glass-fault-", (rest) => PROGRAM.includes(`"${rest}"`)],
  ["subscriptions-status-", (rest) => ["requested", "active", "error", "off"].includes(rest)],
  ["subscriptions-test-", (rest) => PROGRAM.includes(`"${rest}"`)],
  ["subscriptions-", (rest) => PROGRAM.includes(`"${rest}"`)],
  // Codes of jobs, then facts of one (jobs-page.ts).
  ...["jobs-kind", "jobs-state"].map(anyOf),
  ["jobs-", (rest) => PROGRAM.includes(`"${rest}"`)],
  ["account-right-", (rest) => /^[cruds]$/.test(rest)],
  ["account-", (rest) => PROGRAM.includes(`"${rest.replace(/^level-/, "")}"`) || /^level-(?:patient|user)$/.test(rest)],
  ...[
    "absent",
    "age",
    "audit-actor",
    "audit-form",
    "audit-kind",
    "audit-why",
    "block",
    "certificate",
    "code",
    "confidentiality",
    "confidentiality-code",
    "contact",
    "content",
    "find",
    "gender",
    "halted",
    "mode",
    "purpose",
    "result",
    "role",
  ].map(anyOf),
  ...["audit-outcome", "severity", "signer", "status", "submitter", "tag-confidentiality", "text-status", "use", "verdict"].map(anyOf),
  // Codes that one element has, by its name (modifiers.ts, concepts.ts).
  ...["achievement", "category", "certainty", "interpretation", "range", "when", "CarePlan.intent"].map(anyOf),
];

function anyOf(start: string): readonly [string, (rest: string) => boolean] {
  return [`${start}-`, () => true];
}

test("every word is asked for somewhere", () => {
  const isAsked = (key: string): boolean =>
    PROGRAM.includes(`"${key}"`) ||
    PROGRAM.includes(`${key}-unconfirmed`) ||
    (key.endsWith("-unconfirmed") && PROGRAM.includes("-unconfirmed`")) ||
    FAMILIES.some(
      ([start, isOne]) =>
        key.startsWith(start) && isOne(key.slice(start.length)) && (PROGRAM.includes(start.slice(0, -1)) || start === "CarePlan.intent-"),
    );
  expect([...ENGLISH.keys()].filter((key) => !isAsked(key))).toEqual([]);
});

describe.each(LANGUAGES)("%s", (language) => {
  const words = wordsOf(language);

  test("has the keys of English in their order, and tells its own name and direction", () => {
    expect([...words.keys()]).toEqual([...ENGLISH.keys()]);
    expect(words.get("language")).toBe(language);
    expect(words.get("direction")).toBe(directionOf(language));
  });

  test("has every word but clinical ones of which no translation is published", () => {
    const lacking = [...words].filter(([, value]) => value === null).map(([key]) => key);
    expect(lacking.filter((key) => !isClinical(key) && !MAY_LACK.test(key))).toEqual([]);
    expect([...words].filter(([, value]) => textsOf(value).some((text) => text.trim() === "" || text !== text.trim())).map(([key]) => key)).toEqual(
      [],
    );
  });

  test("fills in what English fills in", () => {
    for (const [key, english] of ENGLISH) {
      const expected = [...new Set(textsOf(english).flatMap(placesIn))].sort();
      for (const text of textsOf(words.get(key))) {
        const places = [...new Set(placesIn(text))].sort();
        // "One thing" and "two things" need no number.
        if (typeof english === "object") expect(expected).toEqual(expect.arrayContaining(places));
        else expect([key, places]).toEqual([key, expected]);
      }
    }
  });

  test("has the plural forms of the language (CLDR), and each says how many unless it is for one number alone", () => {
    const categories = new Intl.PluralRules(language).resolvedOptions().pluralCategories;
    for (const [key, english] of ENGLISH) {
      const forms = words.get(key);
      if (typeof english === "string" || forms === null || forms === undefined) continue;
      expect([key, typeof forms]).toEqual([key, "object"]);
      if (typeof forms === "string") continue;
      expect([key, Object.keys(forms).sort()]).toEqual([key, [...categories].sort()]);
      const places = textsOf(english).flatMap(placesIn);
      if (places.length > 0) for (const form of ["few", "many", "other"]) expect(placesIn(forms[form] ?? places[0] ?? "")).not.toEqual([]);
    }
  });

  test("is not English", () => {
    if (language === "en") return;
    const sentences = [...ENGLISH].filter(([, text]) => typeof text === "string" && text.split(" ").length > 3);
    expect(sentences.length).toBeGreaterThan(100);
    expect(sentences.filter(([key, text]) => words.get(key) === text).map(([key]) => key)).toEqual([]);
    if (!LATIN.has(language)) expect([...words].filter(([key, value]) => isLatin(value) && !NAMES.test(key)).map(([key]) => key)).toEqual([]);
  });

  test("each clinical word names one source, which PROVENANCE.md describes", () => {
    const described = [...readFileSync(new URL("PROVENANCE.md", folder), "utf8").matchAll(/^\| `([\w-]+)` \|.*\| ([^|]+) \|$/gm)];
    const sources = new Map(described.map(([, name = "", languages = ""]) => [name, languages]));
    const sourced = [...sourcesOf(language)].flatMap(([source, keys]) => {
      expect([source, sources.has(source)]).toEqual([source, true]);
      expect(sources.get(source)).toMatch(new RegExp(`\\b(?:${language}|all but en)\\b`));
      return [...keys];
    });
    expect(sourced).toEqual([...new Set(sourced)]);
    expect(sourced.filter((key) => words.get(key) === null || !words.has(key))).toEqual([]);
    if (language === "en") return;
    const clinical = [...words].filter(([key, value]) => isClinical(key) && value !== null).map(([key]) => key);
    expect(clinical.filter((key) => !sourced.includes(key))).toEqual([]);
  });
});

/** Languages in Latin letters. */
const LATIN = new Set(["en", "de", "fr", "es", "it", "nl", "pt", "pl"]);

/** Names of programs, formats and units of measure, in Latin letters everywhere. */
const NAMES = /^(?:language|direction|product|download-(?:pdf|json|xml)|identifier|more-identifiers|verify-name-pdf)$/;

function isLatin(value: Words): boolean {
  return textsOf(value).some((text) => !/[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u.test(text));
}

test("words that go with a number are asked for with it, and no others are", () => {
  const asked = (how: string): string[] => [...PROGRAM.matchAll(new RegExp(`\\.${how}\\("([a-z-]+)"`, "g"))].map(([, key = ""]) => key);
  const isCounted = (key: string): boolean => typeof ENGLISH.get(key) === "object";
  expect([...asked("word"), ...asked("term"), ...asked("phrase")].filter(isCounted)).toEqual([]);
  expect([...asked("count"), ...asked("form")].filter((key) => !isCounted(key))).toEqual([]);
  expect(asked("count")).toContain("more-values");
});
