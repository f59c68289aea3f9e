import { describe, expect, test } from "@jest/globals";
import type { Severity } from "../../../src/core/fhir/issue.ts";
import { policyFor } from "../../../src/pipeline/validate/policy.ts";
import { treeOf, type JsonObject } from "../../../src/core/fhir/tree/tree.ts";
import { aDocument, briefly, compositionOf, entries, saidOf, saidOfText } from "./a-document.ts";
import { ours, policyFrom, policyOf } from "./a-policy.ts";

test("a policy lowers, raises and leaves out what it names, and nothing else", () => {
  const document = aDocument();
  compositionOf(document)["attester"] = [{ mode: "legal" }];
  entries(document).push({ fullUrl: "urn:uuid:00000000-0000-4000-8000-000000000005", resource: { resourceType: "Practitioner" } });
  const under = (severities: Record<string, Severity | "ignore">): string[] => briefly(saidOf(document, policyOf(severities)));
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

test.each([
  ["a processing instruction", "xml-processing-instruction", '<?xml-stylesheet type="text/xsl" href="view.xsl"?>', ""],
  [
    "where a schema lies",
    "xml-schema-location",
    "",
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://hl7.org/fhir ../fhir-all.xsd"',
  ],
])("but %s, which says nothing of what is read, can be let pass", (_, rule, before, attributes) => {
  const text = `${before}<Patient xmlns="http://hl7.org/fhir"${attributes}><active value="true"/></Patient>`;
  const said = (severities: object): string[] =>
    saidOfText(text, "application/fhir+xml", policyOf({ "dom-6": "ignore", "xml-schema-instance": "ignore", ...severities })).map(
      ({ severity, rule }) => `${severity} ${rule}`,
    );
  expect(said({})).toEqual([`error ${rule}`]);
  expect(said({ [rule]: "warning" })).toEqual([`warning ${rule}`]);
  expect(said(Object.fromEntries(ours("form").severities))).toEqual([`warning ${rule}`]);
});

test("a rule may be named with the element that it is about, and the narrower counts", () => {
  const document = aDocument();
  delete compositionOf(document)["title"];
  delete compositionOf(document)["author"];
  const under = (severities: Record<string, Severity | "ignore">): string[] =>
    saidOf(document, policyOf(severities)).flatMap(({ rule, severity, text }) =>
      rule === "element-missing" ? [`${severity} ${text.split(" ")[0]}`] : [],
    );
  expect(under({ "element-missing Composition.title": "warning" })).toEqual(["error Composition.author", "warning Composition.title"]);
  expect(under({ "element-missing": "warning", "element-missing Composition.author": "error" })).toEqual([
    "error Composition.author",
    "warning Composition.title",
  ]);
});

test("an instant without seconds is told from what is none", () => {
  const under = (lastUpdated: string): string[] => {
    const document = aDocument();
    document["meta"] = { lastUpdated };
    return briefly(saidOf(document, ours("form")));
  };
  expect(under("2017-10-09T15:25+00:00")).toEqual(["warning format-instant Bundle.meta.lastUpdated"]);
  for (const text of ["2017-10-09T15+00:00", "2017-10-09", "yesterday", "2017-13-09T15:25+00:00", "2017-02-30T15:25+00:00", "2017-10-09T24:25Z"])
    expect(under(text)).toEqual(["error format-instant Bundle.meta.lastUpdated"]);
});

test("a dateTime without seconds is told from what is none, and is date enough for the floor", () => {
  const under = (date: string): string[] => {
    const document = aDocument();
    compositionOf(document)["date"] = date;
    return briefly(saidOf(document, ours("form")));
  };
  const at = "Bundle.entry[0].resource";
  expect(under("2020-11-17T01:00+01:00")).toEqual([`warning format-dateTime ${at}.date`]);
  for (const text of ["2020-11-17T01:00", "2020-11-31T01:00+01:00", "2020-11-17T01:00:00+1:00", "2020-11-17 01:00+01:00"])
    expect(under(text)).toEqual([`error format-dateTime ${at}.date`]);
  const document = aDocument();
  compositionOf(document)["date"] = "2020-11-31T01:00+01:00";
  expect(briefly(saidOf(document, policyOf({ "format-dateTime": "warning" })))).toContain(`error policy-floor ${at}`);
});

test("by type of document and by submitter, the first case that fits", async () => {
  const LOINC = "http://loinc.org";
  const policy = await policyFrom({
    version: "house/1",
    cases: [
      { types: [{ system: LOINC, code: "11502-2" }], submitters: ["https://id.example|lab"], policy: "references", because: "our laboratory" },
      { types: [{ system: LOINC, code: "11502-2" }], policy: "form" },
    ],
  });
  const bundle = (code: string): JsonObject => treeOf({ entry: [{ resource: { type: { coding: [{ system: LOINC, code }] } } }] }) as JsonObject;
  const chosen = (code: string, ...submitter: string[]): string => policyFor(policy, bundle(code), submitter).version;
  expect(chosen("11502-2", "https://id.example|lab")).toBe("references/1");
  expect(chosen("11502-2", "https://id.example|other")).toBe("form/1");
  expect(chosen("11502-2")).toBe("form/1");
  expect(chosen("34133-9", "https://id.example|lab")).toBe("house/1");
});

test("another policy may be the base, and a reason may stand beside each severity", async () => {
  const policy = await policyFrom({
    version: "a/1",
    extends: "references",
    severities: { "org-1": { severity: "warning", because: "so it is" }, "bdl-10": "error" },
  });
  expect(policy).toMatchObject({ version: "a/1", references: "type-and-id" });
  expect(["org-1", "bdl-10", "full-url-relative"].map((rule) => policy.severities.get(rule))).toEqual(["warning", "error", "warning"]);
});

describe("what is no policy is told with its line", () => {
  test.each<[what: string, file: unknown, message: RegExp]>([
    ["no version", { severities: {} }, /^line 1, column 1: A policy has a "version"/],
    ["nothing", { version: "a/1" }, /says nothing/],
    ["another severity", { version: "a/1", severities: { "cmp-1": "fatal" } }, /^line 4, column 3: The severity of cmp-1 is none of error, warning/],
    ["a number", { version: "a/1", severities: { "cmp-1": 1 } }, /^line 4/],
    ["a rule that the repository stands on", { version: "a/1", severities: { "bdl-11": "ignore" } }, /^line 4, column 3: No policy changes bdl-11/],
    ["the floor", { version: "a/1", severities: { "policy-floor": "ignore" } }, /No policy changes policy-floor/],
    [
      "a rule that there is not",
      { version: "a/1", severities: { "full-url-relativ": "warning" } },
      /^line 4, column 3: There is no rule full-url-relativ/,
    ],
    ["no element", { version: "a/1", severities: { "element-missing title": "warning" } }, /the path of an element/],
    ["a rule and two elements", { version: "a/1", severities: { "cmp-1 A.b C.d": "warning" } }, /the path of an element/],
    ["an unknown property", { version: "a/1", severity: {} }, /^line 3, column 2: A policy has no "severity": it has version,/],
    [
      "a way to resolve that is none",
      { version: "a/1", references: "guess" },
      /^line 3, column 2: "references" is one of full-url, missing-full-url, type-and-id/,
    ],
    ["a case without a condition", { version: "a/1", cases: [{ policy: "form" }] }, /^line 4/],
    ["a case of nothing", { version: "a/1", cases: [{ policy: "form", types: [] }] }, /"types" is a list with something in it/],
    ["a type without a code", { version: "a/1", cases: [{ policy: "form", types: [{ system: "x" }] }] }, /Each of "types"/],
    ["a list", [], /A policy is a JSON object/],
    ["no JSON", '{ "version": "a/1",\n  "severities": { "cmp-1": warning } }', /^line 2, column 28: A policy is a JSON object/],
    ["a property twice", '{"version":"a/1","version":"b/1","severities":{}}', /^line 1, column 18/],
  ])("%s", async (_, file, message) => {
    await expect(policyFrom(file)).rejects.toMatchObject({ code: "malformed", message: expect.stringMatching(message) as unknown });
  });
});
