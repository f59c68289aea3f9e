/** A backup of a record in memory: what is written, how it goes on, and that nothing altered, cut off or left out passes. */
import { beforeEach, describe, expect, test } from "@jest/globals";
import { randomBytes } from "node:crypto";
import type { LogSigner } from "../../../src/core/crypto/keys.ts";
import { knownLog } from "../../../src/core/crypto/log-keys.ts";
import { formatKeptKeys, parseKeptKeys } from "../../../src/pipeline/backup/kept-keys.ts";
import { readSegments } from "../../../src/pipeline/backup/read-backup.ts";
import { commitsOf, Replay } from "../../../src/pipeline/backup/replay.ts";
import { writeBackup, type Archive } from "../../../src/pipeline/backup/write-backup.ts";
import { Ledger } from "../../../src/pipeline/log/ledger.ts";
import type { RecordInventory } from "../../../src/pipeline/store/record-inventory.ts";
import { audit } from "../../contracts/audit.ts";
import { Memory, memoryKeys, MemoryRecord } from "../../contracts/memory-record.ts";
import { newSigner, sealed, sealedMany } from "../../contracts/sealed.ts";
import { MemoryArchive } from "./memory-archive.ts";

let memory: Memory;
let store: MemoryRecord;
let signer: LogSigner;
let ledger: Ledger;
let archive: MemoryArchive;

/** What an engine's inventory gives, of the record in memory. */
function inventoryOf(record: MemoryRecord): Pick<RecordInventory, "bodies" | "claimsOf" | "checkpoints" | "keys"> {
  const entries = async () => record.entries(0, 10_000);
  return {
    bodies: async (from, to) =>
      Promise.all(
        (await entries()).slice(from, to).map(async ({ id, index }) => ({
          index,
          content: await record.content(id),
          evidence: await record.evidence(id),
          wrappedKey: memory.keys.get(id),
        })),
      ),
    claimsOf: async (from, to) =>
      (await entries())
        .slice(from, to)
        .flatMap(({ id, index }) => (memory.staged.find(id)?.claims ?? []).map(({ key, value }) => ({ key, value, index }))),
    checkpoints: async (after, count) => {
      const sizes = [...new Set((await entries()).map(({ treeSize }) => treeSize))].filter((size) => size > after).slice(0, count);
      return Promise.all(sizes.map(async (size) => ({ size, note: (await record.checkpoint(size))?.note ?? "" })));
    },
    keys: async function* () {
      yield (await entries()).flatMap(({ id, index }) =>
        memory.keys.has(id) ? [{ name: String(index), id, index, wrappedKey: memory.keys.get(id) ?? new Uint8Array() }] : [],
      );
    },
  };
}

const back = (): Promise<{ size: number; added: number }> => writeBackup({ store, inventory: inventoryOf(store) }, archive, () => undefined);
const put = async (...entries: ReturnType<typeof sealedMany>): Promise<void> => {
  for (const { id } of entries) memory.keys.set(id, new Uint8Array(randomBytes(65)));
  await Promise.all(entries.map((entry) => ledger.append([entry])));
};
/** Makes all of it again elsewhere; gives that record. */
async function restore(from: Pick<Archive, "members" | "read"> = archive): Promise<{ readonly record: MemoryRecord; readonly memory: Memory }> {
  const other = new Memory();
  const record = new MemoryRecord(other);
  const keys = parseKeptKeys(await formatKeptKeys(inventoryOf(store), Infinity));
  const replay = new Replay({ store: record, wrappedKeys: memoryKeys(other) }, [knownLog(signer)]);
  for await (const { segment } of readSegments(from))
    for (const { checkpoint, entries } of commitsOf(segment.entries, segment.checkpoints))
      await replay.commit(checkpoint, entries, (_, index) => keys.get(index));
  return { record, memory: other };
}

beforeEach(async () => {
  memory = new Memory();
  store = new MemoryRecord(memory);
  signer = newSigner();
  ledger = await Ledger.open(store, signer);
  archive = new MemoryArchive();
  await put(...sealedMany(5), sealed({ size: 0 }));
  await put(sealed({ kind: "novelty", claims: [] }));
});

test("everything comes back as it was: entries, parts, claims, keys, checkpoints", async () => {
  expect(await back()).toEqual({ size: 7, added: 7 });
  const { record, memory: other } = await restore();
  expect(await audit(record, signer)).toEqual(await audit(store, signer));
  for (const { id, claims } of (await store.entries(0, 10)).map(({ id }) => ({ id, claims: memory.staged.find(id)?.claims ?? [] }))) {
    expect([await record.content(id), await record.evidence(id), other.keys.get(id)]).toEqual([
      await store.content(id),
      await store.evidence(id),
      memory.keys.get(id),
    ]);
    for (const { key, value } of claims) expect((await record.claimed([key])).get(key)).toMatchObject({ entry: { id }, value });
  }
});

test("the next backup adds what came since, and a third nothing", async () => {
  await back();
  const [before] = [[...archive.members]];
  await put(...sealedMany(3));
  expect([await back(), await back()]).toEqual([
    { size: 10, added: 3 },
    { size: 10, added: 0 },
  ]);
  expect(archive.members.slice(0, before.length)).toEqual(before);
  expect(await audit((await restore()).record, signer)).toHaveLength(10);
});

test("an interrupted one is passed over, and goes on where it was whole", async () => {
  await back();
  await put(...sealedMany(3));
  archive.room = 1;
  await expect(back()).rejects.toThrow("the power went");
  expect(archive.members.length % 2).toBe(1);
  expect(await audit((await restore()).record, signer)).toHaveLength(7);
  archive.room = Infinity;
  expect(await back()).toEqual({ size: 10, added: 3 });
  expect(await audit((await restore()).record, signer)).toHaveLength(10);
});

test("it is of one log, and never goes back", async () => {
  await back();
  const [other, younger] = [new Memory(), new MemoryArchive()];
  younger.members = archive.members;
  const elsewhere = new MemoryRecord(other);
  await expect(writeBackup({ store: elsewhere, inventory: inventoryOf(elsewhere) }, archive, () => undefined)).rejects.toMatchObject({
    code: "conflict",
  });
  const foreign = await Ledger.open(elsewhere, newSigner());
  for (const entry of sealedMany(8)) await foreign.append([entry]);
  await expect(writeBackup({ store: elsewhere, inventory: inventoryOf(elsewhere) }, younger, () => undefined)).rejects.toMatchObject({
    code: "conflict",
  });
});

describe("a backup that somebody altered does not come back", () => {
  beforeEach(async () => {
    await back();
    await put(...sealedMany(3));
    await back();
    await put(...sealedMany(3));
    await back();
  });

  test("by one bit, wherever it is", async () => {
    for (const [number, { content }] of archive.members.entries())
      for (let at = 0; at < content.length; at += Math.max(1, Math.floor(content.length / 40))) {
        content[at] = (content[at] ?? 0) ^ 1;
        expect([
          number,
          at,
          await restore().then(
            () => "restored",
            (error: unknown) => (error as { code?: string }).code,
          ),
        ]).toEqual([number, at, "damaged"]);
        content[at] = (content[at] ?? 0) ^ 1;
      }
    await restore();
  });

  test("by a segment that is left out, exchanged or repeated", async () => {
    const [a, b, c, d, e, f] = archive.members;
    for (const members of [
      [c, d, e, f],
      [a, b, e, f],
      [a, b, a, b, c, d, e, f],
      [c, d, a, b, e, f],
      [a, d, c, b, e, f],
      [a, b, d, c, e, f],
    ]) {
      const altered = { members: members.flatMap((member) => member ?? []), read: (member: { readonly at: number }) => archive.read(member) };
      await expect(restore(altered)).rejects.toMatchObject({ code: "damaged" });
    }
  });

  test("by another log's signature", async () => {
    signer = newSigner();
    await expect(restore()).rejects.toMatchObject({ code: "damaged" });
  });
});

test("the archive of keys is what was written, or damaged", async () => {
  const bytes = await formatKeptKeys(inventoryOf(store), 3);
  expect([...parseKeptKeys(bytes).keys()]).toEqual([0, 1, 2]);
  for (let at = 0; at < bytes.length; at++) {
    const altered = Uint8Array.from(bytes);
    altered[at] = (altered[at] ?? 0) ^ 1;
    expect(() => parseKeptKeys(altered)).toThrow(/not what was written/);
    expect(() => parseKeptKeys(bytes.subarray(0, at))).toThrow(/not what was written/);
  }
});
