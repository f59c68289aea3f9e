/** What identity feeds say, entered over a record in memory: orders, races, circles, and what a crash leaves. */
import { beforeEach, expect, test } from "@jest/globals";
import { randomUUID } from "node:crypto";
import { askedByProgram } from "../../src/core/asked.ts";
import type { LogSigner } from "../../src/core/crypto/keys.ts";
import { parseFeedLeaf } from "../../src/core/formats/identity-feed.ts";
import {
  feedRecordOf,
  IdentityFeed,
  LONGEST_CHAIN,
  messagesIn,
  numberClaim,
  type FeedContext,
  type FeedOrder,
} from "../../src/pipeline/identity-feed.ts";
import { Ledger } from "../../src/pipeline/log/ledger.ts";
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

/** A message is its words, and behind an arrow by whom the person is replaced. */
const open = async (over: Partial<FeedContext> = {}): Promise<IdentityFeed> =>
  new IdentityFeed({
    ...{ store, documentKeys, ledger: await Ledger.open(store, signer), gate: { admit: () => Promise.resolve(NOW) }, newId: () => randomUUID() },
    replacedBy: ({ message }) => Promise.resolve(Buffer.from(message).toString().split("->")[1]),
    areSame: (one, other) => Buffer.from(one.message).equals(Buffer.from(other.message)),
    ...over,
  });
const said = (person: string, words: string): FeedOrder => ({
  ...{ person, identifier: { system: "urn:s", value: person }, mediaType: "application/fhir+json", message: Buffer.from(words) },
  ...{ replacedBy: words.split("->")[1], asked: askedByProgram("a test") },
});

beforeEach(() => {
  memory = new Memory();
  store = new MemoryRecord(memory);
  signer = newSigner();
  documentKeys = createDocumentKeys(PLAIN, memoryKeys(memory));
});

test("a message is created, revised, repeated; what it said and who sent it stands in its record, encrypted", async () => {
  const feed = await open();
  const kinds = [];
  for (const words of ["one", "one", "two", "one"]) kinds.push((await feed.take(said("p-a", words))).kind);
  expect(kinds).toEqual(["created", "repeated", "revised", "revised"]);
  expect(await messagesIn(store)).toBe(3);
  const { entry } = await feed.take(said("p-a", "one"));
  expect(parseFeedLeaf(entry.leaf)).toMatchObject({ id: entry.id, at: NOW.toISOString() });
  expect(Buffer.from(entry.leaf).toString()).not.toContain("p-a");
  const record = await feedRecordOf(entry, { store, documentKeys });
  expect(Buffer.from(record.message).toString()).toBe("one");
  expect(record).toMatchObject({ identifier: { system: "urn:s", value: "p-a" }, submitter: { kind: "program", client: "a test" } });
  expect(Buffer.from((await store.evidence(entry.id)) ?? []).toString("latin1")).not.toContain("urn:s");
  await audit(store, signer);
});

test("of the same message sent many times at once, by several processes, one is entered", async () => {
  const feeds = await Promise.all(Array.from({ length: 4 }, () => open()));
  const results = await Promise.all(feeds.flatMap((feed) => [feed.take(said("p-a", "one")), feed.take(said("p-a", "one"))]));
  expect(results.map(({ kind }) => kind).sort()).toEqual(["created", ...Array.from({ length: 7 }, () => "repeated")]);
  expect(new Set(results.map(({ entry }) => entry.id)).size).toBe(1);
  // Of those that lost nothing is left, their keys neither.
  expect(memory.keys.size).toBe(1);
});

test("nobody is replaced by themselves, however far around; whoever was can be again, once the circle is open", async () => {
  const feed = await open();
  await feed.take(said("p-a", "a->p-b"));
  await feed.take(said("p-b", "b->p-c"));
  await expect(feed.take(said("p-c", "c->p-a"))).rejects.toMatchObject({ code: "invalid" });
  await expect(feed.take(said("p-d", "d->p-d"))).rejects.toMatchObject({ code: "invalid" });
  await feed.take(said("p-b", "b"));
  expect((await feed.take(said("p-c", "c->p-a"))).kind).toBe("created");
});

test("of two that would close a circle at once, through two processes, one is refused", async () => {
  for (let round = 0; round < 5; round++) {
    const [a, b] = [`p-a${round}`, `p-b${round}`];
    const feeds = [await open(), await open()];
    const results = await Promise.allSettled([feeds[0]?.take(said(a, `x->${b}`)), feeds[1]?.take(said(b, `x->${a}`))]);
    expect(results.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  }
});

test("a chain is followed so far, and no further", async () => {
  const feed = await open();
  for (let at = 0; at < LONGEST_CHAIN; at++) await feed.take(said(`p-${at}`, `x->p-${at + 1}`));
  await expect(feed.take(said("p-z", "x->p-0"))).rejects.toThrow(/one by the other/);
});

test("the order is found whatever its length", async () => {
  const feed = await open();
  for (let at = 0; at < 20; at++) {
    expect(await messagesIn(store)).toBe(at);
    expect((await feed.take(said("p-a", `${at}`))).kind).toBe(at === 0 ? "created" : "revised");
  }
  expect((await store.claimed([numberClaim(19)])).size).toBe(1);
  expect((await (await open()).take(said("p-a", "19"))).kind).toBe("repeated");
});

test("what could not be entered is entered when it is sent again", async () => {
  const broken = await open({ gate: { admit: () => Promise.reject(new Error("the process ends")) } });
  await expect(broken.take(said("p-a", "one"))).rejects.toThrow("the process ends");
  // Killed between the key and the entry: the key is nobody's.
  const killed = await open({ ledger: { append: () => Promise.reject(new Error("killed")) } });
  await expect(killed.take(said("p-a", "one"))).rejects.toThrow("killed");
  expect((await (await open()).take(said("p-a", "one"))).kind).toBe("created");
  expect(await messagesIn(store)).toBe(1);
});

test("a record that was altered is damaged, and nothing is built upon it", async () => {
  const feed = await open();
  const { entry } = await feed.take(said("p-a", "one"));
  await documentKeys.destroy(entry.id);
  await expect(feed.take(said("p-a", "two"))).rejects.toMatchObject({ code: "damaged" });
});
