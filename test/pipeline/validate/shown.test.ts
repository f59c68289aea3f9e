import { expect, test } from "@jest/globals";
import { shown } from "../../../src/pipeline/validate/shown.ts";

test("a text as it is, when it is short and plain in any script", () => {
  for (const text of ["urn:uuid:1", "退院時要約", "ملخص", "a 💊 b", ""]) expect(shown(text)).toBe(text);
});

test("a long one is cut, and no character is cut in half", () => {
  expect(shown("x".repeat(200))).toBe(`${"x".repeat(120)}…`);
  expect(shown("💊💊💊", 3).isWellFormed()).toBe(true);
});

test("what can't be seen, breaks XML or turns the words around it is escaped", () => {
  expect(shown("a\u0000b\n\u202ec\ud800d\uffff\u2066")).toBe("a\\u0000b\\u000a\\u202ec\\ud800d\\uffff\\u2066");
});
