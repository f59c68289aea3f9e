import { describe, expect, test } from "@jest/globals";
import { COMMANDS } from "../../src/cli/commands.ts";
import { AppError } from "../../src/core/errors.ts";
import { run } from "./command-line.ts";

describe("help", () => {
  test.each([[[]], [["--help"]], [["help"]], [["-h"]]])("%j lists the commands", async (args) => {
    const { code, stdout, stderr } = await run(args);
    expect([code, stderr]).toEqual([0, ""]);
    for (const name of Object.keys(COMMANDS)) expect(stdout).toContain(`  ${name}`);
  });

  test.each(Object.keys(COMMANDS))("%s --help says what it takes and what its exit code means", async (name) => {
    const shown = await run([name, "--help"]);
    expect([shown.code, shown.stderr]).toEqual([0, ""]);
    expect(shown.stdout).toContain(`chartulary ${name}`);
    expect(shown.stdout).toContain("Exit code:");
    expect((await run(["help", name])).stdout).toBe(shown.stdout);
    const command = await COMMANDS[name]?.load();
    for (const option of Object.keys(command?.options ?? {})) expect(shown.stdout).toContain(`--${option}`);
  });

  test("--version", async () => expect(await run(["--version"])).toEqual({ code: 0, stdout: "1.2.3\n", stderr: "" }));
});

test.each([
  [["copy", "mongodb://anna:hunter2@db.example/x"]],
  [["submit", "--bogus", "https://anna:hunter2@documents.example"]],
  [["https://anna:hunter2@documents.example"]],
])("%j: no password is said back", async (args) => {
  const { code, stdout, stderr } = await run(args);
  expect([code, stdout, stderr]).toEqual([2, "", expect.not.stringContaining("hunter2")]);
});

test("nor is one that stands in what went wrong", async () => {
  const serve = (): Promise<never> => Promise.reject(new AppError("unavailable", "https://anna:hunter2@documents.example does not answer"));
  const { stderr } = await run(["serve"], { tools: { serve } });
  expect(stderr).toBe("chartulary serve: https://documents.example does not answer\n");
});

describe("wrong usage is 2, said in one line, with nothing on standard output", () => {
  test.each([
    [["bogus"]],
    [["constructor"]],
    [["validate"]],
    [["validate", "--bogus", "x"]],
    [["validate", "--json=1", "x"]],
    [["verify"]],
    [["verify", "a", "b"]],
    [["verify", "--receipt"]],
    [["serve", "x"]],
    [["keys", "bogus"]],
    [["render", "x"]],
    [["render", "x", "--to", "docx"]],
    [["submit", "x", "--url", "ftp://x"]],
  ])("%j", async (args) => {
    const { code, stdout, stderr } = await run(args);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(/^chartulary.*\n$/);
  });
});

test("what could not be done is said in one sentence, without a stack", async () => {
  const tools = { openKeys: () => Promise.reject(new AppError("not-found", "there are no keys in ./data")) };
  expect(await run(["keys"], { tools })).toEqual({ code: 2, stdout: "", stderr: "chartulary keys: there are no keys in ./data\n" });
});

test("serve is told about samples, and its exit code is the program's", async () => {
  const told: boolean[] = [];
  const serve = ({ withSamples }: { withSamples: boolean }): Promise<number> => Promise.resolve(told.push(withSamples));
  expect([(await run(["serve"], { tools: { serve } })).code, (await run(["serve", "--no-samples"], { tools: { serve } })).code, told]).toEqual([
    1,
    2,
    [true, false],
  ]);
});
