/** The first cosigned checkpoint with an entry, where keys of the log were ended: however many their trees were, the first that counts is found. */
import { randomBytes } from "node:crypto";
import { expect, test } from "@jest/globals";
import { cosigner } from "../../../src/adapters/keys/note-signer.ts";
import { formatCheckpoint } from "../../../src/core/crypto/checkpoint.ts";
import type { LogKey, LogSigner } from "../../../src/core/crypto/keys.ts";
import { parseTlogPolicy } from "../../../src/core/formats/tlog-policy.ts";
import { witnessedBy } from "../../../src/pipeline/witness/witnessed.ts";
import { MemoryCosigned } from "../../contracts/memory-cosigned.ts";
import { newSigner } from "../../contracts/sealed.ts";

const [one, two, three] = [newSigner(), newSigner(), newSigner()] as const;
const key = cosigner("w.example", "cosignature/v1", randomBytes(32));
const policy = parseTlogPolicy(`witness w ${key.vkey}\nquorum w\n`);
const ended = { since: new Date("2026-11-29T10:00:00Z"), reason: "an old disk was sold" };

async function firstWith(index: number, keys: readonly LogKey[], store: MemoryCosigned): Promise<number | undefined> {
  return (await witnessedBy(policy, { origin: one.origin, vkey: two.vkey, keys }, store).firstWith(index))?.size;
}

async function put(store: MemoryCosigned, size: number, by: LogSigner): Promise<void> {
  const text = formatCheckpoint({ origin: one.origin, size, root: new Uint8Array(32) });
  await store.put({ origin: one.origin, size, at: size, note: (await by.sign(text)) + key.cosign(text, 1_764_400_000 + size) });
}

test.each([30, 100, 300])("after %d trees of a key that was ended", async (count) => {
  const store = new MemoryCosigned();
  for (let size = 1; size <= count; size += 1) await put(store, size, one);
  for (const size of [count + 2, count + 3]) await put(store, size, two);
  const keys = (...of: Partial<LogKey>[]): LogKey[] => [
    { vkey: one.vkey, after: 0, ...of[0] },
    { vkey: two.vkey, after: count, ...of[1] },
    { vkey: three.vkey, after: Infinity },
  ];
  expect(await firstWith(0, keys(), store)).toBe(1);
  expect(await firstWith(0, keys({ ended }), store)).toBe(count + 2);
  expect(await firstWith(count + 2, keys({ ended }), store)).toBe(count + 3);
  expect(await firstWith(count + 3, keys({ ended }), store)).toBeUndefined();
  // Of two that were ended neither counts, and one that was not begun has no trees.
  expect(await firstWith(0, keys({ ended }, { ended }), store)).toBeUndefined();
  await put(store, count + 80, three);
  const begun = [...keys({ ended }, { ended }).slice(0, 2), { vkey: three.vkey, after: count + 79 }];
  expect(await firstWith(0, begun, store)).toBe(count + 80);
});
