/** What witnesses cosigned goes into a backup and comes back: what came since is added, what the record lacks stays out, and what is not the log's is refused. */
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TarFile } from "../../../src/adapters/archive/tar-file.ts";
import { formatCheckpoint } from "../../../src/core/crypto/checkpoint.ts";
import { sha256 } from "../../../src/core/crypto/digest.ts";
import type { TimedLogSigner } from "../../../src/core/crypto/keys.ts";
import { copyCosigned, readCosigned, writeCosigned } from "../../../src/pipeline/backup/cosigned-archive.ts";
import type { CosignedCheckpoint } from "../../../src/pipeline/witness/witness-port.ts";
import { MemoryCosigned } from "../../contracts/memory-cosigned.ts";
import { newSigner } from "../../contracts/sealed.ts";

let folder: string;
let log: TimedLogSigner;
let kept: MemoryCosigned;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "chartulary-cosigned-"));
  log = newSigner();
  kept = new MemoryCosigned();
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const rootAt = (size: number): Uint8Array => sha256(Uint8Array.of(size));
const roots = new Map(Array.from({ length: 9 }, (_, size) => [size, rootAt(size)]));
async function one(size: number, at: number, root = rootAt(size), signer = log): Promise<CosignedCheckpoint> {
  return { origin: log.origin, size, at, note: await signer.sign(formatCheckpoint({ origin: log.origin, size, root })) };
}
async function archived<Result>(mode: "r" | "w", work: (archive: TarFile) => Promise<Result>): Promise<Result> {
  const archive = await TarFile.open(join(folder, "cosigned.tar"), mode);
  try {
    return await work(archive);
  } finally {
    await archive.close();
  }
}
const write = (upTo: number): Promise<number> => archived("w", (archive) => writeCosigned(kept, archive, { logs: [log], upTo }));
const read = (into: MemoryCosigned): Promise<number> => archived("r", (archive) => readCosigned(archive, into, { logs: [log], roots }));

test("all of it comes back, also many of one size; only what came since is added; what is beyond the record waits", async () => {
  for (let at = 0; at < 1_100; at++) await kept.put(await one(3, at));
  await kept.put(await one(5, 4));
  expect([await write(4), await write(4), await write(5), await write(5)]).toEqual([1_100, 0, 1, 0]);
  await kept.put(await one(5, 9));
  await kept.put(await one(7, 8));
  expect(await write(8)).toBe(2);
  const back = new MemoryCosigned();
  expect(await read(back)).toBe(1_103);
  expect(await back.from(log.origin, 0, 2_000)).toEqual(await kept.from(log.origin, 0, 2_000));
  const copied = new MemoryCosigned();
  expect(await copyCosigned(kept, copied, { logs: [log], upTo: 5 })).toBe(1_102);
  expect((await copied.newest(log.origin))?.at).toBe(9);
});

test.each([
  ["of a tree that the record does not have", () => one(3, 1, rootAt(4))],
  ["of a size that the record does not have", () => one(77, 1)],
])("one %s is refused", async (_, make) => {
  await kept.put(await make());
  await write(100);
  await expect(read(new MemoryCosigned())).rejects.toMatchObject({ code: "damaged", message: expect.stringContaining("cosigned.tar") as unknown });
});

test.each([
  ["that another key signed", () => one(3, 1, rootAt(3), newSigner(log.origin))],
  ["whose note is of another size", async () => ({ ...(await one(4, 1)), size: 3 })],
  ["that is no note", async () => ({ ...(await one(3, 1)), note: "nothing" })],
])("one %s is worth nothing, and left out", async (_, make) => {
  await kept.put(await make());
  await kept.put(await one(5, 2));
  expect(await write(100)).toBe(1);
  expect(await read(new MemoryCosigned())).toBe(1);
});
