import { expect, test } from "@jest/globals";
import { readJson } from "../../../../src/core/fhir/json/read-json.ts";
import { JsonArray, JsonNumber, JsonObject, type JsonValue } from "../../../../src/core/fhir/tree/tree.ts";
import { writeJson } from "../../../../src/core/fhir/json/write-json.ts";
import { DEFAULT_READ_LIMITS } from "../../../../src/core/fhir/reading/read-limits.ts";
import { SourceText } from "../../../../src/core/fhir/reading/source-text.ts";

const TREE = new JsonObject()
  .add("b", new JsonNumber("2.00"))
  .add("a", new JsonArray().add(null).add(true).add(new JsonArray()).add(new JsonObject()))
  .add("__proto__", 'é\u2028"\\\n\u0001\uD800/');

test("compact: order, number text, and no escape that JSON does not need", () => {
  expect(writeJson(TREE)).toBe('{"b":2.00,"a":[null,true,[],{}],"__proto__":"é\u2028\\"\\\\\\n\\u0001\\ud800/"}');
});

test("pretty: two spaces", () => {
  expect(writeJson(TREE, { pretty: true })).toBe(
    '{\n  "b": 2.00,\n  "a": [\n    null,\n    true,\n    [],\n    {}\n  ],\n  "__proto__": "é\u2028\\"\\\\\\n\\u0001\\ud800/"\n}',
  );
});

test.each([{}, { pretty: true }])("what is written is read as the same tree", (options) => {
  const back = readJson(new SourceText(writeJson(TREE, options)), DEFAULT_READ_LIMITS).resource as JsonValue;
  expect(writeJson(back)).toBe(writeJson(TREE));
});
