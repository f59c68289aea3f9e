import { describe, expect, test } from "@jest/globals";
import { isBeyondLimits } from "../../../../src/core/fhir/reading/limit-faults.ts";
import { DEFAULT_READ_LIMITS, FREE_VALUES, STORED_READ_LIMITS, type ReadLimits } from "../../../../src/core/fhir/reading/read-limits.ts";
import { readResource } from "../../../r4.ts";

const LIMITS: ReadLimits = {
  ...DEFAULT_READ_LIMITS,
  maxProperties: 5,
  maxAttributes: 4,
  maxItems: new Map([["given", 3]]),
  maxItemsInAll: new Map([["extension", 4]]),
  maxLengths: new Map([["family", 1_500]]),
};

/** What reading says of a text, as `severity rule`, and whether anything came of it. */
function read(text: string, limits = LIMITS): string[] {
  const { resource, issues } = readResource(Buffer.from(text), text.startsWith("<") ? "application/fhir+xml" : "application/fhir+json", limits);
  const said = issues.filter(({ severity }) => severity === "fatal").map(({ severity, rule, code }) => `${severity} ${rule} ${code}`);
  expect(isBeyondLimits(issues)).toBe(said.length > 0);
  expect(resource === undefined).toBe(said.length > 0);
  return said;
}

function patient(inside: string): string {
  return `{"resourceType":"Patient",${inside}}`;
}

function xmlPatient(inside: string): string {
  return `<Patient xmlns="http://hl7.org/fhir">${inside}</Patient>`;
}

const GIVEN = '"A"';
const XML_GIVEN = '<given value="A"/>';
const EXTENSIONS = '"extension":[{"url":"a"},{"url":"b"}]';
const XML_EXTENSION = '<extension url="a"/>';

describe.each([
  [
    "items of one array",
    patient(`"name":[{"given":[${[GIVEN, GIVEN, GIVEN].join()}]}]`),
    patient(`"name":[{"given":[${[GIVEN, GIVEN, GIVEN, GIVEN].join()}]}]`),
    "too-many-items",
  ],
  [
    "items of one element in XML",
    xmlPatient(`<name>${XML_GIVEN.repeat(3)}</name>`),
    xmlPatient(`<name>${XML_GIVEN.repeat(4)}</name>`),
    "too-many-items",
  ],
  [
    "items of all arrays",
    patient(`${EXTENSIONS},"_gender":{${EXTENSIONS}}`),
    patient(`${EXTENSIONS},"_gender":{${EXTENSIONS}},"_active":{${EXTENSIONS}}`),
    "too-many-items",
  ],
  [
    "items of all elements in XML",
    xmlPatient(XML_EXTENSION.repeat(2) + `<gender value="male">${XML_EXTENSION.repeat(2)}</gender>`),
    xmlPatient(XML_EXTENSION.repeat(2) + `<gender value="male">${XML_EXTENSION.repeat(3)}</gender>`),
    "too-many-items",
  ],
  ["properties", patient('"a":1,"b":1,"c":1,"d":1'), patient('"a":1,"b":1,"c":1,"d":1,"e":1'), "too-many-properties"],
  ["properties in XML", xmlPatient("<a/><b/><c/><d/><e/>"), xmlPatient("<a/><b/><c/><d/><e/><f/>"), "too-many-properties"],
  ["attributes", xmlPatient('<name a="1" b="2" c="3" d="4"/>'), xmlPatient('<name a="1" b="2" c="3" d="4" e="5"/>'), "too-many-attributes"],
  ["namespaces' names", xmlPatient(`<name xmlns:a="${"a".repeat(1_000)}"/>`), xmlPatient(`<name xmlns:a="${"a".repeat(1_001)}"/>`), "text-too-long"],
  ["names", patient(`"name":[{"family":"${"a".repeat(1_500)}"}]`), patient(`"name":[{"family":"${"a".repeat(1_501)}"}]`), "text-too-long"],
  [
    "names in XML",
    xmlPatient(`<name><family value="${"a".repeat(1_500)}"/></name>`),
    xmlPatient(`<name><family value="${"a".repeat(1_501)}"/></name>`),
    "text-too-long",
  ],
])("%s", (_, most, more, rule) => {
  test("so many are read", () => {
    expect(read(most)).toEqual([]);
  });

  test("one more ends reading, with the limit's rule", () => {
    expect(read(more)).toEqual([`fatal ${rule} too-costly`]);
  });

  test("what is stored is read whatever it has", () => {
    expect(read(more, STORED_READ_LIMITS)).toEqual([]);
  });
});

describe("how dense a text is", () => {
  const objects = (count: number): string => patient(`"photo":[${"{},".repeat(count)}{}]`);
  /** Each item of 8 characters. */
  const sparse = (count: number): string => patient(`"photo":[${"{}    ,\n".repeat(count)}{}]`);

  test("a small text may be as dense as it likes", () => {
    expect(read(objects(FREE_VALUES - 10))).toEqual([]);
  });

  test("a large one is read no further than it may be", () => {
    expect(read(objects(FREE_VALUES * 2))).toEqual(["fatal too-many-values too-costly"]);
    expect(read(sparse(FREE_VALUES * 2))).toEqual([]);
    expect(read(xmlPatient("<a/>".repeat(FREE_VALUES * 3)))).toEqual(["fatal too-many-values too-costly"]);
  });

  test("no text has more than the whole may have", () => {
    const limits = { ...LIMITS, maxValues: 100 };
    expect(read(sparse(97), limits)).toEqual([]);
    expect(read(sparse(98), limits)).toEqual(["fatal too-many-values too-costly"]);
  });

  test.each([
    ["application/fhir+json", objects(1_000_000)],
    ["application/fhir+xml", xmlPatient("<a/>".repeat(1_000_000))],
  ] as const)("reading %s ends where it is seen to be too dense, not at the end", (mediaType, text) => {
    const { issues } = readResource(Buffer.from(text), mediaType, LIMITS);
    expect(issues.find(({ rule }) => rule === "too-many-values")?.offset).toBeLessThan(FREE_VALUES * 10);
  });
});
