import { expect, test } from "@jest/globals";
import { DEFAULT_READ_LIMITS } from "../../../../src/core/fhir/reading/read-limits.ts";
import { readResource } from "../../../r4.ts";

const JSON_TYPE = "application/fhir+json";

test("JSON and XML give the same tree", () => {
  const json = readResource(Buffer.from('{"resourceType":"Patient","active":true}'), JSON_TYPE, DEFAULT_READ_LIMITS);
  const xml = readResource(
    Buffer.from('<Patient xmlns="http://hl7.org/fhir"><active value="true"/></Patient>'),
    "application/fhir+xml",
    DEFAULT_READ_LIMITS,
  );
  expect([json.issues, xml.issues]).toEqual([[], []]);
  expect(xml.resource?.names).toEqual(json.resource?.names);
  expect(xml.resource?.values).toEqual(json.resource?.values);
});

test("a byte order mark is legal in XML, and offsets count it", () => {
  const bytes = Buffer.from('\uFEFF<Patient xmlns="http://hl7.org/fhir"/>');
  const { resource, issues } = readResource(bytes, "application/fhir+xml", DEFAULT_READ_LIMITS);
  expect(issues).toEqual([]);
  expect(resource?.offset).toBe(1);
  expect(readResource(Buffer.from('\uFEFF{"a":1}'), JSON_TYPE, DEFAULT_READ_LIMITS).issues.map((issue) => issue.rule)).toEqual(["json-bom"]);
});

test.each([
  ["ISO 8859-1", Buffer.from('{"a":"é"}', "latin1"), 6],
  ["a character cut at the end", Buffer.from('{"a":"😀').subarray(0, 9), 6],
  ["a fault behind long characters", Buffer.concat([Buffer.from("é😀".repeat(500)), Buffer.from([0xc0, 0x41])]), 1500],
  ["an encoded surrogate", Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xed, 0xa0, 0x80])]), 6],
])("%s is not UTF-8: fatal, with its place", (_, bytes, offset) => {
  const { resource, issues } = readResource(bytes, JSON_TYPE, DEFAULT_READ_LIMITS);
  expect(resource).toBeUndefined();
  expect(issues).toMatchObject([{ severity: "fatal", rule: "encoding", offset }]);
});

test("a fault is found wherever it stands in a long text, whatever characters lie around it", () => {
  for (const filler of ["a", "é", "€", "😀"]) {
    for (const before of [65_530, 65_536, 131_071, 200_000]) {
      const start = Buffer.from(filler.repeat(Math.ceil(before / Buffer.byteLength(filler))));
      const bytes = Buffer.concat([start, Buffer.from([0xff]), Buffer.from(filler.repeat(100_000))]);
      const { issues } = readResource(bytes, JSON_TYPE, DEFAULT_READ_LIMITS);
      expect(issues).toMatchObject([{ offset: start.toString("utf8").length, text: expect.stringContaining(`byte ${start.length} (`) }]);
    }
  }
});

test("UTF-16 is called by its name", () => {
  expect(readResource(Buffer.from("\uFEFF{}", "utf16le"), JSON_TYPE, DEFAULT_READ_LIMITS).issues[0]?.text).toContain("UTF-16");
});
