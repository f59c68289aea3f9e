import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openKeyFolder } from "../../src/adapters/keys/key-folder.ts";
import { spoolFolder } from "../../src/adapters/trail-spool/spool-folder.ts";
import { digestOf } from "../../src/core/crypto/digest.ts";
import { tellPolicy } from "../../src/main/told-policy.ts";
import { TrailReading } from "../../src/pipeline/trail/read-trail.ts";
import { TrailKeys } from "../../src/pipeline/trail/trail-keys.ts";
import { Trail } from "../../src/pipeline/trail/trail.ts";
import { MemoryTrail } from "../contracts/memory-trail.ts";

let folder: string;
let trail: Trail;
let reading: TrailReading;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "chartulary-policy-"));
  const [keys, store] = [await openKeyFolder(join(folder, "keys")), new MemoryTrail()];
  trail = await Trail.open({ store, spool: spoolFolder(join(folder, "spool")), keys, log: "one", onFault: () => undefined });
  reading = new TrailReading(store, keys.audit, new TrailKeys(keys, store));
});
afterEach(async () => {
  await trail.close();
  rmSync(folder, { recursive: true, force: true });
});

const start = (access: "open" | "embedded", accessPolicyFile?: string): Promise<void> => tellPolicy({ access, accessPolicyFile }, { reading, trail });
const told = async (): Promise<(string | undefined)[]> => (await reading.find({ words: [], matches: () => true }, 99)).events.map(({ text }) => text).toReversed(); // prettier-ignore

test("a policy is told at the start at which it differs from the one that was told last, with both digests", async () => {
  await start("open");
  expect(await told()).toEqual([]);
  const file = join(folder, "policy.json");
  const names: string[] = [];
  for (const text of ["one", "two"]) {
    writeFileSync(file, text);
    names.push(`file:${digestOf(text)}`);
    for (let times = 0; times < 2; times++) {
      await start("embedded", file);
      // So that the order of what is told is that of time.
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }
  await start("embedded");
  await new Promise((resolve) => setTimeout(resolve, 2));
  await start("open");
  await start("open");
  const [first, second] = names;
  expect(await told()).toEqual([
    `the access policy is ${first}; before it was not told`,
    `the access policy is ${second}; before it was ${first}`,
    expect.stringMatching(new RegExp(`^the access policy is standard:sha256:[0-9a-f]{64}; before it was ${second}$`)),
    expect.stringMatching(/^the access policy is open; before it was standard:sha256:[0-9a-f]{64}$/),
  ]);
});
