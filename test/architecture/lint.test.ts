import { expect, test } from "@jest/globals";
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PROJECT_ROOT } from "../journeys/support/service.ts";

/** Rules that ask for types: whoever reads a report without findings must know that they were asked. */
const TYPED = [
  "await-thenable",
  "no-array-delete",
  "no-base-to-string",
  "no-deprecated",
  "no-duplicate-type-constituents",
  "no-floating-promises",
  "no-for-in-array",
  "no-implied-eval",
  "no-meaningless-void-operator",
  "no-misused-promises",
  "no-misused-spread",
  "no-mixed-enums",
  "no-redundant-type-constituents",
  "no-unnecessary-boolean-literal-compare",
  "no-unnecessary-condition",
  "no-unnecessary-template-expression",
  "no-unnecessary-type-arguments",
  "no-unnecessary-type-assertion",
  "no-unnecessary-type-conversion",
  "no-unnecessary-type-parameters",
  "no-unsafe-argument",
  "no-unsafe-assignment",
  "no-unsafe-call",
  "no-unsafe-enum-assignment",
  "no-unsafe-enum-comparison",
  "no-unsafe-member-access",
  "no-unsafe-return",
  "no-unsafe-unary-minus",
  "no-useless-default-assignment",
  "only-throw-error",
  "prefer-promise-reject-errors",
  "prefer-reduce-type-parameter",
  "prefer-return-this-type",
  "related-getter-setter-pairs",
  "require-await",
  "restrict-plus-operands",
  "restrict-template-expressions",
  "return-await",
  "switch-exhaustiveness-check",
  "use-unknown-in-catch-callback-variable",
];

/** The compiler's own findings, by their codes: of strictness, of every option that tsconfig.json asks for, and of syntax that Node can't strip. */
const COMPILED = ["TS1294", "TS2322", "TS2375", "TS4111", "TS4112", "TS6133", "TS7006", "TS7029"];

/** The codes of what is found in a file that is full of mistakes. */
function findingsIn(name: string, ...options: readonly string[]): Set<string | undefined> {
  const folder = mkdtempSync(join(tmpdir(), "chartulary-lint-"));
  try {
    copyFileSync(join(PROJECT_ROOT, ".oxlintrc.json"), join(folder, ".oxlintrc.json"));
    copyFileSync(join(import.meta.dirname, "lint", name), join(folder, "wrong.ts"));
    symlinkSync(join(PROJECT_ROOT, "node_modules"), join(folder, "node_modules"), "junction");
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ extends: join(PROJECT_ROOT, "tsconfig.json"), include: ["*.ts"] }));
    const linter = join(PROJECT_ROOT, "node_modules/oxlint/bin/oxlint");
    const { stdout } = spawnSync(process.execPath, [linter, "--type-aware", ...options, "--format", "json", "wrong.ts"], {
      cwd: folder,
      encoding: "utf8",
    });
    const { diagnostics } = JSON.parse(stdout) as { readonly diagnostics: readonly { readonly code: string }[] };
    return new Set(diagnostics.map(({ code }) => /\((.*)\)$/.exec(code)?.[1]));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test("the linter finds every kind of mistake that takes types to see", () => {
  const found = findingsIn("wrong.txt");
  expect(TYPED.filter((rule) => !found.has(rule))).toEqual([]);
});

test("and what the compiler finds", () => {
  const found = findingsIn("wrong-types.txt", "--type-check");
  expect(COMPILED.filter((code) => !found.has(code))).toEqual([]);
});

test("every rule that it is said to find is asked of the code, as an error", () => {
  const { rules } = JSON.parse(readFileSync(join(PROJECT_ROOT, ".oxlintrc.json"), "utf8")) as { readonly rules: Readonly<Record<string, unknown>> };
  for (const rule of TYPED) {
    const setting = rules[`typescript/${rule}`];
    expect([rule, Array.isArray(setting) ? setting[0] : setting]).toEqual([rule, "error"]);
  }
});
