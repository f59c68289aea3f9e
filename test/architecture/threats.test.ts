/** The threat model: every row names what holds it and a test that is there, and what is open says so. */
import { expect, test } from "@jest/globals";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { PROJECT_ROOT } from "../journeys/support/service.ts";

const FOLDER = join(PROJECT_ROOT, "docs", "threats");
const pages = readdirSync(FOLDER).filter((name) => name !== "README.md");
const textOf = (name: string): string => readFileSync(join(FOLDER, name), "utf8");
const cells = (line: string): string[] => line.split("|").map((cell) => cell.trim()).slice(1, -1); // prettier-ignore
const rows = pages.flatMap((page) =>
  textOf(page)
    .split("\n")
    .filter((line) => /^\| (?!threat \|)/.test(line))
    .map((line) => [page, ...cells(line)]),
);

test("its first page leads to every page, and to no other", () => {
  const led = [...textOf("README.md").matchAll(/\]\(([a-z-]+\.md)\)/g)].map(([, name = ""]) => name);
  expect(led.sort()).toEqual(pages.sort());
  expect(rows.length).toBeGreaterThan(50);
});

test("every boundary is a page with a table, and all six kinds of threats were looked for", () => {
  for (const page of pages) expect([page, rows.some(([of]) => of === page)]).toEqual([page, true]);
  const kinds = new Set(rows.flatMap(([, , kind = ""]) => kind.split(", ")));
  expect([...kinds].sort()).toEqual(["D", "E", "I", "R", "S", "T"]);
});

test.each(rows.map(([page, threat, , held, tests]) => [page, threat, held, tests] as const))("%s: %s", (_page, _threat, held = "", tests = "") => {
  expect(held.length).toBeGreaterThan(10);
  const named = [...tests.matchAll(/`([^`]+)`/g)].map(([, file = ""]) => file);
  expect(named.length).toBeGreaterThan(0);
  expect(named.filter((file) => !existsSync(join(PROJECT_ROOT, file)))).toEqual([]);
});
