/** What is set while the program runs, over a record in memory: versions, races of several processes, what nobody can read. */
import { beforeEach, expect, test } from "@jest/globals";
import { createHmac, randomUUID } from "node:crypto";
import { askedByProgram } from "../../src/core/asked.ts";
import { digestOf } from "../../src/core/crypto/digest.ts";
import { closeEnvelope, newDocumentKey } from "../../src/core/envelope.ts";
import type { LogSigner } from "../../src/core/crypto/keys.ts";
import { formatSettingLeaf, parseSettingLeaf, SETTING_KIND } from "../../src/core/formats/setting.ts";
import { Ledger } from "../../src/pipeline/log/ledger.ts";
import { Settings, settingClaim, settingsIn, type SettingOrder, type SettingsContext } from "../../src/pipeline/settings.ts";
import { createDocumentKeys, type DocumentKeys } from "../../src/pipeline/store/document-keys.ts";
import { audit } from "../contracts/audit.ts";
import { Memory, memoryKeys, MemoryRecord } from "../contracts/memory-record.ts";
import { newSigner } from "../contracts/sealed.ts";

const PLAIN = { wrap: (key: Uint8Array) => Promise.resolve(key), unwrap: (key: Uint8Array) => Promise.resolve(key) };
const NOW = new Date("2026-03-14T09:30:00.000Z");

let memory: Memory;
let store: MemoryRecord;
let signer: LogSigner;
let documentKeys: DocumentKeys;

const open = async (over: Partial<SettingsContext> = {}): Promise<Settings> =>
  Settings.open({
    ...{ store, documentKeys, ledger: await Ledger.open(store, signer), gate: { admit: () => Promise.resolve(NOW) }, newId: () => randomUUID() },
    keys: { secretFor: (purpose) => Promise.resolve(createHmac("sha256", "secret").update(purpose).digest()) },
    ...over,
  });
const order = (name: string, value: string | undefined, expected: SettingOrder["expected"] = "absent"): SettingOrder => ({
  ...{ kind: "user", name, value, expected },
  asked: askedByProgram("a test"),
});

beforeEach(() => {
  memory = new Memory();
  store = new MemoryRecord(memory);
  signer = newSigner();
  documentKeys = createDocumentKeys(PLAIN, memoryKeys(memory));
});

test("what is set is found, changed upon its version alone, taken away and set again; all of it stays in its history", async () => {
  const settings = await open();
  expect(await settings.get("user", "anna")).toBeUndefined();
  expect(await settings.put(order("anna", '{"a":1}'))).toMatchObject({ version: 1, value: '{"a":1}', at: NOW.toISOString() });
  await expect(settings.put(order("anna", "{}"))).rejects.toMatchObject({ code: "conflict" });
  await expect(settings.put(order("anna", "{}", 2))).rejects.toMatchObject({ code: "conflict" });
  expect(await settings.put(order("anna", "{}", 1))).toMatchObject({ version: 2, value: "{}" });
  expect(await settings.put(order("anna", undefined, 2))).toBeUndefined();
  expect(await settings.get("user", "anna")).toBeUndefined();
  await expect(settings.put(order("anna", "{}", 3))).rejects.toMatchObject({ code: "conflict" });
  expect(await settings.put(order("anna", "[]"))).toMatchObject({ version: 4 });
  const history = await settings.history("user", "anna");
  expect(history.map(({ value }) => value)).toEqual(['{"a":1}', "{}", undefined, "[]"]);
  expect(history[0]).toMatchObject({ submitter: { kind: "program", client: "a test" } });
  expect(await settingsIn(store)).toBe(4);
  await audit(store, signer);
});

test("what was decided upon more than one setting is set only while none was changed, by whatever process", async () => {
  const [one, other] = [await open(), await open()];
  const changes = await one.changes();
  expect(await one.put({ ...order("anna", "{}"), changes })).toMatchObject({ version: 1 });
  await expect(other.put({ ...order("bela", "{}"), changes })).rejects.toMatchObject({ code: "conflict" });
  expect(await other.put({ ...order("bela", "{}"), changes: changes + 1 })).toMatchObject({ version: 1 });
});

test("what is as long as it may be is read again, by whoever begins after it; what is longer is refused, and nothing of it is kept", async () => {
  const settings = await open();
  const longest = JSON.stringify("\u0001".repeat(10) + "x".repeat(65_536 - 62));
  expect(longest).toHaveLength(65_536);
  await settings.put(order("long", longest));
  await expect(settings.put(order("longer", `${longest} `))).rejects.toMatchObject({ code: "invalid" });
  const later = await open();
  expect(await later.get("user", "long")).toMatchObject({ value: longest });
  expect((await later.history("user", "long"))[0]).toMatchObject({ value: longest });
  expect(await settingsIn(store)).toBe(1);
  await later.put(order("after", "{}"));
  await audit(store, signer);
});

test("a record that nobody can understand is not set, and stands in no other's way", async () => {
  const [id, key, text] = [randomUUID(), newDocumentKey(), '{"format":"chartulary-setting/1"}'];
  await documentKeys.wrap(id, key);
  const leaf = { id, at: NOW.toISOString(), setting: "user", about: "0".repeat(64), version: 1, recordDigest: digestOf(text) };
  await (
    await Ledger.open(store, signer)
  ).append([
    {
      ...{ id, kind: SETTING_KIND, receivedAt: NOW.toISOString(), leaf: formatSettingLeaf(leaf) },
      claims: [{ key: settingClaim(0), value: new Uint8Array() }],
      evidence: closeEnvelope(new TextEncoder().encode(text), key, "evidence", id),
    },
  ]);
  const settings = await open();
  await settings.put(order("anna", "{}"));
  expect((await (await open()).list("user")).map(({ name }) => name)).toEqual(["anna"]);
});

test("kinds do not see each other, and lists are by name", async () => {
  const settings = await open();
  for (const name of ["otto", "anna"]) await settings.put(order(name, "{}"));
  await settings.put({ ...order("anna", "[]"), kind: "client" });
  expect((await settings.list("user")).map(({ name }) => name)).toEqual(["anna", "otto"]);
  expect((await settings.list("client")).map(({ value }) => value)).toEqual(["[]"]);
  expect(await settings.list("consent")).toEqual([]);
});

test("the log tells nobody whom it is about, and nobody reads it without the key", async () => {
  await (await open()).put(order("anna", '{"secret":"word"}'));
  const [entry] = await store.entries(0, 1);
  const leaf = Buffer.from(entry?.leaf ?? []).toString();
  expect(leaf).not.toContain("anna");
  expect(parseSettingLeaf(entry?.leaf ?? new Uint8Array())).toMatchObject({ setting: "user", version: 1 });
  const evidence = Buffer.from((await store.evidence(entry?.id ?? "")) ?? []).toString("latin1");
  expect(evidence).not.toContain("anna");
  expect(evidence).not.toContain("secret");
});

test("of several processes that set the same at once one does, and each knows at once what another set", async () => {
  const all = await Promise.all(Array.from({ length: 4 }, () => open()));
  const results = await Promise.allSettled(all.map((settings, at) => settings.put(order("anna", `"${at}"`))));
  expect(results.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected", "rejected", "rejected"]);
  // Of those that lost nothing is left, their keys neither.
  expect(memory.keys.size).toBe(1);
  await all[0]?.put(order("otto", "{}"));
  for (const settings of all) expect(await settings.get("user", "otto")).toMatchObject({ version: 1 });
});

test("different settings at once, by several processes, are all there", async () => {
  const all = await Promise.all(Array.from({ length: 3 }, () => open()));
  const put = async (at: number): Promise<unknown> => all[at % 3]?.put(order(`user-${String(at).padStart(2, "0")}`, `${at}`));
  await Promise.all(Array.from({ length: 40 }, (_, at) => put(at)));
  const names = (await (await open()).list("user")).map(({ name, value }) => [name, Number(value)]);
  expect(names).toEqual(Array.from({ length: 40 }, (_, at) => [`user-${String(at).padStart(2, "0")}`, at]));
  expect((await store.claimed([settingClaim(39), settingClaim(40)])).size).toBe(1);
});

test("what can't be read is not set: an earlier word does not count either, and it can be set anew", async () => {
  const settings = await open();
  await settings.put(order("anna", '"may"'));
  await settings.put(order("anna", '"may not"', 1));
  const [, second] = await store.entries(0, 2);
  await documentKeys.destroy(second?.id ?? "");
  const anew = await open();
  expect(await anew.get("user", "anna")).toBeUndefined();
  expect(await anew.put(order("anna", '"may"'))).toMatchObject({ version: 3 });
});

test("when the store fails nobody is told that nothing is set; the next who asks is answered", async () => {
  let fails = false;
  const failing: SettingsContext["store"] = {
    claimed: (keys) => (fails ? Promise.reject(new Error("away")) : store.claimed(keys)),
    evidence: (id) => store.evidence(id),
  };
  const settings = await open({ store: failing });
  await settings.put(order("anna", "{}"));
  fails = true;
  await expect(Promise.all([settings.get("user", "anna"), settings.list("user")])).rejects.toThrow("away");
  fails = false;
  expect(await settings.get("user", "anna")).toMatchObject({ version: 1 });
});

test("names and values have bounds; who only looks sets nothing", async () => {
  const settings = await open();
  await expect(settings.put(order("", "{}"))).rejects.toMatchObject({ code: "invalid" });
  await expect(settings.put(order("a".repeat(201), "{}"))).rejects.toMatchObject({ code: "invalid" });
  await expect(settings.put(order("a", "1".repeat(70_000)))).rejects.toMatchObject({ code: "invalid" });
  await expect((await open({ ledger: undefined })).put(order("a", "{}"))).rejects.toMatchObject({ code: "internal" });
});
