/** Holding, releasing and erasing, over a record in memory: the order of entries, races, and what a crash leaves between two steps. */
import { beforeEach, describe, expect, test } from "@jest/globals";
import { randomBytes, randomUUID } from "node:crypto";
import type { LogSigner } from "../../src/core/crypto/keys.ts";
import { parseCustodyLeaf } from "../../src/core/formats/custody.ts";
import {
  applyErasures,
  custodyOf,
  custodyRecordOf,
  eraseDocument,
  holdDocument,
  releaseDocument,
  type CustodyContext,
} from "../../src/pipeline/custody.ts";
import { erasureOf, honourErasures } from "../../src/pipeline/erasures.ts";
import { Ledger } from "../../src/pipeline/log/ledger.ts";
import { createDocumentKeys, type DocumentKeys } from "../../src/pipeline/store/document-keys.ts";
import { audit } from "../contracts/audit.ts";
import { MemoryErasures } from "../contracts/memory-erasures.ts";
import { Memory, memoryKeys, MemoryRecord } from "../contracts/memory-record.ts";
import { newSigner, sealed } from "../contracts/sealed.ts";

/** Keys are kept as they are: wrapping is another test's. */
const PLAIN = { wrap: (key: Uint8Array) => Promise.resolve(key), unwrap: (key: Uint8Array) => Promise.resolve(key) };
const NOW = new Date("2026-03-14T09:30:00.000Z");

let memory: Memory;
let store: MemoryRecord;
let signer: LogSigner;
let documentKeys: DocumentKeys;
let erasures: MemoryErasures;
let using: CustodyContext;
let id: string;
const order = { by: "A. Smith", text: "case 1" };

const open = async (over: Partial<CustodyContext> = {}): Promise<CustodyContext> => {
  const ledger = await Ledger.open(store, signer);
  return { store, documentKeys, ledger, gate: { admit: () => Promise.resolve(NOW) }, erasures, newId: () => randomUUID(), ...over };
};

beforeEach(async () => {
  memory = new Memory();
  store = new MemoryRecord(memory);
  signer = newSigner();
  documentKeys = createDocumentKeys(PLAIN, memoryKeys(memory));
  erasures = new MemoryErasures();
  using = await open();
  const document = sealed();
  ({ id } = document);
  await documentKeys.wrap(id, new Uint8Array(randomBytes(32)));
  await using.ledger.append([document]);
});

const kinds = async (): Promise<string[]> => (await audit(store, signer)).map(({ kind }) => kind);

test("an erasure is an entry, in the list, and the end of the key; a second one finds the first", async () => {
  const first = await eraseDocument({ documentId: id, ...order, reason: "misfiled" }, using);
  expect(first.isNew).toBe(true);
  expect(parseCustodyLeaf(first.entry.leaf)).toMatchObject({ kind: "erasure", document: id, reason: "misfiled", at: NOW.toISOString() });
  expect(await documentKeys.read(id)).toBeUndefined();
  expect(erasures.listed.map(({ documentId }) => documentId)).toEqual([id]);
  expect(await erasureOf(id, store)).toEqual({ index: 1, at: NOW.toISOString(), reason: "misfiled" });
  expect(await eraseDocument({ documentId: id, ...order, reason: "other" }, using)).toEqual({ entry: first.entry, isNew: false });
  expect(await kinds()).toEqual(["deposit", "erasure"]);
});

test("who did it and why is told to whoever has the keys, and stands in no leaf", async () => {
  const { entry } = await eraseDocument({ documentId: id, ...order, reason: "misfiled" }, using);
  expect(await custodyRecordOf(entry, { store, documentKeys })).toEqual({ id: entry.id, ...order });
  expect(new TextDecoder().decode(entry.leaf)).not.toMatch(/Smith|case/);
});

describe("a legal hold", () => {
  test("refuses the erasure until it is released; each is an entry", async () => {
    const { entry: held } = await holdDocument({ documentId: id, ...order }, using);
    expect(await holdDocument({ documentId: id, ...order }, using)).toEqual({ entry: held, isNew: false });
    await expect(eraseDocument({ documentId: id, ...order, reason: "retention" }, using)).rejects.toMatchObject({ code: "conflict" });
    expect(await documentKeys.read(id)).toBeDefined();
    await releaseDocument({ documentId: id, ...order }, using);
    await expect(releaseDocument({ documentId: id, ...order }, using)).rejects.toMatchObject({ code: "conflict" });
    await holdDocument({ documentId: id, ...order }, using);
    await releaseDocument({ documentId: id, ...order }, using);
    await eraseDocument({ documentId: id, ...order, reason: "retention" }, using);
    expect(await kinds()).toEqual(["deposit", "hold", "release", "hold", "release", "erasure"]);
    for (const act of [holdDocument, releaseDocument]) await expect(act({ documentId: id, ...order }, using)).rejects.toMatchObject({ code: "gone" });
  });

  test("of a hold and an erasure at the same moment, one is first and the other is told so", async () => {
    for (let round = 0; round < 20; round++) {
      const document = sealed();
      await documentKeys.wrap(document.id, new Uint8Array(randomBytes(32)));
      await using.ledger.append([document]);
      const [other, documentId] = [await open(), document.id];
      const [hold, erasure] = await Promise.allSettled([
        holdDocument({ documentId, ...order }, using),
        eraseDocument({ documentId, ...order, reason: "other" }, other),
      ]);
      expect([hold.status, erasure.status].sort()).toEqual(["fulfilled", "rejected"]);
      const state = await custodyOf(documentId, store);
      expect([state.hold !== undefined, state.erasure !== undefined]).toEqual([hold.status === "fulfilled", erasure.status === "fulfilled"]);
      expect((await documentKeys.read(documentId)) === undefined).toBe(erasure.status === "fulfilled");
    }
  });
});

test.each(["hold", "release", "erase"])("%s of what was never deposited is not found, also of another entry's id", async (what) => {
  const { entry } = await holdDocument({ documentId: id, ...order }, using);
  for (const documentId of [randomUUID(), entry.id]) {
    const act = { hold: holdDocument, release: releaseDocument, erase: eraseDocument }[what];
    await expect(act?.({ documentId, ...order, reason: "other" }, using)).rejects.toMatchObject({ code: "not-found" });
  }
});

describe("a crash between the entry and the key", () => {
  beforeEach(async () => {
    const destroy = (): Promise<void> => Promise.reject(new Error("the power went"));
    await expect(
      eraseDocument({ documentId: id, ...order, reason: "other" }, await open({ documentKeys: { ...documentKeys, destroy } })),
    ).rejects.toThrow("the power went");
    expect(await documentKeys.read(id)).toBeDefined();
  });

  test("is finished by whoever meets the key", async () => {
    expect(await honourErasures(documentKeys, store).read(id)).toBeUndefined();
    expect(await documentKeys.read(id)).toBeUndefined();
  });

  test("is finished by running it again", async () => {
    expect(await eraseDocument({ documentId: id, ...order, reason: "other" }, using)).toMatchObject({ isNew: false });
    expect(await documentKeys.read(id)).toBeUndefined();
  });
});

describe("an older copy of the record", () => {
  test("is erased anew by the list, held or not", async () => {
    await holdDocument({ documentId: id, ...order }, using);
    const [older, keys] = [memory.copy(), new Map(memory.keys)];
    await releaseDocument({ documentId: id, ...order }, using);
    await eraseDocument({ documentId: id, ...order, reason: "court-order" }, using);

    memory = older;
    for (const [key, value] of keys) memory.keys.set(key, value);
    store = new MemoryRecord(memory);
    documentKeys = createDocumentKeys(PLAIN, memoryKeys(memory));
    const restored = await open();
    expect(await documentKeys.read(id)).toBeDefined();
    expect([await applyErasures(restored), await applyErasures(restored)]).toEqual([1, 0]);
    expect(await documentKeys.read(id)).toBeUndefined();
    expect(await erasureOf(id, store)).toMatchObject({ reason: "court-order" });
    expect(await kinds()).toEqual(["deposit", "hold", "erasure"]);
  });

  test("loses the keys also while its log takes no entry", async () => {
    erasures.listed.push({ documentId: id, leaf: (await erasedElsewhere()).leaf });
    const halted = await open({ ledger: { append: () => Promise.reject(new Error("halted")) } });
    expect(await applyErasures(halted)).toBe(1);
    expect(await documentKeys.read(id)).toBeUndefined();
  });

  test("is left alone where the list names what it does not have", async () => {
    erasures.listed.push({ documentId: randomUUID(), leaf: new Uint8Array() });
    expect(await applyErasures(using)).toBe(0);
  });
});

/** The entry of an erasure in another copy of the record. */
async function erasedElsewhere(): Promise<{ readonly leaf: Uint8Array }> {
  const elsewhere = new MemoryRecord(memory.copy());
  const ledger = await Ledger.open(elsewhere, signer);
  const keys = createDocumentKeys(PLAIN, memoryKeys(new Memory()));
  const { entry } = await eraseDocument(
    { documentId: id, ...order, reason: "other" },
    { ...using, store: elsewhere, ledger, documentKeys: keys, erasures: new MemoryErasures() },
  );
  return entry;
}
