import { describe, expect, test } from "@jest/globals";
import { AppError } from "../../../src/core/errors.ts";
import { canonicalDocument, canonicalJson } from "../../../src/core/fhir/canonical.ts";
import { readJson } from "../../../src/core/fhir/json/read-json.ts";
import { treeOf, type JsonObject } from "../../../src/core/fhir/tree/tree.ts";
import { DEFAULT_READ_LIMITS } from "../../../src/core/fhir/reading/read-limits.ts";
import { SourceText } from "../../../src/core/fhir/reading/source-text.ts";

function tree(text: string): JsonObject {
  return readJson(new SourceText(text), DEFAULT_READ_LIMITS).resource as JsonObject;
}

test("names are in the order of their UTF-16 units, at every depth", () => {
  // U+1F600 is written with surrogates (D83D), which come before U+FB33; by code points it would be the other way round (RFC 8785, 3.2.3).
  expect(canonicalJson(tree('{ "\\ufb33":1, "\\ud83d\\ude00":2, "b":[{"z":1,"a":2}], "B":0, "":3 }'))).toBe(
    '{"":3,"B":0,"b":[{"a":2,"z":1}],"\u{1F600}":2,"\uFB33":1}',
  );
});

test("numbers stay as they were sent", () => {
  expect(canonicalJson(tree('{"a":[1.10,1.1,1e2,100,-0]}'))).toBe('{"a":[1.10,1.1,1e2,100,-0]}');
});

test("strings have the escapes of RFC 8785, whatever they had when they came", () => {
  expect(canonicalJson(tree('{"a":"\\u0041\\/\\u000a\\u001F\\u20ac\\u007f"}'))).toBe('{"a":"A/\\n\\u001f€\u007f"}');
});

test("half of a surrogate pair has no canonical form", () => {
  expect(() => canonicalJson("\uD800")).toThrow(AppError);
});

test("a document's form leaves out the root's id, meta and signature, and those only", () => {
  const entry = '{"fullUrl":"urn:x","resource":{"id":"a","meta":{"tag":[]},"resourceType":"Composition","signature":1}}';
  expect(
    canonicalDocument(tree(`{"resourceType":"Bundle","id":"1","_id":{"id":"x"},"meta":{},"signature":{},"language":"de","entry":[${entry}]}`)),
  ).toBe(`{"entry":[${entry}],"language":"de","resourceType":"Bundle"}`);
});

describe("what is kept of shapes and passed over in plain strings changes nothing", () => {
  test("every character, in short strings and long ones, and as a name", () => {
    for (let code = 0; code < 0x250; code++)
      for (const text of [
        String.fromCharCode(code),
        `a${String.fromCharCode(code)}`,
        "x".repeat(63) + String.fromCharCode(code),
        "x".repeat(64) + String.fromCharCode(code),
      ]) {
        expect(canonicalJson(treeOf(text))).toBe(JSON.stringify(text));
        expect(canonicalJson(treeOf({ [text]: text }))).toBe(JSON.stringify({ [text]: text }));
      }
  });

  test("objects of one shape, of shapes that begin alike, and of names in every order", () => {
    const orders = [["b", "a", "c"], ["b", "a"], ["c", "b", "a"], ["a"], ["b", "c", "a"], ["b", "a", "c"]];
    for (let round = 0; round < 3; round++)
      for (const [at, names] of orders.entries()) {
        const object = Object.fromEntries(names.map((name, place) => [name, `${round} ${at} ${place}`]));
        const sorted = Object.fromEntries(Object.entries(object).sort(([one], [other]) => (one < other ? -1 : 1)));
        expect(canonicalJson(treeOf(object))).toBe(JSON.stringify(sorted));
      }
  });

  test("an object that grows, loses a name or gets another after it was written once", () => {
    const object = treeOf({ b: "1", a: "2" }) as JsonObject;
    expect(canonicalJson(object)).toBe('{"a":"2","b":"1"}');
    object.add("0", "3");
    expect(canonicalJson(object)).toBe('{"0":"3","a":"2","b":"1"}');
    object.rename(0, "z");
    expect(canonicalJson(object)).toBe('{"0":"3","a":"2","z":"1"}');
    object.remove(1);
    expect(canonicalJson(object)).toBe('{"0":"3","z":"1"}');
    const many = treeOf(Object.fromEntries(Array.from({ length: 80 }, (_, at) => [`n${at}`, "v"]))) as JsonObject;
    const before = canonicalJson(many);
    many.add("a", "w");
    expect(canonicalJson(many)).toBe(`{"a":"w",${before.slice(1)}`);
  });
});
