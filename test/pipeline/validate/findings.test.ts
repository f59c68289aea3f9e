import { expect, test } from "@jest/globals";
import { Findings } from "../../../src/pipeline/validate/findings.ts";
import { DEFAULT_POLICY } from "../../../src/pipeline/validate/policy.ts";

function add(findings: Findings, severity: "error" | "warning", count: number): void {
  for (let at = 0; at < count; at++) findings.add(severity, "invalid", `rule-${severity}`, "text", "Patient", at);
}

test("everything in the order of finding, without an expression where there is none", () => {
  const findings = new Findings(DEFAULT_POLICY);
  findings.add("warning", "value", "a", "one", "Patient.name", 5);
  findings.add("error", "invalid", "b", "two", "", 0);
  expect(findings.list()).toEqual([
    { severity: "warning", code: "value", rule: "a", text: "one", expression: "Patient.name", offset: 5 },
    { severity: "error", code: "invalid", rule: "b", text: "two", offset: 0 },
  ]);
});

test("beyond the bound they are counted", () => {
  const findings = new Findings(DEFAULT_POLICY, 3);
  add(findings, "warning", 5);
  expect(findings.list().map(({ rule }) => rule)).toEqual(["rule-warning", "rule-warning", "rule-warning", "too-many-issues"]);
  expect(findings.list().at(-1)).toMatchObject({ severity: "warning", text: "2 more issues were found (0 of them errors); they are not listed." });
});

test("no flood of warnings hides an error", () => {
  const findings = new Findings(DEFAULT_POLICY, 3);
  add(findings, "warning", 10);
  add(findings, "error", 4);
  expect(findings.list().filter(({ rule }) => rule === "rule-error")).toHaveLength(3);
  expect(findings.list().at(-1)).toMatchObject({ severity: "error", text: "8 more issues were found (1 of them errors); they are not listed." });
});

test("the policy decides before the bound does: what it ignores takes no room, what it raises counts as an error", () => {
  const severities = new Map([["rule-warning", "ignore"] as const]);
  const lenient = new Findings({ version: "t/1", rules: "t", severities }, 1);
  add(lenient, "warning", 10);
  expect(lenient.list()).toEqual([]);
  const strict = new Findings({ version: "t/1", rules: "t", severities: new Map([["rule-warning", "error"] as const]) }, 1);
  add(strict, "warning", 2);
  expect(strict.list().map(({ severity }) => severity)).toEqual(["error", "error"]);
});
