import { describe, expect, test } from "@jest/globals";
import { readJson } from "../../../../src/core/fhir/json/read-json.ts";
import type { JsonArray } from "../../../../src/core/fhir/tree/tree.ts";
import { JsonNumber, JsonObject } from "../../../../src/core/fhir/tree/tree.ts";
import { DEFAULT_READ_LIMITS, STORED_READ_LIMITS } from "../../../../src/core/fhir/reading/read-limits.ts";
import { SourceText } from "../../../../src/core/fhir/reading/source-text.ts";
import { R4 } from "../../../r4.ts";

function read(text: string, limits = {}) {
  const reading = readJson(new SourceText(text), { ...DEFAULT_READ_LIMITS, ...limits }, R4.definitions);
  return { ...reading, rules: reading.issues.map((issue) => `${issue.severity} ${issue.rule} ${issue.expression ?? "-"} @${issue.offset}`) };
}

describe("what is read", () => {
  test("number text, order, nulls and offsets are kept", () => {
    const { resource, issues } = read('{ "resourceType":"X", "n": [1.10, -0e+5, null], "t":true }');
    expect(issues).toEqual([]);
    expect(resource?.names).toEqual(["resourceType", "n", "t"]);
    expect(resource?.offsets).toEqual([2, 22, 48]);
    const numbers = resource?.get("n") as JsonArray;
    expect(numbers.items.map((item) => (item instanceof JsonNumber ? item.text : item))).toEqual(["1.10", "-0e+5", null]);
    expect(numbers.offsets).toEqual([28, 34, 41]);
  });

  test("escapes become their characters, surrogate pairs one", () => {
    expect(read(String.raw`{"a":"\"\\\/\b\f\n\r\té\uD83D\uDE00"}`).resource?.string("a")).toBe('"\\/\b\f\n\r\té😀');
  });

  test("__proto__ and constructor are names like any other", () => {
    const { resource } = read('{"__proto__":{"a":"1"},"constructor":"2"}');
    expect(resource?.names).toEqual(["__proto__", "constructor"]);
    expect(resource?.object("__proto__")?.string("a")).toBe("1");
  });

  test("names that share a slot of the table stay different", () => {
    const names = Array.from({ length: 5000 }, (_, at) => `n${at}`);
    const { resource } = read(`{${names.map((name) => `"${name}":1`).join()}}`, STORED_READ_LIMITS);
    expect(resource?.names).toEqual(names);
  });
});

describe("faults that can be read over", () => {
  test("a duplicate name is an error; the first value stays", () => {
    const { resource, rules } = read('{"resourceType":"Patient","name":[{"family":"A","family":"B"}]}');
    expect(rules).toEqual(["error json-duplicate-name Patient.name[0] @48"]);
    expect(resource?.objects("name")[0]?.string("family")).toBe("A");
  });

  test("a duplicate among many names, and one that differs in its escapes only", () => {
    const many = Array.from({ length: 20 }, (_, at) => `"p${at}":0`).join();
    expect(read(`{${many},"p3":1}`).rules).toEqual([`error json-duplicate-name - @${many.length + 2}`]);
    expect(read(String.raw`{"ab":1,"\u0061b":2}`).rules).toEqual(["error json-duplicate-name - @8"]);
  });

  test("comments are told of where they stand", () => {
    expect(read('// x\n{"resourceType":"Patient", /* y */ "id":"a"}').rules).toEqual([
      "error json-comment Patient @0",
      "error json-comment Patient.id @32",
    ]);
  });

  test("a missing and an extra comma, a name and a value without quotes", () => {
    const text = '{"resourceType":"Patient","name":[{"family":"A" "given":["B","C",]}], active: True,}';
    const { resource, rules } = read(text);
    expect(rules).toEqual([
      "error json-syntax Patient.name[0] @48",
      "error json-syntax Patient.name[0].given @65",
      "error json-syntax Patient @70",
      "error json-syntax Patient.active @78",
      "error json-syntax Patient @83",
    ]);
    expect(resource?.string("active")).toBe("True");
  });

  test.each(["01", "+1", ".5", "1.", "1e", "0x10", "NaN", "-"])("%s is no number", (text) => {
    expect(read(`{"a":${text}}`).rules).toEqual(["error json-syntax a @5"]);
  });

  test("a control character, an unknown escape and half of a surrogate pair", () => {
    expect(read('{"a":"x\ny"}').rules).toEqual(["error json-control-character a @7"]);
    expect(read(String.raw`{"a":"\x"}`).rules).toEqual(["error json-escape a @6"]);
    expect(read(String.raw`{"a":"\uD83D x"}`).rules).toEqual(["error json-lone-surrogate a @5"]);
    expect(read('{"a":"\uDE00"}').rules).toEqual(["error json-lone-surrogate a @5"]);
  });

  test("a byte order mark is a warning", () => {
    expect(read('\uFEFF{"resourceType":"Patient"}').rules).toEqual(["warning json-bom Patient @0"]);
  });

  test("issues beyond the limit are counted", () => {
    const { issues } = read(`{${'"a":1,'.repeat(30)}"a":1}`, { maxIssues: 5 });
    expect(issues).toHaveLength(6);
    expect(issues.at(-1)?.text).toContain("25 more");
  });
});

describe("faults that end reading", () => {
  test.each([
    ["", "fatal json-syntax - @0"],
    ["[]", "fatal json-syntax - @0"],
    ['{"resourceType":"Patient"', "fatal json-syntax Patient @25"],
    ['{"resourceType":"Patient","name":[{"family":"A', "fatal json-syntax Patient.name[0].family @44"],
    [
      '{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Observation","valueQuantity":{"value":}}}]}',
      "fatal json-syntax Bundle.entry[0].resource.value.value @101",
    ],
    ['{"resourceType":"Patient","_birthDate":{"extension":[#]}}', "fatal json-syntax Patient.birthDate.extension[0] @53"],
    ['{"a" 1}', "fatal json-syntax - @5"],
    ['{"a":1} x', "fatal json-syntax - @8"],
    ['{"a":1}{', "fatal json-syntax - @7"],
    ['{"a":/* 1}', "fatal json-comment - @5"],
  ])("%s", (text, rule) => {
    const { resource, rules } = read(text);
    expect(resource).toBeUndefined();
    expect(rules.at(-1)).toBe(rule);
  });

  test("depth is limited, however deep the text goes on", () => {
    const deep = (levels: number) => `${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`;
    expect(read(deep(100)).rules).toEqual([]);
    expect(read(deep(101)).rules[0]).toMatch(/^fatal too-deep/);
    expect(read('{"a":'.repeat(1_000_000)).rules[0]).toMatch(/^fatal too-deep/);
    expect(read(`{"a":${"[".repeat(1_000_000)}`).rules[0]).toMatch(/^fatal too-deep/);
  });

  test("a string that is too long", () => {
    expect(read('{"a":"1234567"}', { maxStringLength: 6 }).rules).toEqual(["fatal string-too-long a @5"]);
  });
});

test("an object with a hundred thousand names is read in time that grows with it", () => {
  const { resource } = read(`{${Array.from({ length: 100_000 }, (_, at) => `"${at}":{}`).join()}}`, STORED_READ_LIMITS);
  expect(resource?.values.every((value) => value instanceof JsonObject)).toBe(true);
});
