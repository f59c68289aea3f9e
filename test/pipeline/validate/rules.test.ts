import { readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { definitionOf, typeNames } from "../../../src/core/fhir/r4/definitions.ts";
import { treeOf, type JsonObject } from "../../../src/core/fhir/json/tree.ts";
import { parsePolicy, RULES_VERSION } from "../../../src/pipeline/validate/policy.ts";

const ROOT = join(import.meta.dirname, "../../..");
const PAGE = readFileSync(join(ROOT, "docs/rules.md"), "utf8");

/** What finds faults: files and folders whose rules the page must tell of. */
const SOURCES = [
  "src/pipeline/validate",
  "src/pipeline/intake",
  "src/core/fhir/json",
  "src/core/fhir/xml",
  "src/core/fhir/read-resource.ts",
  "src/core/fhir/reading-issues.ts",
  "src/core/fhir/limit-faults.ts",
];

/** Words with a hyphen that are no rules: FHIR issue types, codes of AppError, names of encodings. */
const OTHER_WORDS: ReadonlySet<string> = new Set([
  "business-rule",
  "code-invalid",
  "not-acceptable",
  "not-found",
  "not-supported",
  // Codes of R4 that rules look at: types of Bundle and of Questionnaire.item, CodeSystem.content.
  "batch-response",
  "transaction-response",
  "open-choice",
  "not-present",
  "too-costly",
  "utf-8",
]);

function filesIn(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path).flatMap((name) => filesIn(join(path, name)));
}

/** Every literal of the shape of a rule's id, and those without a hyphen where they are given as a rule. */
function rulesInCode(): string[] {
  const text = SOURCES.flatMap((source) => filesIn(join(ROOT, source)))
    .filter((file) => file.endsWith(".ts"))
    .map((file) => readFileSync(file, "utf8"))
    .join("\n");
  const literals = [...text.matchAll(/"([a-z][a-z0-9]*(?:-[a-zA-Z0-9]+)+)"|rule: "([a-z]+)"/g)].map((match) => match[1] ?? match[2] ?? "");
  const formats = typeNames().filter((name) => definitionOf(name)?.kind === "primitive" && name !== "boolean" && name !== "xhtml");
  return sorted([...literals.filter((word) => !OTHER_WORDS.has(word)), ...formats.map((name) => `format-${name}`)]);
}

/** The ids of the first column of every table that has a column of severities. */
function rulesOnPage(): string[] {
  const rows = PAGE.split("\n").filter((line) => /^\| `.*\| (?:fatal|error|warning|information)\b/.test(line));
  return rows.flatMap((row) => [...(row.split("|")[1] ?? "").matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? ""));
}

function sorted(words: readonly string[]): string[] {
  return [...new Set(words)].sort();
}

test("docs/rules.md tells of every rule of the code, once, and of no other", () => {
  const listed = rulesOnPage();
  expect(sorted(listed)).toEqual(rulesInCode());
  expect(listed).toHaveLength(new Set(listed).size);
});

test("its policy is one, names rules that exist, and the version is the code's", () => {
  const example = /```json\n([^]*?)```/.exec(PAGE)?.[1] ?? "";
  const policy = parsePolicy(treeOf(JSON.parse(example)) as JsonObject);
  expect([...policy.severities.keys()].filter((rule) => !rulesInCode().includes(rule))).toEqual([]);
  expect(PAGE).toContain(`\`${RULES_VERSION}\``);
});
