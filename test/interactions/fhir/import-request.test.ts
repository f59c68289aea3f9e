import { describe, expect, test } from "@jest/globals";
import { readImport, MOST_INPUTS } from "../../../src/interactions/fhir/bulk/import-request.ts";
import { R4 } from "../../r4.ts";

const read = (parameter: unknown, more: object = {}): ReturnType<typeof readImport> =>
  readImport(
    { bytes: Buffer.from(JSON.stringify({ resourceType: "Parameters", ...more, parameter })), mediaType: "application/fhir+json" },
    R4.definitions,
  );

const FORMAT = { name: "inputFormat", valueCode: "application/fhir+ndjson" };
const input = (...part: unknown[]): object => ({ name: "input", part });
const URL = { name: "url", valueUrl: "https://files.example.org/a.ndjson" };
const TYPE = { name: "type", valueCode: "Bundle" };

describe("$import is understood", () => {
  test("as HAPI's clients write it", () => {
    const storage = {
      name: "storageDetail",
      part: [
        { name: "type", valueCode: "https" },
        { name: "credentialHttpBasic", valueString: "admin:password" },
        { name: "maxBatchResourceCount", valueString: "500" },
      ],
    };
    expect(read([FORMAT, { name: "inputSource", valueUri: "http://foo" }, storage, input(TYPE, URL)])).toEqual({
      inputs: [{ url: URL.valueUrl }],
      authorization: "Basic YWRtaW46cGFzc3dvcmQ=",
    });
  });

  test("as Microsoft's write it", () => {
    const parameter = [
      { name: "inputFormat", valueString: "application/fhir+ndjson" },
      { name: "mode", valueString: "IncrementalLoad" },
      input({ name: "type", valueString: "Bundle" }, { name: "url", valueUri: "https://a/1" }, { name: "etag", valueUri: "0x8D92A7342657F4F" }),
      input({ name: "type", valueString: "Bundle" }, { name: "url", valueUri: "https://a/2" }),
    ];
    expect(read(parameter)).toEqual({ inputs: [{ url: "https://a/1", etag: "0x8D92A7342657F4F" }, { url: "https://a/2" }] });
  });

  test("in XML", () => {
    const xml = `<Parameters xmlns="http://hl7.org/fhir"><parameter><name value="inputFormat"/><valueCode value="ndjson"/></parameter><parameter><name value="input"/><part><name value="url"/><valueUri value="https://a/1"/></part></parameter></Parameters>`;
    expect(readImport({ bytes: Buffer.from(xml), mediaType: "application/fhir+xml" }, R4.definitions)).toEqual({ inputs: [{ url: "https://a/1" }] });
  });
});

test.each<[string, unknown, string, RegExp]>([
  ["no format", [input(TYPE, URL)], "unsupported", /inputFormat is application\/fhir\+ndjson\./],
  ["another format", [{ ...FORMAT, valueCode: "application/fhir+parquet" }, input(TYPE, URL)], "unsupported", /not "application\/fhir\+parquet"/],
  ["nothing to import", [FORMAT], "bad-query", /input is missing/],
  ["other resources than documents", [FORMAT, input({ ...TYPE, valueCode: "Patient" }, URL)], "unsupported", /input\.type is Bundle/],
  ["an input without address", [FORMAT, input(TYPE)], "bad-query", /input\.url is missing/],
  ["an address twice", [FORMAT, input(TYPE, URL, URL)], "bad-query", /url stands twice/],
  ["an address that is a number", [FORMAT, input(TYPE, { name: "url", valueInteger: 1 })], "bad-query", /no value that is a text/],
  [
    "storage that is not over https",
    [FORMAT, { name: "storageDetail", part: [{ name: "type", valueCode: "aws-s3" }] }, input(URL)],
    "unsupported",
    /not "aws-s3"/,
  ],
  ["what nobody does here", [FORMAT, { name: "force", valueBoolean: true }, input(URL)], "unsupported", /no parameter "force"/],
  ["too many files", [FORMAT, ...Array.from({ length: MOST_INPUTS + 1 }, () => input(URL))], "unsupported", /at most 1000 files/],
])("%s: refused, and said why", (_what, parameter, code, message) => {
  expect(() => read(parameter)).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) as unknown }));
});

test("what is no Parameters is none", () => {
  const sent =
    (text: string): (() => unknown) =>
    () =>
      readImport({ bytes: Buffer.from(text), mediaType: "application/fhir+json" }, R4.definitions);
  expect(sent('{"resourceType":"Bundle","type":"document"}')).toThrow(/\$import is sent Parameters/);
  expect(sent("{")).toThrow(expect.objectContaining({ code: "malformed" }));
});
