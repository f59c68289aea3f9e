/** The table of docs/design/rest.md: each of its lines names tests that are there, and that say what the line says of them. */
import { describe, expect, test } from "@jest/globals";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";

const ROOT = path.resolve(import.meta.dirname, "../../..");
const CHECKLIST = path.join(ROOT, "../shared/spec/REST.md");

interface Line {
  readonly numbers: readonly number[];
  readonly item: string;
  readonly held: string;
}

/** `1`, `7, 35`, `20–23`; a dash for what no number is of. */
function numbersIn(text: string): number[] {
  return text.split(",").flatMap((part) => {
    const [first, last = first] = part
      .trim()
      .split("–")
      .map((one) => (one === "" ? NaN : Number(one)));
    if (first === undefined || Number.isNaN(first)) return [];
    return Array.from({ length: (last ?? first) - first + 1 }, (_, at) => first + at);
  });
}

const lines: Line[] = readFileSync(path.join(ROOT, "docs/design/rest.md"), "utf8")
  .split("\n")
  .filter((line) => line.startsWith("| "))
  .slice(1)
  .map((line) => line.slice(2, -2).split(" | "))
  .map(([numbers = "", item = "", held = ""]) => ({ numbers: numbersIn(numbers), item, held }));

/** Tests that a line names, each with what stands in brackets behind it. */
function namesIn(held: string): { readonly name: string; readonly about: string | undefined }[] {
  return [...held.matchAll(/`([\w./{},-]+)`(?: \(([^)]+)\))?/g)].flatMap(([, name = "", about]) => {
    const all = /^(.*)\{(.*)\}(.*)$/.exec(name);
    const names = all ? (all[2] ?? "").split(",").map((one) => `${all[1]}${one}${all[3]}`) : [name];
    return names.map((one) => ({ name: one, about: about?.replaceAll("`", "") }));
  });
}

/** The text of a test, or of all that lie in a folder with their names; undefined when there is none. */
function textOf(name: string): string | undefined {
  const place = path.resolve(import.meta.dirname, name);
  const file = [`${place}.test.ts`, `${place}.ts`].find(existsSync);
  if (file !== undefined) return readFileSync(file, "utf8");
  if (!existsSync(place) || !statSync(place).isDirectory()) return undefined;
  const tests = readdirSync(place).filter((one) => one.endsWith(".test.ts"));
  return tests.map((one) => `${one}\n${readFileSync(path.join(place, one), "utf8")}`).join("\n");
}

describe("the checklist of REST", () => {
  test("has lines, and each says by what it is held", () => {
    expect(lines.length).toBeGreaterThan(30);
    expect(lines.filter(({ held }) => namesIn(held).length === 0)).toEqual([]);
  });

  test.each(lines)("is held by tests that are there: $item", ({ held }) => {
    for (const { name, about } of namesIn(held)) {
      const text = textOf(name);
      expect([name, text === undefined ? "not there" : "there", /\btest(?:\.each\(|\()|describe/.test(text ?? "")]).toEqual([name, "there", true]);
      if (about !== undefined) expect([name, about, text?.toLowerCase().includes(about.toLowerCase())]).toEqual([name, about, true]);
    }
  });

  test("leaves out nothing that R4 demands (SHALL), as far as the list of it is there", () => {
    if (!existsSync(CHECKLIST)) {
      process.stderr.write("skipped: ../shared/spec/REST.md is not there\n");
      return;
    }
    const items = [...readFileSync(CHECKLIST, "utf8").matchAll(/^(\d+)\. (.*)$/gm)];
    const demanded = items.filter(([, , text = ""]) => /(?:^|[ (])S\b/.test(text)).map(([, number]) => Number(number));
    expect(demanded.length).toBeGreaterThan(5);
    const told = new Set(lines.flatMap(({ numbers }) => numbers));
    expect(demanded.filter((number) => !told.has(number))).toEqual([]);
  });
});
