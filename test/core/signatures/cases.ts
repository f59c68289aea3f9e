import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "@jest/globals";

const CASES = process.env["CASES"] ?? "../shared/cases";

/** A test on data from public projects, skipped where that is not at hand. */
export function testOnCases(folder: string, name: string, run: (read: (file: string) => string) => Promise<void> | void): void {
  const path = join(CASES, folder);
  if (!existsSync(path)) test.skip(`${name} (no ${folder} in CASES)`, () => undefined);
  else test(name, () => run((file) => readFileSync(join(path, file), "utf8")));
}
