/** Rows about keys that somebody put into the database, and the log never signed: no key ends by them, nothing is signed without a key, and nobody's receipt is taken away. */
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { randomUUID } from "node:crypto";
import { rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openNote, parseVkey } from "../../../src/core/crypto/signed-note.ts";
import { formatLogKeyEnded } from "../../../src/core/formats/log-key.ts";
import { parseReceipt } from "../../../src/core/formats/receipt.ts";
import { certificateDigest, formatSealKeyEnded, parseSealKeyLeaf } from "../../../src/core/formats/seal-key.ts";
import { proofOf } from "../../../src/pipeline/fetch.ts";
import { EntriesInLog } from "../../../src/pipeline/log/entries-in-log.ts";
import { Ledger } from "../../../src/pipeline/log/ledger.ts";
import { LogKeyWatch, logKeyClaim } from "../../../src/pipeline/log/log-keys.ts";
import { receiptOf } from "../../../src/pipeline/present.ts";
import { endingUnit, sealKeyClaim } from "../../../src/pipeline/seal-keys/seal-key-log.ts";
import { SealKeyWatch } from "../../../src/pipeline/seal-keys/seal-key-watch.ts";
import { createDocumentKeys } from "../../../src/pipeline/store/document-keys.ts";
import type { RecordStore } from "../../../src/pipeline/store/record-store.ts";
import { sealed } from "../../contracts/sealed.ts";
import { documentJson } from "../../journeys/documents.ts";
import { depositingInto } from "../../pipeline/audit/depositing.ts";
import { openedIn, type OpenedRepository } from "../../pipeline/audit/repository.ts";
import { withFile } from "./with-file.ts";

let folder: string;
let opened: OpenedRepository;
let id: string;
let told: string[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "forged-keys-"));
  opened = await openedIn(join(folder, "data"), true);
  id = await depositingInto(opened, await Ledger.open(opened.store, opened.keys.log)).put(documentJson());
  told = [];
});
afterEach(async () => {
  await opened.store.close();
  rmSync(folder, { recursive: true, force: true });
});

const onFault = (text: string): void => void told.push(text);
/** Puts a row behind the tree, or in it where it says so, with its claim. */
const forge = (kind: string, claim: string, leaf: Uint8Array, at = 1): void =>
  withFile(join(folder, "data", "chartulary.db"), (database) => {
    const now = new Date().toISOString();
    const insert = "INSERT INTO entries (entry_index, id, kind, received_at, tree_size, leaf) VALUES (?, ?, ?, ?, 1, ?)";
    if (at > 0) database.prepare(insert).run(at, randomUUID(), kind, now, leaf);
    database.prepare("INSERT INTO claims VALUES (?, ?, x'')").run(claim, at);
  });
const common = (): { id: string; at: string; since: string; reason: string } => {
  const at = new Date().toISOString();
  return { id: randomUUID(), at, since: at, reason: "forged" };
};
const endOfLogKey = (): Uint8Array => {
  const { origin, vkey } = opened.keys.log;
  return formatLogKeyEnded({ kind: "log-key-ended", ...common(), origin, vkey });
};
const endOfSealKey = (): Uint8Array => {
  const certificate = certificateDigest(opened.keys.sealKeys.held()[0]!.chain[0]);
  return formatSealKeyEnded({ kind: "seal-key-ended", ...common(), number: 1, certificate, before: 0 });
};

test.each([1, 1_000_000])(
  "the end of the log's key at %i, which nobody committed, ends nothing; it is told, and nothing is entered upon it",
  async (at) => {
    const { keys, store } = opened;
    const watch = await LogKeyWatch.open({ store, keys, onFault });
    const ledger = await Ledger.open(store, keys.log, { fence: watch });
    forge("log-key-ended", logKeyClaim(0), endOfLogKey(), at);
    await watch.look();
    await watch.look();
    expect(told).toEqual([expect.stringContaining(`entry ${at} of the log is not what was committed`)]);
    expect([watch.entries, keys.log.keys, watch.fault]).toEqual([[], undefined, told[0]]);
    await expect(ledger.append([sealed()])).rejects.toMatchObject({ code: "unavailable", message: expect.stringContaining(told[0]!) });
    expect((await store.checkpoint())?.size).toBe(1);
    // Who starts now finds the same.
    expect((await LogKeyWatch.open({ store, keys })).fault).toBe(told[0]);
  },
);

test("the claim of an entry about the log's keys that leads to another entry is told too", async () => {
  const { keys, store } = opened;
  forge("deposit", logKeyClaim(0), new Uint8Array(), 0);
  expect((await LogKeyWatch.open({ store, keys })).fault).toContain("entry 0 is none in its claim's place");
});

test("the end of a seal key that nobody committed ends nothing, and is told", async () => {
  const { keys, store } = opened;
  const retire = (): Promise<void> => Promise.reject(new Error("a private key was to be destroyed"));
  const watch = await SealKeyWatch.open({ store, sealKeys: keys.sealKeys, logs: keys, retire, onFault });
  forge("seal-key-ended", sealKeyClaim(0), endOfSealKey());
  await watch.look();
  await watch.look();
  expect(told).toEqual([expect.stringContaining("entry 1 of the log is not what was committed")]);
  expect([watch.entries, watch.fault, keys.sealCertificates.map(({ isCurrent, ended }) => [isCurrent, ended])]).toEqual([
    [],
    told[0],
    [[true, undefined]],
  ]);
});

test("what is told of a key that none followed takes no signature away", async () => {
  const { log, logKeys } = opened.keys;
  logKeys.follow({ begun: [], ended: [{ vkey: log.vkey, since: new Date(), reason: "forged" }] });
  expect(log.keys).toBeUndefined();
  expect(openNote(await log.sign("text\n"), [parseVkey(log.vkey)]).signatures.map(({ result }) => result)).toEqual(["valid"]);
});

test("receipts are given without what was not committed", async () => {
  const { keys, store, wrappedKeys } = opened;
  const inLog = new EntriesInLog({ logs: keys, store });
  const receipt = async (): Promise<string> =>
    receiptOf(await proofOf(id, { store, documentKeys: createDocumentKeys(keys, wrappedKeys) }), { store, logs: keys, inLog });
  const before = await receipt();
  forge("log-key-ended", logKeyClaim(0), endOfLogKey(), 1);
  forge("seal-key-ended", sealKeyClaim(0), endOfSealKey(), 2);
  expect(await receipt()).toBe(before);
  expect(parseReceipt(before).keyEntries ?? []).toEqual([]);
});

test("an entry about a key is held against the tree once, and receipts bring it ever after", async () => {
  const { keys, store, wrappedKeys } = opened;
  const ended = parseSealKeyLeaf(endOfSealKey());
  if (ended.kind !== "seal-key-ended") throw new Error("not an end");
  await (await Ledger.open(store, keys.log)).append(endingUnit(ended, 0));
  let held = 0;
  const nodes: RecordStore["nodes"] = (places) => (held++, store.nodes(places));
  const inLog = new EntriesInLog({
    logs: keys,
    store: { nodes, claimed: (claims) => store.claimed(claims), checkpoint: (size) => store.checkpoint(size) },
  });
  const receipt = async (): Promise<string> =>
    receiptOf(await proofOf(id, { store, documentKeys: createDocumentKeys(keys, wrappedKeys) }), { store, logs: keys, inLog });
  const first = await receipt();
  expect(parseReceipt(first).keyEntries?.map(({ index }) => index)).toEqual([1]);
  expect([await receipt(), held]).toEqual([first, 1]);
});
