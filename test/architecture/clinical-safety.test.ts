/** The hazard log names tests that exist: a control that nothing holds is a wish. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";

const ROOT = join(import.meta.dirname, "../..");
const LOG = readFileSync(join(ROOT, "docs/clinical-safety.md"), "utf8");

/** `path` "words of the name of a test in it" */
const NAMED = /`(test\/[^`]+)`(?: "([^"]+)")?/g;

const rows = LOG.split("\n")
  .filter((line) => /^\| H\d+ \|/.test(line))
  .map((line) => line.split(" | ").map((cell) => cell.replace(/^\| | \|$/g, "").trim()));

test("every hazard has a number of its own, in order, and each of the six columns filled", () => {
  expect(rows.length).toBeGreaterThan(15);
  expect(rows.map(([id]) => id)).toEqual(rows.map((_, at) => `H${at + 1}`));
  for (const row of rows) expect([row[0], row.length, row.every((cell) => cell !== "")]).toEqual([row[0], 6, true]);
});

describe.each(rows.map((row) => ({ id: row[0] ?? "", tests: [...(row[5] ?? "").matchAll(NAMED)] })))("$id", ({ tests }) => {
  test("is held by tests that exist", () => {
    expect(tests.length).toBeGreaterThan(0);
    for (const [, path = "", name] of tests) {
      expect([path, existsSync(join(ROOT, path))]).toEqual([path, true]);
      if (name !== undefined) expect([path, name, readFileSync(join(ROOT, path), "utf8").includes(name)]).toEqual([path, name, true]);
    }
  });
});
