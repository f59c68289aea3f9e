/** Subscriptions as they are kept, over a record in memory: versions, who is first, deletion, and that secrets are in no leaf and in nothing that is shown. */
import { beforeEach, expect, test } from "@jest/globals";
import { createHmac, randomUUID } from "node:crypto";
import { askedByProgram, type Caller } from "../../src/core/asked.ts";
import { writeJson } from "../../src/core/fhir/json/write-json.ts";
import { treeOf, type JsonObject } from "../../src/core/fhir/tree/tree.ts";
import { SubscriptionRecords, type NewSubscription } from "../../src/events/subscription-records.ts";
import { Ledger } from "../../src/pipeline/log/ledger.ts";
import { Settings } from "../../src/pipeline/settings.ts";
import { createDocumentKeys, type DocumentKeys } from "../../src/pipeline/store/document-keys.ts";
import type { LogSigner } from "../../src/core/crypto/keys.ts";
import { Memory, memoryKeys, MemoryRecord } from "../contracts/memory-record.ts";
import { newSigner } from "../contracts/sealed.ts";

const PLAIN = { wrap: (key: Uint8Array) => Promise.resolve(key), unwrap: (key: Uint8Array) => Promise.resolve(key) };
const NOW = new Date("2026-03-14T09:30:00.000Z");
const OWNER: Caller = {
  ...{ kind: "system", issuer: "https://issuer.example.org", subject: "ward", name: "Ward", roles: ["reader"], organisations: [], clearance: [] },
};
const ASKED = askedByProgram("a test");

let store: MemoryRecord;
let signer: LogSigner;
let documentKeys: DocumentKeys;

/** Another process, upon the same record. */
const open = async (): Promise<SubscriptionRecords> =>
  new SubscriptionRecords(
    await Settings.open({
      ...{ store, documentKeys, ledger: await Ledger.open(store, signer), gate: { admit: () => Promise.resolve(NOW) }, newId: () => randomUUID() },
      keys: { secretFor: (purpose) => Promise.resolve(createHmac("sha256", "secret").update(purpose).digest()) },
    }),
  );
const entered = (more: Partial<NewSubscription> = {}): NewSubscription => ({
  status: "requested",
  owner: OWNER,
  purpose: "TREAT",
  from: 7,
  wanted: { kind: "topic", topic: "deposited", filters: ["type=http://loinc.org|18842-5"] },
  channel: { type: "rest-hook", endpoint: "https://receiver.example.org/", headers: ["Authorization: Bearer secret-3"], content: "empty" },
  resource: treeOf({
    resourceType: "Subscription",
    id: "theirs",
    meta: { versionId: "9" },
    status: "off",
    error: "theirs",
    reason: "a test",
  }) as JsonObject,
  ...more,
});

beforeEach(() => {
  const memory = new Memory();
  store = new MemoryRecord(memory);
  signer = newSigner();
  documentKeys = createDocumentKeys(PLAIN, memoryKeys(memory));
});

test("one is entered, and known to every process as it was understood; what is shown has our id, version and status, and no secret", async () => {
  const [one, other] = [await open(), await open()];
  const id = randomUUID();
  const held = await one.enter({ id, expected: "absent", ...entered() }, ASKED);
  const { resource: _resource, ...facts } = entered();
  expect(held).toMatchObject({ id, version: 1, at: NOW.toISOString(), ...facts });
  expect(writeJson(held.shown)).toBe(
    `{"resourceType":"Subscription","id":"${id}","meta":{"versionId":"1","lastUpdated":"${NOW.toISOString()}"},"status":"requested","reason":"a test"}`,
  );
  expect(await other.find(id)).toEqual(held);
  expect(await other.all()).toEqual([held]);
  const leaves = (await store.entries(0, 10)).map(({ leaf }) => Buffer.from(leaf).toString());
  expect(leaves.join()).not.toMatch(/secret-3|receiver|ward/);
});

test("a status of ours is a version, upon the one that it was decided upon and on no other", async () => {
  const [one, other] = [await open(), await open()];
  const id = randomUUID();
  const first = await one.enter({ id, expected: "absent", ...entered() }, ASKED);
  const failed = await other.setStatus(first, "error", "its certificate is not trusted");
  expect(failed).toMatchObject({ version: 2, status: "error", channel: first.channel });
  expect(failed?.shown.string("error")).toBe("its certificate is not trusted");
  expect(await one.setStatus(first, "active")).toBeUndefined();
  expect(await one.setStatus({ id: randomUUID(), version: 1 }, "active")).toBeUndefined();
  const active = await one.setStatus({ id, version: 2 }, "active");
  expect([active?.version, active?.status, active?.shown.has("error")]).toEqual([3, "active", false]);
  await expect(one.enter({ id, expected: 2, ...entered() }, ASKED)).rejects.toMatchObject({ code: "conflict" });
  expect((await other.versions(id)).map(({ held }) => held?.status)).toEqual(["requested", "error", "active"]);
});

test("a deleted one is found no more, and its history stays", async () => {
  const [one, other] = [await open(), await open()];
  const id = randomUUID();
  await one.enter({ id, expected: "absent", ...entered() }, ASKED);
  await expect(one.remove(id, 2, ASKED)).rejects.toMatchObject({ code: "conflict" });
  await one.remove(id, 1, ASKED);
  expect([await other.find(id), await other.all()]).toEqual([undefined, []]);
  expect((await other.versions(id)).map(({ version, held }) => [version, held?.status])).toEqual([
    [1, "requested"],
    [2, undefined],
  ]);
  expect(await other.setStatus({ id, version: 1 }, "error")).toBeUndefined();
  expect(await other.versions(randomUUID())).toEqual([]);
});

test("one that is as long as may be can be put into error, however long the reason; a longer one is refused", async () => {
  const records = await open();
  const channel = (letters: number): NewSubscription["channel"] => ({ ...entered().channel, headers: [`X-Long: ${"x".repeat(letters)}`] });
  const id = randomUUID();
  const made = await records.enter({ ...entered({ channel: channel(59_000) }), id, expected: "absent" }, ASKED);
  const failed = await records.setStatus(made, "error", "it answered ".repeat(5_000));
  expect([failed?.status, failed?.shown.string("error")?.length]).toEqual(["error", 1_000]);
  await expect(records.enter({ ...entered({ channel: channel(60_000) }), id: randomUUID(), expected: "absent" }, ASKED)).rejects.toThrow("too long");
});
