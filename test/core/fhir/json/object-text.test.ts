import { expect, test } from "@jest/globals";
import { objectText } from "../../../../src/core/fhir/json/object-text.ts";

test.each([
  ['{"a":{"b":"}"}}', 0, '{"a":{"b":"}"}}'],
  ['[1,{"a":"{\\"}","b":{}} ,{}]', 3, '{"a":"{\\"}","b":{}}'],
  ['{"a":"\\\\","b":{"c":"\\\\\\""}} {', 0, '{"a":"\\\\","b":{"c":"\\\\\\""}}'],
  ["x{}y", 1, "{}"],
])("the object in %s from %i on", (text, start, expected) => {
  expect(objectText(text, start)).toBe(expected);
});
