/** What the command line reads and changes is told to the audit trail, before and after; without that nothing is done. */
import { expect, test } from "@jest/globals";
import { COMMANDS } from "../../src/cli/commands.ts";
import type { OpenCustody, ToldDeed } from "../../src/cli/command.ts";
import { withoutSecrets } from "../../src/core/without-secrets.ts";
import { AppError } from "../../src/core/errors.ts";
import { run } from "./command-line.ts";

const ID = "7a0f1c0e-1b0a-4c0e-9a0b-0c0d0e0f0a0b";

/** Commands that the trail has no word of, and why. */
const UNTOLD: Readonly<Record<string, string>> = {
  init: "makes what is empty, before there is a trail",
  serve: "tells of each request by itself",
  validate: "reads files of the caller's own",
  submit: "asks a running service, which tells",
  packages: "keeps profiles and terminology, nothing of patients",
  render: "reads files of the caller's own",
  verify: "reads files of the caller's own",
  stats: "counts",
  doctor: "looks at settings and at the database as a whole",
  mongo: "makes an empty database ready",
  store: "removes what was never committed",
  witness: "knows no repository",
  signer: "knows no repository: it signs for one",
};

test("each command is told, or stands in the table of those that are not", () => {
  const untold = Object.entries(COMMANDS).filter(([, { deed }]) => deed === undefined);
  expect(untold.map(([name]) => name).sort()).toEqual(Object.keys(UNTOLD).sort());
});

function custody(steps: string[], erase: () => Promise<never>): () => Promise<OpenCustody> {
  const refuse = (): never => {
    throw new Error("not asked for");
  };
  return () => {
    steps.push("opened");
    return Promise.resolve({ hold: refuse, release: refuse, erase, close: () => Promise.resolve() });
  };
}

test("an erasure: what begins stands there before anything is done, and then what came of it", async () => {
  const told: ToldDeed[] = [];
  const steps: string[] = [];
  const tellTrail = (deed: ToldDeed): Promise<void> => {
    steps.push(deed.kind);
    return Promise.resolve(void told.push(deed));
  };
  const refused = (): Promise<never> => Promise.reject(new AppError("conflict", "it is under a legal hold"));
  const { code } = await run(["erase", ID, "--reason", "other: x", "--by", "Ada"], { tools: { tellTrail, openCustody: custody(steps, refused) } });
  expect([code, steps]).toEqual([1, ["command", "opened", "erasure"]]);
  expect(told.map(({ outcome, documents, reason }) => [outcome, documents, reason])).toEqual([
    [0, [ID], undefined],
    [4, [ID], "exit code 1"],
  ]);
  expect(told[0]?.line).toBe(`chartulary erase ${ID} --reason other: x --by Ada (begins)`);
});

test("when it cannot be written down nothing is done", async () => {
  const steps: string[] = [];
  const tellTrail = (): Promise<void> => Promise.reject(new AppError("unavailable", "the trail of a test"));
  const erase = (): Promise<never> => Promise.reject(new Error("not asked for"));
  const { code, stderr } = await run(["erase", ID, "--reason", "other: x", "--by", "Ada"], {
    tools: { tellTrail, openCustody: custody(steps, erase) },
  });
  expect([code, stderr, steps]).toEqual([2, "chartulary erase: the trail of a test\n", []]);
});

test.each([
  ["copy --to mongodb://anna:hunter2@db.example:27017/x?authMechanismProperties=SECRET:1", "copy --to mongodb://db.example:27017/x"],
  ["copy --to=mongodb+srv://anna:p%40ss@db.example/x --json", "copy --to=mongodb+srv://db.example/x --json"],
  ["copy --to mongodb://anna:slash/word@db.example/x", "copy --to mongodb://db.example/x"],
  ["audit --url https://anna:hunter2@documents.example/base", "audit --url https://documents.example/base"],
  ["erase 1 --by anna@hospital.example --reason other", "erase 1 --by anna@hospital.example --reason other"],
])("no password of %s is told", (line, shown) => {
  expect(withoutSecrets(line)).toBe(shown);
});

test("so a command line is told", async () => {
  const told: ToldDeed[] = [];
  const tellTrail = (deed: ToldDeed): Promise<void> => Promise.resolve(void told.push(deed));
  const copy = (): Promise<never> => Promise.reject(new AppError("unavailable", "the database cannot be reached"));
  await run(["copy", "--to", "mongodb://anna:hunter2@db.example/x"], { tools: { tellTrail, copy } });
  // That it begins a copy tells by itself, in the source's trail.
  expect(told.map(({ line }) => line)).toEqual(["chartulary copy --to mongodb://db.example/x"]);
});
