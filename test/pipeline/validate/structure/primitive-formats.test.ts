import { expect, test } from "@jest/globals";
import { randomOf } from "../../../../fuzz/random.ts";
import { jsonKindOf } from "../../../../src/pipeline/validate/structure/primitive-formats.ts";
import { definitionOf, formatFault, formatOf, typeNames } from "../../../r4.ts";

const UUID = "urn:uuid:53fefa32-fcbb-4ff8-8a92-55ee120877b7";

/** R4 datatypes.html, a row each primitive type: texts that are values of it, and texts that are not. */
const FORMATS: readonly (readonly [type: string, valid: readonly string[], invalid: readonly string[]])[] = [
  ["integer", ["0", "-1", "2147483647", "-2147483647"], ["01", "1.0", "1e2", "2147483648", "x"]],
  ["unsignedInt", ["0", "2147483647"], ["-1", "2147483648", "1.5"]],
  ["positiveInt", ["1", "2147483647"], ["0", "-1", "2147483648"]],
  ["decimal", ["0", "1.10", "-0.5", "1e-3", "1.0E+5"], ["1.", ".5", "1,5", "NaN", "Infinity"]],
  ["string", ["a", " a ", "\u00a0x", "a\tb\r\nc", "💊", " ", "\t\n"], ["a\u0000", "a\u001b", "a\ufffe"]],
  ["markdown", ["# a\n\n* b", "  "], ["a\u0001"]],
  ["code", ["final", "a b"], [" final", "a  b", "a\tb"]],
  ["id", ["a", "A-1.b", "x".repeat(64)], ["a_b", "", "x".repeat(65), "ä"]],
  [
    "uri",
    ["http://example.org", "urn:oid:2.999.1", UUID, "Patient/1"],
    ["http://a b", "urn:uuid:X", UUID.toUpperCase().replace("URN:UUID", "urn:uuid"), "urn:oid:2.999.01"],
  ],
  ["url", ["https://example.org/a?b#c", "mailto:a@example.org"], ["a b"]],
  ["canonical", ["http://example.org/p|1.0", "#local", "urn:oid:2.999.1|2.0"], ["http://a b", "urn:oid:X.Y.Z"]],
  ["oid", ["urn:oid:2.999.1", "urn:oid:0.0"], ["2.999.1", "urn:oid:2", "urn:oid:2..1", "urn:oid:3.1", "urn:oid:2.999.01"]],
  ["uuid", [UUID], ["53fefa32-fcbb-4ff8-8a92-55ee120877b7", "urn:uuid:1"]],
  [
    "date",
    ["2026", "2026-02", "2024-02-29", "0001-01-01"],
    ["2026-02-29", "2026-13", "26", "2026-2-1", "0000", "2026-01-01T00:00:00Z", "2026-04-31"],
  ],
  [
    "dateTime",
    ["2026", "2026-03", "2026-03-14", "2026-03-14T09:31:00Z", "2026-03-14T09:31:00.123+01:00", "2026-03-14T23:59:60Z"],
    ["2026-03-14T09:31", "2026-03-14T09:31:00", "2026-03-14 09:31:00Z", "2026-02-30T00:00:00Z", "2026-03-14T24:00:00Z", "2026-03-14T09:31:00+15:00"],
  ],
  ["instant", ["2026-03-14T09:31:00Z", "2026-03-14T09:31:00.5-05:00"], ["2026-03-14", "2026-03-14T09:31Z", "2026-02-30T09:31:00Z"]],
  ["time", ["09:31:00", "23:59:59.9"], ["9:31:00", "09:31", "09:31:00Z", "24:00:00"]],
  ["base64Binary", ["YQ==", "YWI=", "YWJj", "YW\r\nJj", " YQ= ="], ["YQ", "YQ=", "Y=Q=", "YW-j", "====", "Y"]],
];

test.each(FORMATS)("%s", (type, valid, invalid) => {
  expect(valid.filter((text) => formatFault(type, text) !== undefined)).toEqual([]);
  expect(invalid.filter((text) => formatFault(type, text) === undefined)).toEqual([]);
});

test.each(FORMATS)("the quick look at a %s passes nothing that the close look has a fault in", (type, valid, invalid) => {
  const judge = formatOf(type);
  const random = randomOf(20260314, type.length);
  const pieces = [...valid, ...invalid, " ", "\t", "0", "9", "-", ":", "T", "Z", ".", "|", "#", "\u0000", "\u00e4", "\ufffe", "urn:", "a"];
  for (let round = 0; round < 3000; round++) {
    const whole = random.pick(pieces);
    const at = random.below(whole.length + 1);
    const text = whole.slice(0, at) + random.pick(pieces) + whole.slice(at + random.below(3));
    expect([text, judge(text)]).toEqual([text, formatFault(type, text)]);
  }
});

test("every primitive type of R4 stands in the table, but boolean (JSON tells) and xhtml (the narrative's own check)", () => {
  const primitives = typeNames().filter((name) => definitionOf(name)?.kind === "primitive");
  expect(primitives.filter((name) => !FORMATS.some(([type]) => type === name)).sort()).toEqual(["boolean", "xhtml"]);
});

test("a string may be 1024 times 1024 characters long, a base64Binary longer", () => {
  expect(formatFault("string", "x".repeat(1024 * 1024))).toBeUndefined();
  expect(formatFault("string", "x".repeat(1024 * 1024 + 1))).toMatch(/longer than 1048576/);
  expect(formatFault("base64Binary", "YWJj".repeat(300_000))).toBeUndefined();
});

test("numbers and booleans are themselves in JSON, everything else is a string", () => {
  expect(["boolean", "decimal", "positiveInt", "unsignedInt", "integer", "date", "base64Binary", "xhtml"].map(jsonKindOf)).toEqual([
    "boolean",
    "number",
    "number",
    "number",
    "number",
    "string",
    "string",
    "string",
  ]);
});

test.each(["code", "oid", "uri", "canonical", "id", "decimal", "integer", "dateTime", "base64Binary"])(
  "a %s of millions of characters is judged, not died of",
  (type) => {
    for (const piece of ["a ", "1.", "1", " ", "YWJj "]) expect(() => formatFault(type, `urn:oid:2${piece.repeat(3_000_000)}1`)).not.toThrow();
  },
);

test("an id is told with what is wrong about it", () => {
  expect(formatFault("id", "a_b")).toMatch(/^"_" is none of .*; write another id here, and wherever something refers to it/);
  expect(formatFault("id", "a".repeat(70))).toMatch(/^it has 70 characters, and an id 64 at most; write another id/);
});
