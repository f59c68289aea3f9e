import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

/**
 * `npm run check:lint`: ESLint over what may have changed since it last passed. Its rules ask for types, so that what it says of a file depends on every file that this one imports, however
 * indirectly: ESLint's own cache looks at the file alone, and would pass over a caller of what changed. A file is looked at again when anything within its reach differs, or the rules do. With CI in
 * the environment everything is looked at.
 */
const ROOT = fileURLToPath(new URL("..", import.meta.url));
const PASSED = path.join(ROOT, ".cache/lint.json");
const FOLDERS = ["src", "test", "bench", "fuzz", "scripts"];
/** What everything depends on. */
const EVERYWHERE = ["package-lock.json", "eslint.config.js", "tsconfig.json"];
/** Each process makes a program of its own of everything (some 5 s), so that few files are not worth a second. */
const WORTH_A_PROCESS = 150;

const hashOf = (...texts: readonly string[]): string => {
  const hash = createHash("sha256");
  for (const text of texts) hash.update(`${text.length} `).update(text);
  return hash.digest("base64url");
};

/** By absolute path. */
const texts = new Map<string, string | undefined>();

function textOf(file: string): string | undefined {
  if (!texts.has(file)) texts.set(file, statSync(file, { throwIfNoEntry: false })?.isFile() ? readFileSync(file, "utf8") : undefined);
  return texts.get(file);
}

/** Files of ours that a file names in an import of any kind; a text that only looks like one does no harm. */
function importsOf(file: string): string[] {
  const specifiers = (textOf(file) ?? "").matchAll(/(?:\bfrom|\bimport)\s*\(?\s*["'](\.[^"']+)["']/g);
  return [...specifiers].map(([, specifier = ""]) => path.resolve(path.dirname(file), specifier)).filter((target) => textOf(target) !== undefined);
}

/** What the verdict on a file follows from, as one digest: its text and that of everything within its reach. */
function keyOf(file: string, base: string): string {
  const reach = new Set([file]);
  for (const one of reach) for (const target of importsOf(one)) reach.add(target);
  return hashOf(base, ...[...reach].sort().flatMap((one) => [path.relative(ROOT, one), hashOf(textOf(one) ?? "")]));
}

function filesToLint(): string[] {
  const names = FOLDERS.flatMap((folder) =>
    readdirSync(path.join(ROOT, folder), { recursive: true, encoding: "utf8" }).map((name) => `${folder}/${name}`),
  );
  return names.filter((name) => name.endsWith(".ts")).map((name) => path.join(ROOT, name));
}

function passedBefore(): Set<string> {
  if (process.env["CI"] !== undefined) return new Set();
  try {
    return new Set(JSON.parse(readFileSync(PASSED, "utf8")) as string[]);
  } catch {
    return new Set();
  }
}

/** Whether ESLint finds nothing in these files. */
function lint(files: readonly string[]): Promise<boolean> {
  const bin = fileURLToPath(new URL("../node_modules/eslint/bin/eslint.js", import.meta.url));
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [bin, "--max-warnings", "0", ...files.map((file) => path.relative(ROOT, file))], {
      cwd: ROOT,
      stdio: "inherit",
    });
    child.on("error", () => resolve(false)).on("close", (code) => resolve(code === 0));
  });
}

/** Neighbours import the same and stay together. */
function split(files: readonly string[]): string[][] {
  const most = Math.min(Math.floor(availableParallelism() / 2), Math.ceil(files.length / WORTH_A_PROCESS));
  const size = Math.ceil(files.length / Math.max(1, most));
  return Array.from({ length: Math.ceil(files.length / size) }, (_, at) => files.slice(at * size, (at + 1) * size));
}

const files = filesToLint();
const declarations = files.filter((file) => file.endsWith(".d.ts"));
const base = hashOf(...[...EVERYWHERE.map((name) => path.join(ROOT, name)), ...declarations].map((file) => textOf(file) ?? ""));
const before = passedBefore();
const keys = new Map(files.map((file) => [file, keyOf(file, base)]));
const isKnown = (file: string): boolean => before.has(keys.get(file) ?? "");
const parts = split(files.filter((file) => !isKnown(file)));
const results = await Promise.all(parts.map(async (part) => ({ part, isGood: await lint(part) })));
const passed = [...files.filter(isKnown), ...results.flatMap(({ part, isGood }) => (isGood ? part : []))];
mkdirSync(path.dirname(PASSED), { recursive: true });
writeFileSync(
  PASSED,
  JSON.stringify(
    passed.map((file) => keys.get(file)),
    undefined,
    1,
  ),
);
process.exitCode = results.every(({ isGood }) => isGood) ? 0 : 1;
