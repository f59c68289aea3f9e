/** A test that waits for an event has one limit, the general one (jest.config.js): a shorter one of its own says how fast the machine must be, and fails on one that has much else to do. So does a wait that counts its looks. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";

const TESTS = join(import.meta.dirname, "..");
const [, GENERAL = ""] = /testTimeout: ([\d_]+)/.exec(readFileSync(join(TESTS, "../jest.config.js"), "utf8")) ?? [];

/** The last argument of a test or hook, on a line of its own or behind its function's end. */
const LIMITS = /^(?:\s*\}, |.*\)\), |\s+|.*jest\.setTimeout\()(\d[\d_]*)(?:\);|,\n\s*\);)$/gm;

function limitsIn(text: string): number[] {
  return [...text.matchAll(LIMITS)].map(([, digits = ""]) => Number(digits.replaceAll("_", ""))).filter((limit) => limit >= 5_000);
}

/** A loop that waits a moment and looks again, so many times at most: `until` (journeys/program.ts) looks for as long as a test may take. */
const COUNTED_WAITS = /for \(let (\w+) = \d+; \1 <=? [\d_]+ && [^{;]*;[^{;]*\)\s*\{?[^;]*(?:setTimeout|setImmediate|sleep\(|pause\(|nextTurn\()/g;

test("no test has a shorter time limit than all have", () => {
  const files = readdirSync(TESTS, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".test.ts"));
  expect([files.length > 400, GENERAL]).toEqual([true, expect.stringMatching(/^\d/)]);
  const short = files
    .flatMap((file) => limitsIn(readFileSync(join(TESTS, file), "utf8")).map((limit) => ({ file, limit })))
    .filter(({ limit }) => limit < Number(GENERAL.replaceAll("_", "")));
  expect(short).toEqual([]);
});

test("no test waits for something so many times and no longer", () => {
  const files = readdirSync(TESTS, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
  const counted = files.flatMap((file) => [...readFileSync(join(TESTS, file), "utf8").matchAll(COUNTED_WAITS)].map(([found]) => ({ file, found })));
  expect(counted.filter(({ file }) => !file.endsWith("time-limits.test.ts"))).toEqual([]);
});

test.each([
  "for (let turn = 0; turn < 50 && !isThere(); turn++) await sleep(20);",
  "for (let look = 1; look <= 2_000 && got.length < 3; look += 1)\n    await new Promise((resolve) => setTimeout(resolve, 5));",
  "for (let at = 0; at < 9 && !(await isTrue()); at++) {\n  await pause(5);\n}",
])("a counted wait is found in %j", (text) => expect(text.match(COUNTED_WAITS)).toHaveLength(1));

test.each([
  "});\n\ntest(x, async () => {\n}, 60_000);",
  "test.each(x)(\n  y,\n  30_000,\n);",
  "jest.setTimeout(120_000);",
  "beforeAll(async () => void (await make()), 60_000);",
])("is found in %j", (text) => expect(limitsIn(text)).toHaveLength(1));
