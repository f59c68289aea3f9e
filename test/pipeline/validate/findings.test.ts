import { expect, test } from "@jest/globals";
import { Findings } from "../../../src/pipeline/validate/findings.ts";
import { DEFAULT_POLICY } from "../../../src/pipeline/validate/policy.ts";

const RULES = { error: "ext-1", warning: "section-focus" } as const;

function add(findings: Findings, severity: "error" | "warning", count: number): void {
  for (let at = 0; at < count; at++) findings.add({ rule: RULES[severity], text: "text", expression: "Patient", offset: at });
}

test("everything in the order of finding, without an expression where there is none", () => {
  const findings = new Findings(DEFAULT_POLICY);
  findings.add({ rule: "identifier-system", text: "one", expression: "Patient.name", offset: 5 });
  findings.add({ rule: "txt-2", text: "two", expression: "", offset: 0 });
  expect(findings.list()).toEqual([
    { severity: "warning", code: "value", rule: "identifier-system", text: "one", expression: "Patient.name", offset: 5 },
    { severity: "error", code: "invariant", rule: "txt-2", text: "two", offset: 0 },
  ]);
});

test("severity and issue type are the catalogue's; a finding chooses where its row has several, and must", () => {
  const findings = new Findings(DEFAULT_POLICY);
  const told = { text: "one", expression: "", offset: 0 };
  findings.add({ rule: "reference-ambiguous", severity: "warning", ...told });
  findings.add({ rule: "composition-reference-unresolved", code: "invalid", ...told });
  findings.addInvariant({ key: "pat-1", severity: "error", human: "", expression: "" }, told);
  expect(findings.list().map(({ severity, code, rule }) => [severity, code, rule])).toEqual([
    ["warning", "invalid", "reference-ambiguous"],
    ["error", "invalid", "composition-reference-unresolved"],
    ["error", "invariant", "pat-1"],
  ]);
});

test("what the catalogue does not have, or not like that, does not compile", () => {
  const findings = new Findings(DEFAULT_POLICY);
  const told = { text: "one", expression: "", offset: 0 };
  // `npm run check:types` fails when one of these does compile.
  const refused = [
    // @ts-expect-error there is no such rule
    (): void => findings.add({ rule: "no-such-rule", ...told }),
    // @ts-expect-error another severity than the rule has
    (): void => findings.add({ rule: "bdl-9", severity: "warning", ...told }),
    // @ts-expect-error one of two severities must be chosen
    (): void => findings.add({ rule: "reference-ambiguous", ...told }),
    // @ts-expect-error a finding has a place
    (): void => findings.add({ rule: "bdl-9", text: "one" }),
  ];
  expect(refused).toHaveLength(4);
});

test("beyond the bound they are counted", () => {
  const findings = new Findings(DEFAULT_POLICY, 3);
  add(findings, "warning", 5);
  expect(findings.list().map(({ rule }) => rule)).toEqual([RULES.warning, RULES.warning, RULES.warning, "too-many-issues"]);
  expect(findings.list().at(-1)).toMatchObject({ severity: "warning", text: "2 more issues were found (0 of them errors); they are not listed." });
});

test("no flood of warnings hides an error", () => {
  const findings = new Findings(DEFAULT_POLICY, 3);
  add(findings, "warning", 10);
  add(findings, "error", 4);
  expect(findings.list().filter(({ rule }) => rule === RULES.error)).toHaveLength(3);
  expect(findings.list().at(-1)).toMatchObject({ severity: "error", text: "8 more issues were found (1 of them errors); they are not listed." });
});

test("the policy decides before the bound does: what it ignores takes no room, what it raises counts as an error", () => {
  const severities = new Map([[RULES.warning, "ignore"] as const]);
  const lenient = new Findings({ version: "t/1", rules: "t", severities }, 1);
  add(lenient, "warning", 10);
  expect(lenient.list()).toEqual([]);
  const strict = new Findings({ version: "t/1", rules: "t", severities: new Map([[RULES.warning, "error"] as const]) }, 1);
  add(strict, "warning", 2);
  expect(strict.list().map(({ severity }) => severity)).toEqual(["error", "error"]);
});

test("an error of a reader that the policy let pass is counted with the others", () => {
  const findings = new Findings({ version: "t/1", rules: "t", severities: new Map([["xml-processing-instruction", "ignore"] as const]) });
  const issue = { severity: "error", code: "structure", text: "text" } as const;
  findings.addRead({ ...issue, rule: "xml-processing-instruction" });
  findings.addRead({ ...issue, rule: "xml-processing-instruction", severity: "warning" });
  findings.addRead({ ...issue, rule: "json-duplicate-name" });
  expect(findings.relaxed()).toEqual([{ rule: "xml-processing-instruction", count: 1 }]);
  expect(findings.list().map(({ rule }) => rule)).toEqual(["json-duplicate-name"]);
});
