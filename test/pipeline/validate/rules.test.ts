import { readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { makeRulesPage } from "../../../scripts/docs.ts";
import { ruleSetDigest } from "../../../scripts/docs/rule-set-digest.ts";
import { rulesPage } from "../../../scripts/docs/rules-page.ts";
import { CATALOGUE, isRuleId, SECTIONS } from "../../../src/pipeline/validate/catalogue/catalogue.ts";
import { RULE_SETS, RULES_VERSION } from "../../../src/pipeline/validate/catalogue/rule-sets.ts";
import { policyFrom } from "./a-policy.ts";
import { VITAL_SIGNS_PROFILES } from "../../../src/core/fhir/r4/held-profiles.ts";
import { definitionOf, R4, typeNames } from "../../r4.ts";

const ROOT = join(import.meta.dirname, "../../..");
const PAGE = readFileSync(join(ROOT, "docs/rules.md"), "utf8");

/** What finds faults: files and folders whose rules the catalogue must have. */
const SOURCES = [
  "src/pipeline/validate",
  "src/pipeline/intake",
  "src/core/fhir/json",
  "src/core/fhir/xml",
  "src/core/fhir/reading/read-resource.ts",
  "src/core/fhir/reading/reading-issues.ts",
  "src/core/fhir/reading/limit-faults.ts",
];

/** Words with a hyphen that are no rules: codes of AppError, names of encodings. */
const OTHER_WORDS: ReadonlySet<string> = new Set([
  "not-acceptable",
  "not-found",
  // Codes of R4 that rules look at: types of Bundle and of Questionnaire.item, CodeSystem.content.
  "batch-response",
  "transaction-response",
  "open-choice",
  "not-present",
  // R4's code of a category, which vital signs have.
  "vital-signs",
  "too-costly",
  "utf-8",
  // Composition.status; what policies say of references and instants.
  "entered-in-error",
  "full-url",
  "missing-full-url",
  "type-and-id",
  "without-seconds",
  "unit-told",
  // How a profile came to be asked.
  "document-type",
]);

function filesIn(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path).flatMap((name) => filesIn(join(path, name)));
}

/** Every literal of the shape of a rule's id, and those without a hyphen where they are given as a rule: outside of the catalogue itself. */
function rulesInCode(): string[] {
  const text = SOURCES.flatMap((source) => filesIn(join(ROOT, source)))
    .filter((file) => file.endsWith(".ts") && !file.includes("/catalogue/"))
    .map((file) => readFileSync(file, "utf8"))
    .join("\n");
  const literals = [...text.matchAll(/"([a-z][a-z0-9]*(?:-[a-zA-Z0-9]+)+)"|rule: "([a-z]+)"/g)].map((match) => match[1] ?? match[2] ?? "");
  const formats = typeNames().filter((name) => definitionOf(name)?.kind === "primitive" && name !== "boolean" && name !== "xhtml");
  return sorted([...literals.filter((word) => !OTHER_WORDS.has(word)), ...formats.map((name) => `format-${name}`), ...vitalSignsInvariants()]);
}

/** Keys of the invariants of R4's vital signs profiles, which are data. */
function vitalSignsInvariants(): string[] {
  const profiles = VITAL_SIGNS_PROFILES.map((name) => R4.coreProfiles.structureDefinition(`http://hl7.org/fhir/StructureDefinition/${name}`));
  const elements = profiles.flatMap((held) => held?.resource.snapshot?.element ?? []);
  return elements.flatMap(({ constraint }) => (constraint ?? []).map(({ key }) => key));
}

/** The ids of the first column of every table that has a column of severities. */
function rulesOnPage(): string[] {
  const rows = PAGE.split("\n").filter((line) => /^\| `.*\| (?:fatal|error|warning|information)\b/.test(line));
  return rows.flatMap((row) => [...(row.split("|")[1] ?? "").matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? ""));
}

function sorted(words: readonly string[]): string[] {
  return [...new Set(words)].sort();
}

test("docs/rules.md is what `npm run docs` makes of the catalogue", () => {
  expect(PAGE).toBe(makeRulesPage());
});

test("the page tells of every rule of the catalogue, once, and of no other", () => {
  const listed = rulesOnPage();
  expect(sorted(listed)).toEqual(sorted(Object.keys(CATALOGUE)));
  expect(listed).toHaveLength(new Set(listed).size);
});

test("every row of the catalogue is a rule of the code", () => {
  expect(rulesInCode()).toEqual(sorted(Object.keys(CATALOGUE)));
});

test("no id stands in two sections: the later row would win", () => {
  const all = Object.values(SECTIONS).flatMap((rows) => Object.keys(rows));
  expect(all.filter((id, at) => all.indexOf(id) !== at)).toEqual([]);
});

test("every row says where it comes from, what it means and what to change", () => {
  const empty = Object.entries(CATALOGUE).filter(([, { source, meaning, change }]) => [source, meaning, change].some((text) => text.trim() === ""));
  expect(empty).toEqual([]);
});

test("the page needs a place for each section, and has none for another", () => {
  const rows = { one: { severity: ["error", "warning"], code: "x", source: "a|b", meaning: "m", change: "c" } } as const;
  const twins = { ...rows, two: rows.one };
  const page = rulesPage("v {{version}}\n<!-- rules: part -->\nend", { part: twins }, "t/1").split("\n");
  expect(page).toEqual(["v t/1", page[1], "|---|---|---|---|---|", "| `one` `two` | error, warning | a\\|b | m | c |", "end"]);
  expect(() => rulesPage("", { part: rows }, "t/1")).toThrow("no place for part");
  expect(() => rulesPage("<!-- rules: other -->", {}, "t/1")).toThrow("no section");
});

test("the version of the rule set names what it judges by: other rules need another version (CONTRIBUTING, How to add a rule)", () => {
  expect(Object.keys(RULE_SETS).at(-1)).toBe(RULES_VERSION);
  expect(new Set(Object.values(RULE_SETS)).size).toBe(Object.keys(RULE_SETS).length);
  expect({ version: RULES_VERSION, digest: ruleSetDigest() }).toEqual({ version: RULES_VERSION, digest: RULE_SETS[RULES_VERSION] });
});

test("a severity, a rule or a definition that changes changes the digest; the order of rows does not", () => {
  const now = ruleSetDigest();
  const entries = Object.entries(CATALOGUE);
  expect(ruleSetDigest(Object.fromEntries([...entries].reverse()))).toBe(now);
  expect(ruleSetDigest({ ...CATALOGUE, "bdl-9": { ...CATALOGUE["bdl-9"], severity: "warning" } })).not.toBe(now);
  expect(ruleSetDigest(Object.fromEntries(entries.slice(1)))).not.toBe(now);
  for (const name of ["definitions", "extensions", "terminology"]) {
    const changed = (asked: string): string => {
      const text = readFileSync(join(ROOT, "src/core/fhir/r4", asked), "utf8");
      return asked === `${name}.json` ? text.replace("Patient", "Patent") : text;
    };
    expect([name, ruleSetDigest(CATALOGUE, changed)]).not.toEqual([name, now]);
  }
});

test("the policy on the page is one, names rules that exist, and the version is the code's", async () => {
  const example = /```json\n([^]*?)```/.exec(PAGE)?.[1] ?? "";
  const policy = await policyFrom(example);
  expect([...policy.severities.keys()].map((rule) => rule.split(" ")[0] ?? "").filter((rule) => !isRuleId(rule))).toEqual([]);
  expect(PAGE).toContain(`\`${RULES_VERSION}\``);
});
