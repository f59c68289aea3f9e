import { describe, expect, test } from "@jest/globals";
import { treeOf, type JsonObject } from "../../../src/core/fhir/tree/tree.ts";
import { parsePolicy, type Policy } from "../../../src/pipeline/validate/policy.ts";
import { aDocument, briefly, compositionOf, entries, saidOf, saidOfText } from "./a-document.ts";

function policyOf(severities: object): Policy {
  return parsePolicy(treeOf({ version: "ward-7/2", severities }) as JsonObject);
}

test("a policy lowers, raises and leaves out what it names, and nothing else", () => {
  const document = aDocument();
  compositionOf(document)["attester"] = [{ mode: "legal" }];
  entries(document).push({ fullUrl: "urn:uuid:00000000-0000-4000-8000-000000000005", resource: { resourceType: "Practitioner" } });
  const under = (severities: object): string[] => briefly(saidOf(document, policyOf(severities)));
  expect(under({})).toEqual(["warning attester-nobody Bundle.entry[0].resource.attester[0]", "error entry-unreachable Bundle.entry[4]"]);
  expect(under({ "entry-unreachable": "warning", "attester-nobody": "error" })).toEqual([
    "error attester-nobody Bundle.entry[0].resource.attester[0]",
    "warning entry-unreachable Bundle.entry[4]",
  ]);
  expect(under({ "entry-unreachable": "information", "attester-nobody": "ignore" })).toEqual(["information entry-unreachable Bundle.entry[4]"]);
});

test("a reader's errors stay errors: other readers may read something else", () => {
  const text = '{"resourceType":"Patient","active":true,"active":false,}';
  const policy = policyOf({ "json-duplicate-name": "ignore", "json-syntax": "warning", "dom-6": "ignore" });
  expect(saidOfText(text, "application/fhir+json", policy).map(({ severity, rule }) => `${severity} ${rule}`)).toEqual([
    "error json-duplicate-name",
    "error json-syntax",
  ]);
});

test("but a processing instruction, which says nothing of what is read, can be let pass", () => {
  const text = '<?xml-stylesheet type="text/xsl" href="view.xsl"?><Patient xmlns="http://hl7.org/fhir"><active value="true"/></Patient>';
  const said = (severities: object): string[] =>
    saidOfText(text, "application/fhir+xml", policyOf({ "dom-6": "ignore", ...severities })).map(({ severity, rule }) => `${severity} ${rule}`);
  expect(said({})).toEqual(["error xml-processing-instruction"]);
  expect(said({ "xml-processing-instruction": "warning" })).toEqual(["warning xml-processing-instruction"]);
});

describe("what is no policy", () => {
  test.each<[what: string, file: object]>([
    ["no version", { severities: {} }],
    ["no severities", { version: "a/1" }],
    ["another severity", { version: "a/1", severities: { "cmp-1": "fatal" } }],
    ["a number", { version: "a/1", severities: { "cmp-1": 1 } }],
    ["a rule that the repository stands on", { version: "a/1", severities: { "bdl-11": "ignore" } }],
  ])("%s", (_, file) => {
    expect(() => parsePolicy(treeOf(file) as JsonObject)).toThrow(expect.objectContaining({ code: "malformed" }));
  });
});
