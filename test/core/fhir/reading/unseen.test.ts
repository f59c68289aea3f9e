import { expect, test } from "@jest/globals";
import { operationOutcome } from "../../../../src/core/fhir/issue.ts";
import { DEFAULT_READ_LIMITS } from "../../../../src/core/fhir/reading/read-limits.ts";
import { escapeUnseen } from "../../../../src/core/fhir/reading/unseen.ts";
import { readResource, writeXml } from "../../../r4.ts";

test("what can't be seen is written as an escape, everything else as it is", () => {
  expect(escapeUnseen("a\u0000b\u202Ec\ud800d\uFFFEe\nf")).toBe("a\\u0000b\\u202ec\\ud800d\\ufffee\\nf".replace("\\n", "\\u000a"));
  expect(escapeUnseen("Grüße, 東京 😀 “x”")).toBe("Grüße, 東京 😀 “x”");
});

test.each([
  ["a name with a control character and no colon", '{"resourceType":"Patient","na\u0000me","x"}', "Patient"],
  ["a name with half of a surrogate pair", '{"resourceType":"Patient","na\\ud800me","x"}', "Patient"],
  ["a type with a control character", '{"resourceType":"Pa\u0001tient","name" "x"}', undefined],
  ["a type that makes no FHIRPath, known after the issue", '{"a" "x","resourceType":"\u0001"}', undefined],
  ["an object below a name that makes no FHIRPath", '{"resourceType":"Patient","na\u0002me":{"a":1,"a":2},"name" "x"}', "Patient"],
  ["a very long name twice", `{"resourceType":"Patient","${"a".repeat(5000)}":1,"${"a".repeat(5000)}":2}`, "Patient"],
])("issues about %s can be sent as XML, with a place that is FHIRPath", (_, text, expression) => {
  const { source, issues } = readResource(Buffer.from(text), "application/fhir+json", DEFAULT_READ_LIMITS);
  expect(issues.length).toBeGreaterThan(0);
  for (const issue of issues) {
    expect(issue.expression).toBe(expression);
    expect(issue.text.length).toBeLessThan(600);
  }
  expect(writeXml(operationOutcome(issues, source))).toContain("<OperationOutcome");
});

test("elements of XML that R4 can't have leave the place at what holds them", () => {
  const name = "a".repeat(3000);
  const text = `<Patient xmlns="http://hl7.org/fhir"><${name}><b.c xmlns="urn:x"/></${name}></Patient>`;
  const { issues } = readResource(Buffer.from(text), "application/fhir+xml", DEFAULT_READ_LIMITS);
  expect(issues.map((issue) => [issue.rule, issue.expression])).toEqual([["xml-namespace", "Patient"]]);
});
