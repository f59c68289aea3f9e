import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { documentJson } from "../journeys/documents.ts";
import { run } from "./command-line.ts";

interface Line {
  readonly file: string;
  readonly valid: boolean;
  readonly outcome: {
    resourceType: string;
    issue: { severity: string; expression?: string[]; extension: { url: string; valueInteger?: number }[] }[];
  };
}
const linesOf = (stdout: string): Line[] =>
  stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Line);

let folder: string;
const at = (name: string): string => join(folder, name);
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "chartulary-cli-"));
  mkdirSync(at("sub/deeper"), { recursive: true });
  mkdirSync(at("empty"));
  writeFileSync(at("good.json"), documentJson());
  writeFileSync(at("sub/b.xml"), '<Patient xmlns="http://hl7.org/fhir"><gender value="female"/></Patient>');
  writeFileSync(at("sub/deeper/a.json"), '{"resourceType":"Patient","active":"yes"}');
  writeFileSync(at("sub/notes.txt"), "not a resource");
  writeFileSync(at("broken.json"), '{\n  "resourceType": "Patient",\n  "name": [}\n}\n');
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("--json", () => {
  test("gives exactly file, valid and outcome, one line a file, with paths as they were given", async () => {
    const { code, stdout, stderr } = await run(["validate", "--json", at("good.json"), at("sub")]);
    const lines = linesOf(stdout);
    expect(lines.map((line) => Object.keys(line))).toEqual(lines.map(() => ["file", "valid", "outcome"]));
    expect(lines.map((line) => [line.file, line.valid])).toEqual([
      [at("good.json"), true],
      [at("sub/b.xml"), true],
      [at("sub/deeper/a.json"), false],
    ]);
    expect(lines.every((line) => line.outcome.resourceType === "OperationOutcome" && line.outcome.issue.length > 0)).toBe(true);
    expect([code, stderr]).toEqual([1, ""]);
  });

  test("a file that does not parse is a no, with line and column", async () => {
    const { code, stdout } = await run(["validate", "--json", at("broken.json")]);
    const [line] = linesOf(stdout);
    expect([code, line?.valid]).toEqual([1, false]);
    const [issue] = line?.outcome.issue ?? [];
    expect(issue?.extension.flatMap((extension) => extension.valueInteger ?? [])).toEqual([3, 12]);
  });

  test("a file that can't be opened is told on standard error, and the others are answered: 2", async () => {
    const { code, stdout, stderr } = await run(["validate", "--json", at("none.json"), at("good.json"), at("empty")]);
    expect([code, linesOf(stdout).map((line) => line.file)]).toEqual([2, [at("good.json")]]);
    expect(stderr).toContain(`${at("none.json")}: there is no such file`);
    expect(stderr).toContain(at("empty"));
  });

  test("- is standard input, in either form", async () => {
    expect(linesOf((await run(["validate", "--json", "-"], { input: documentJson() })).stdout)[0]).toMatchObject({ file: "-", valid: true });
    expect(
      linesOf(
        (await run(["validate", "--json", "-"], { input: '\uFEFF <Patient xmlns="http://hl7.org/fhir"><active value="true"/></Patient>' })).stdout,
      )[0],
    ).toMatchObject({ file: "-" });
    expect((await run(["validate", "-"], { input: "" })).code).toBe(1);
  });
});

describe("for people", () => {
  test("all is well", async () => {
    expect(await run(["validate", "--quiet", at("good.json")])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/good\.json: valid, /),
      stderr: "",
    });
  });

  test("an issue has file, line, column, severity, text and rule, and its line with a mark", async () => {
    const { stdout } = await run(["validate", at("broken.json")]);
    const [head, ...rest] = stdout.split("\n");
    expect(head).toMatch(/broken\.json:3:12: (fatal|error): .+ \[[a-z0-9-]+\]$/);
    const shown = rest.findIndex((line) => line.includes('"name": [}'));
    expect(rest[shown + 1]?.indexOf("^")).toBe(rest[shown]?.indexOf("}"));
    expect(stdout).toMatch(/not valid, 1 error\n$/);
  });

  test("a long line is cut to the place", async () => {
    const long = `{"resourceType":"Patient","active":true,"id":"${"x".repeat(5000)}","bogus":1,"name":[{"family":"${"y".repeat(5000)}"}]}`;
    const { code, stdout } = await run(["validate", "-"], { input: long });
    expect(code).toBe(1);
    const excerpt = stdout.split("\n").find((line) => line.includes('"bogus":1')) ?? "";
    expect(excerpt.length).toBeGreaterThan(20);
    expect(excerpt.length).toBeLessThan(140);
  });
});

describe("--policy", () => {
  const judged = async (policy: string, ...files: string[]): Promise<Awaited<ReturnType<typeof run>>> => {
    writeFileSync(at("policy.txt"), policy);
    return run(["validate", "--policy", at("policy.txt"), ...files]);
  };

  test("changes what rules weigh, and leaves out what it ignores", async () => {
    const file = at("sub/deeper/a.json");
    expect((await run(["validate", file])).code).toBe(1);
    const milder = await judged('{"version": "ward-7/2", "severities": {"wrong-json-type": "warning", "dom-6": "ignore"}}', file);
    expect([milder.code, milder.stdout.includes(": warning: ")]).toEqual([0, true]);
    const silent = await judged('{"version": "ward-7/2", "severities": {"wrong-json-type": "ignore", "dom-6": "ignore"}}', file);
    expect(silent).toMatchObject({ code: 0, stdout: `${file}: valid, no issues\n`, stderr: "" });
  });

  test("that can't be read, or softens what the repository stands on, is told, and nothing is validated", async () => {
    for (const [policy, told] of [
      ['{"version": "1", "severities": {"bdl-9": "ignore"}}', /bdl-9/],
      ['{\n"version": "1", "severities": {"a": "ignore", "a": "error"}}', /policy\.txt: .*line 2, column 47: .*twice/],
      ['{"version": "1"}', /policy\.txt: .*severities/],
      ["[]", /policy\.txt: .*line 1, column 1: /],
    ] as const) {
      const { code, stdout, stderr } = await judged(policy, at("good.json"));
      expect([code, stdout]).toEqual([2, ""]);
      expect(stderr).toMatch(told);
    }
    expect(await run(["validate", "--policy", at("none.json"), at("good.json")])).toMatchObject({ code: 2, stdout: "" });
  });
});

describe("--policy", () => {
  beforeAll(() => {
    writeFileSync(at("ward.json"), '{\n  "version": "ward/1",\n  "severities": { "full-url-relativ": "warning" }\n}\n');
  });

  test("all: each file says under which it passes, in JSON by the policy's name", async () => {
    const { stdout } = await run(["validate", "--json", "--policy", "all", at("good.json"), at("sub/deeper/a.json"), at("broken.json")]);
    const lines = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { policies: Record<string, boolean> });
    const names = Object.keys(lines[0]?.policies ?? {});
    expect(names.slice(0, 3)).toEqual(["strict", "form", "references"]);
    expect(names).toEqual(expect.arrayContaining(["belgium-laboratory", "england-summary-care-record", "germany-demis", "india-nrces"]));
    expect(lines.map(({ policies }) => [...new Set(Object.values(policies))])).toEqual([[true], [false], [false]]);
  });

  test("all: of several files a table of rules and files", async () => {
    const { code, stdout } = await run(["validate", "--policy", "all", at("good.json"), at("sub/deeper/a.json")]);
    expect(stdout).toContain("a.json: passes under none; not under strict (wrong-json-type); form (wrong-json-type)");
    expect(stdout).toMatch(/Of 2 files pass, under each policy:\n {2}1 {7}1 {2}strict\n/);
    expect(stdout).toMatch(/\nwrong-json-type +1 +1 +1 +1/);
    expect(code).toBe(1);
  });

  test("all: tells of a false signature as validate alone does", async () => {
    const signed = readFileSync(new URL("../../fixtures/documents/valid/operation-report-signed.json", import.meta.url), "utf8");
    writeFileSync(at("tampered.json"), signed.replace("Operation report", "Operation reporT"));
    for (const options of [[], ["--json"]]) {
      const one = await run(["validate", ...options, at("tampered.json")]);
      const each = await run(["validate", ...options, "--policy", "all", at("tampered.json")]);
      for (const { stdout } of [one, each]) expect(stdout).toContain("A signature is false: ");
      expect([one.code, each.code]).toEqual([0, 0]);
    }
  });

  test("a file that is none is a clear error, and nothing is validated", async () => {
    const { code, stdout, stderr } = await run(["validate", "--policy", at("ward.json"), at("good.json")]);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain("ward.json: line 3, column 19: There is no rule full-url-relativ");
  });

  test("a name that is none says which there are", async () => {
    const { code, stderr } = await run(["validate", "--policy", "lenient", at("good.json")]);
    expect([code, stderr]).toEqual([2, expect.stringContaining("lenient: it is none of strict, form, references, and no file")]);
  });
});
