import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { randomUUID } from "node:crypto";
import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { erasuresFile } from "../../../src/adapters/keys/erasures-file.ts";
import { formatCustodyLeaf } from "../../../src/core/formats/custody.ts";

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "chartulary-erasures-"));
  file = join(folder, "new", "erasures");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const erasure = (documentId = randomUUID()): [string, Uint8Array] => [
  documentId,
  formatCustodyLeaf({
    kind: "erasure",
    id: randomUUID(),
    document: documentId,
    at: "2026-03-14T09:30:00.000Z",
    reason: "other",
    recordDigest: `sha256:${"00".repeat(32)}`,
  }),
];
const ids = async (): Promise<string[]> => (await erasuresFile(file).read()).map(({ documentId }) => documentId);

test("keeps what was erased, each document once, in a file for its owner alone", async () => {
  expect(await ids()).toEqual([]);
  const [one, other] = [erasure(), erasure()];
  for (const [id, leaf] of [one, other, one]) await erasuresFile(file).add(id, leaf);
  expect(await ids()).toEqual([one[0], other[0]]);
  expect((await erasuresFile(file).read())[1]?.leaf).toEqual(other[1]);
  expect(statSync(file).mode & 0o077).toBe(0);
  expect(readFileSync(file, "utf8").split("\n")).toHaveLength(3);
});

test("a line that a crash cut off costs that one alone, and is added again", async () => {
  const [one, other] = [erasure(), erasure()];
  await erasuresFile(file).add(...one);
  appendFileSync(file, Buffer.from(other[1]).subarray(0, 100));
  expect(await ids()).toEqual([one[0]]);
  await erasuresFile(file).add(...other);
  expect(await ids()).toEqual([one[0], other[0]]);
});

test("says by the setting's name that it cannot be written", async () => {
  writeFileSync(join(folder, "new"), "");
  await expect(erasuresFile(file).add(...erasure())).rejects.toThrow(/ERASURES_FILE/);
});
