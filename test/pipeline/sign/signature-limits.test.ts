import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { SIGNATURE_LIMITS } from "../../../src/core/crypto/signature-limits.ts";
import { CHECKER_LIMITS } from "../../../src/pipeline/sign/signature-checker.ts";

test("docs/limits.md tells every limit of signatures with its value, and none that is not there", () => {
  const text = readFileSync(new URL("../../../docs/limits.md", import.meta.url), "utf8");
  const [section = ""] = text.split(/^## Signatures$/m)[1]?.split(/^## /m) ?? [];
  const told = [...section.matchAll(/^\| `(\w+)` \| ([\d.]+) \|/gm)].map(([, name, value]) => [name, Number(value)]);
  expect(Object.fromEntries(told)).toEqual({ ...SIGNATURE_LIMITS, ...CHECKER_LIMITS });
});
