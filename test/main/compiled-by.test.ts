import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, normalize } from "node:path";
import { afterAll, expect, test } from "@jest/globals";
import { compiledBy } from "../../src/main/compiled-by.ts";

const folder = `${mkdtempSync(join(tmpdir(), "chartulary-code-"))}/`;
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("names the code: the same for the same, another for what is written otherwise, called otherwise or added", async () => {
  writeFileSync(join(folder, "a.ts"), "strip");
  const first = await compiledBy([folder]);
  expect(first).toMatch(/^[0-9a-f]{64}$/);
  expect(await compiledBy([folder])).toBe(first);
  writeFileSync(join(folder, "a.ts"), "strip more");
  const second = await compiledBy([folder]);
  writeFileSync(join(folder, "b.ts"), "");
  expect(new Set([first, second, await compiledBy([folder]), await compiledBy()]).size).toBe(4);
});

/** What a file takes at run time, as files of the project. */
function taken(file: string): string[] {
  const imports = readFileSync(file, "utf8").matchAll(/^(?:import|export)(?! type\b)[^;]*? from "(\.[^"]+)";/gms);
  return [...imports].map(([, from = ""]) => normalize(join(file, "..", from)));
}

test("is of all code that compiles: nothing of it stands elsewhere", () => {
  const seen = new Set<string>();
  const through = (file: string): void => {
    if (seen.has(file)) return;
    seen.add(file);
    taken(file).forEach(through);
  };
  for (const root of ["packages/archive.ts", "packages/compile-set.ts", "snapshots/snapshots.ts"]) through(`src/core/fhir/${root}`);
  expect(seen.size).toBeGreaterThan(15);
  expect([...seen].filter((file) => !/^src\/core\/fhir\/(packages|snapshots)\//.test(file))).toEqual(["src/core/errors.ts"]);
});
