/** The policies that come with the program: each can be read, gives a reason for every rule, and none lowers the floor. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { openPolicyNamed } from "../../../src/interactions/policy-files.ts";

const FOLDER = join(import.meta.dirname, "../../../docs/policies");
const FILES = readdirSync(FOLDER);

test.each(FILES)("%s", async (name) => {
  const policy = await openPolicyNamed(join(FOLDER, name));
  expect(policy.version).toBe(name.replace(/\.json$/, "/1"));
  const file = JSON.parse(readFileSync(join(FOLDER, name), "utf8")) as { about: string; severities: Record<string, { because?: string }> };
  expect([file.about, ...Object.values(file.severities).map(({ because }) => because)].filter((reason) => !reason)).toEqual([]);
});

test("there are some for national programmes", () => {
  expect(FILES).toEqual(
    expect.arrayContaining(["belgium-laboratory.json", "england-summary-care-record.json", "germany-demis.json", "india-nrces.json"]),
  );
});

test("a policy that leads back to itself is told", async () => {
  const read = (): Promise<Uint8Array> => Promise.resolve(Buffer.from('{"version":"a/1",\n"extends":"a.json"}'));
  await expect(openPolicyNamed("/x/a.json", read)).rejects.toMatchObject({
    code: "malformed",
    message: expect.stringContaining("it leads back to itself") as unknown,
  });
});
