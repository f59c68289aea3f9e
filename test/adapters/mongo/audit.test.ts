/** Everything in a MongoDB database that matters is altered in turn, collection by collection and field by field: the audit finds each, and names it. */
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { randomBytes, randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Binary, Long, type Collection, type Db } from "mongodb";
import { openKeyFolder } from "../../../src/adapters/keys/key-folder.ts";
import { COLLECTIONS } from "../../../src/adapters/mongo/schema.ts";
import { audit, auditIndex, fill, type OpenedRepository, type Repository } from "../../pipeline/audit/repository.ts";
import { refuseUnaltered } from "./altered.ts";
import { mongoPlace, type MongoPlace } from "./place.ts";
import { asStranger, describeOnMongo } from "./server.ts";

type Row = Record<string, unknown> & { _id: unknown };
type Altered = (db: Db) => Promise<unknown>;

/** Collections that a deed had in its hands. */
const touched = new Set<string>();
const rows = (db: Db, name: string): Collection<Row> => {
  touched.add(name);
  return db.collection<Row>(name);
};
/** Alters one document, whatever it takes: also its `_id`. */
const alter =
  (name: string, filter: object, change: (row: Record<string, never>) => Record<string, unknown>): Altered =>
  async (db) => {
    const row = await rows(db, name).findOne(filter);
    if (!row) throw new Error(`there is nothing to alter in ${name}`);
    const changed = { ...row, ...change(row as unknown as Record<string, never>) };
    const kept = Object.fromEntries(Object.entries(changed).filter(([, value]) => value !== undefined)) as Row;
    await rows(db, name).deleteOne({ _id: row._id });
    await rows(db, name).insertOne(kept);
  };
const remove =
  (name: string, filter: object): Altered =>
  async (db) => {
    if ((await rows(db, name).deleteOne(filter)).deletedCount !== 1) throw new Error(`nothing was removed from ${name}`);
  };
const add =
  (name: string, filter: object, change: object): Altered =>
  async (db) => {
    await rows(db, name).insertOne({ ...(await rows(db, name).findOne(filter)), ...change } as Row);
  };
/** Alters one element of a list in a commit. */
const inList =
  (list: string, at: number, change: object): ((row: Record<string, never>) => Record<string, unknown>) =>
  (row) => ({
    [list]: (row[list] as unknown as object[]).map((one, place) => (place === at ? { ...one, ...change } : one)),
  });
const noise = (length = 32): Binary => new Binary(randomBytes(length));

describeOnMongo("the audit", (url) => {
  let place: MongoPlace;
  let opened: OpenedRepository;
  let filled: Pick<Repository, "ids" | "earlier">;
  let snapshot: readonly (readonly [string, readonly Row[]])[];
  const folder = mkdtempSync(join(tmpdir(), "chartulary-mongo-audit-"));

  const open = async (): Promise<OpenedRepository> => {
    const room = await place.open();
    const openIndex = (): ReturnType<typeof room.openIndex> => room.openIndex("test");
    return {
      keys: await openKeyFolder(join(folder, "keys")),
      store: room.store,
      wrappedKeys: room.wrappedKeys,
      openInventory: () => room.openInventory(),
      openIndexInventory: () => room.openIndexInventory(),
      openIndex,
    };
  };
  /** What an alteration makes of an audit; then all is as it was. */
  const withAltered = async <Result>(deed: Altered, work: (repository: OpenedRepository) => Promise<Result>): Promise<Result> => {
    touched.clear();
    try {
      await asStranger(place.url, async (client) => {
        await deed(client.db());
        if (touched.size > 0)
          await refuseUnaltered(
            client.db(),
            snapshot.filter(([name]) => touched.has(name)),
          );
      });
      opened = await open();
      return await work(opened);
    } finally {
      await opened.store.close();
      await asStranger(place.url, async (client) => {
        for (const [name, kept] of snapshot.filter(([one]) => touched.has(one))) {
          await rows(client.db(), name).deleteMany({});
          if (kept.length > 0) await rows(client.db(), name).insertMany([...kept]);
        }
      });
    }
  };
  const named = (text: string): string => text.replace(/ID(\d)/g, (_, at: string) => filled.ids[Number(at)] ?? "");
  const texts = async (deed: Altered): Promise<string[]> => (await withAltered(deed, audit)).map(({ text }) => text);

  beforeAll(async () => {
    place = await mongoPlace(url);
    opened = await open();
    filled = await fill(opened, 2_500_000);
    await opened.store.close();
    snapshot = await asStranger(place.url, async (client) => {
      const names = COLLECTIONS.map(({ name }) => name);
      return Promise.all(names.map(async (name) => [name, await rows(client.db(), name).find().toArray()] as const));
    });
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test("passes what nobody touched, and what goes on from a checkpoint", async () => {
    const nothing = (): Promise<void> => Promise.resolve();
    expect(await withAltered(nothing, (repository) => audit(repository, [filled.earlier]))).toEqual([]);
    expect(await withAltered(nothing, auditIndex)).toEqual([]);
  });

  const at1 = { _id: 1 };
  const held = { "entries.kind": "hold" };
  const erasure = { "entries.kind": "erasure" };
  const ofDocument =
    (number: number) =>
    async (db: Db): Promise<object> => {
      const commit = await rows(db, "commits").findOne({ _id: number as never });
      return { _id: (commit?.["entries"] as { id: string }[])[0]?.id };
    };
  const onOf = (name: string, number: number, deed: (filter: object) => Altered): Altered => async (db) => deed(await ofDocument(number)(db))(db).catch((error: unknown) => { throw new Error(`${name}: ${String(error)}`); }); // prettier-ignore

  /** Each: collection and field, what is done, what is told. */
  const RECORD: readonly (readonly [string, Altered, RegExp])[] = [
    ["commits._id", alter("commits", at1, () => ({ _id: 50 })), /entry 1 is not there/],
    ["commits._id as text", alter("commits", at1, () => ({ _id: "1" })), /entry 1 is not there|no commit/],
    ["commits.size", alter("commits", at1, () => ({ size: 5 })), /entry 1 |checkpoint of (2|5)/],
    ["commits.note", alter("commits", at1, () => ({ note: "nothing" })), /checkpoint of 2 entries/],
    ["commits.note of another", alter("commits", at1, (row) => ({ note: String(row["note"]).replace("\n2\n", "\n5\n") })), /checkpoint of 2 entries/],
    ["commits removed", remove("commits", at1), /entry 1 is not there/],
    ["commits removed at the end", remove("commits", erasure), /entry 9 is not there/],
    ["commits added", add("commits", at1, { _id: 50, size: 51 }), /checkpoint of 51 entries|entry 1 .*lie behind|entry 50/],
    ["entries.id", alter("commits", at1, inList("entries", 0, { id: randomUUID() })), /entry 1 .*has the id of another/],
    ["entries.index", alter("commits", at1, inList("entries", 0, { index: 7 })), /entry 1 is not there/],
    ["entries.kind", alter("commits", at1, inList("entries", 0, { kind: "hold" })), /entry 1 .*is called a hold, and its leaf says deposit/],
    ["entries.about", alter("commits", held, inList("entries", 0, { about: randomUUID() })), /is about another document/],
    ["entries.receivedAt", alter("commits", at1, inList("entries", 0, { receivedAt: "2001-01-01T00:00:00.000Z" })), /entry 1 .*another time/],
    ["entries.leaf", alter("commits", at1, inList("entries", 0, { leaf: noise() })), /entry 1 /],
    ["entries.bytes", alter("commits", at1, inList("entries", 0, { bytes: 3 })), /entry 1 .*has 3 bytes/],
    ["entries added", alter("commits", at1, (row) => ({ entries: [...(row["entries"] as unknown as object[]), (row["entries"] as unknown as object[])[0]] })), /entry 1 /],
    ["claims.key", alter("commits", at1, inList("claims", 0, { key: "identity:0" })), /claim identity:\w+ of ID1 .*is not there/],
    ["claims.index", alter("commits", at1, inList("claims", 0, { index: 77 })), /claim/],
    ["claims.value", alter("commits", at1, inList("claims", 0, { value: noise(64) })), /claim of document ID1 .*other digests/],
    ["claims removed", alter("commits", at1, () => ({ claims: [] })), /claim .*ID1.*is not there/],
    ["claims of an erasure", alter("commits", erasure, () => ({ claims: [] })), /the claim (erasure|custody):\S+ .*is not there/],
    ["claims added", alter("commits", at1, (row) => ({ claims: [...(row["claims"] as unknown as object[]), { key: "identity:1", index: 1, value: noise(64) }] })), /entry 1 bears more claims/],
    ["nodes.at", alter("commits", at1, inList("nodes", 0, { at: "7/7" })), /node 1\/0 .*is not there/],
    ["nodes.hash", alter("commits", at1, inList("nodes", 0, { hash: noise() })), /node 1\/0 .*is not the hash/],
    ["nodes removed", alter("commits", at1, () => ({ nodes: [] })), /node 1\/0 .*is not there/],
    ["nodes added", alter("commits", { _id: 2 }, () => ({ nodes: [{ at: "1/0", hash: noise() }] })), /node 1\/0 stands where no node/],
    ["nodes added outside", alter("commits", { _id: 2 }, () => ({ nodes: [{ at: "5/9", hash: noise() }] })), /node 5\/9 lies outside/],
    ["staged._id", onOf("staged", 1, (filter) => alter("staged", filter, () => ({ _id: randomUUID() }))), /document ID1.*content is missing/],
    ["staged.entry", onOf("staged", 1, (filter) => alter("staged", filter, () => ({ entry: noise() }))), /beside the parts of entry 1 /],
    ["staged.content", onOf("staged", 1, (filter) => alter("staged", filter, (row) => ({ content: noise((row["content"] as unknown as Uint8Array).length) }))), /document ID1.*content/],
    ["staged.content removed", onOf("staged", 1, (filter) => alter("staged", filter, () => ({ content: undefined }))), /document ID1.*content is missing/],
    ["staged.content in chunks that are not there", onOf("staged", 1, (filter) => alter("staged", filter, () => ({ content: { chunks: 1, bytes: 9 } }))), /document ID1.*content is missing/],
    ["staged.evidence", onOf("staged", 1, (filter) => alter("staged", filter, () => ({ evidence: noise() }))), /document ID1.*evidence/],
    ["staged.evidence of a hold", async (db) => { const commit = await rows(db, "commits").findOne(held); const [entry] = commit?.["entries"] as { id: string }[]; await alter("staged", { _id: entry?.id }, () => ({ evidence: noise() }))(db); }, /the hold .*record/],
    ["staged removed", onOf("staged", 1, (filter) => remove("staged", filter)), /document ID1.*content is missing/],
    ["chunks.bytes", alter("chunks", {}, () => ({ bytes: noise() })), /document ID6.*content/],
    ["chunks._id", alter("chunks", {}, () => ({ _id: "other/0/content/0" })), /document ID6.*content/],
    ["chunks removed", remove("chunks", {}), /document ID6.*content/],
    ["staged.attempt", alter("staged", { attempt: { $exists: true } }, () => ({ attempt: "x" })), /document ID6.*content/],
    ["keys._id", onOf("keys", 1, (filter) => alter("keys", filter, () => ({ _id: randomUUID() }))), /key of document ID1 .*is not there/],
    ["keys.key", onOf("keys", 1, (filter) => alter("keys", filter, () => ({ key: noise(65) }))), /document ID1.*key/],
    ["keys removed", onOf("keys", 1, (filter) => remove("keys", filter)), /key of document ID1 .*is not there/],
    ["keys added for what was erased", async (db) => { await rows(db, "keys").insertOne({ _id: filled.ids[4], key: noise(65) }); }, /key/],
  ]; // prettier-ignore

  test.each(RECORD)("%s", async (_, deed, words) => {
    const found = await texts(deed);
    expect(found.join("\n")).toMatch(new RegExp(named(words.source)));
    // One deed is not told as a hundred.
    expect(found.length).toBeLessThan(14);
  });

  /** Fields of which nobody is promised anything, and why. */
  const EXEMPT: Readonly<Record<string, string>> = {
    "commits.at": "the sweep goes by it: it never removes what is committed",
    "staged.at": "as above",
    "chunks.at": "as above",
    "keys.at": "as above",
    "commits.entries": "element by element",
    "commits.claims": "element by element",
    "commits.nodes": "element by element",
  };

  test("is tried with every field of every collection of the record", () => {
    const tried = RECORD.map(([name]) => name.split(" ")[0]);
    for (const [name, kept] of snapshot.filter(([one]) => ["commits", "staged", "chunks", "keys"].includes(one))) {
      expect([name, kept.length > 0]).toEqual([name, true]);
      for (const field of new Set(kept.flatMap((row) => Object.keys(row)))) {
        expect([`${name}.${field}`, tried.includes(`${name}.${field}`) || EXEMPT[`${name}.${field}`] !== undefined]).toEqual([
          `${name}.${field}`,
          true,
        ]);
        const elements = kept.flatMap((row) => (name === "commits" && Array.isArray(row[field]) ? (row[field] as object[]) : []));
        for (const inner of new Set(elements.flatMap((one) => Object.keys(one))))
          expect([field, inner, tried.includes(`${field}.${inner}`)]).toEqual([field, inner, true]);
      }
    }
  });

  const second = { _id: "1/1" };
  const INDEX: readonly (readonly [string, Altered, string, string])[] = [
    ...["id", "receivedAt", "document"].map((name): [string, Altered, string, string] => [name, alter("index_documents", second, () => ({ [name]: "x" })), "row", "changed"]),
    ["from", alter("index_documents", second, () => ({ from: 3 })), "row", "changed"],
    // A message of an identity feed.
    ["fedAt", alter("index_documents", { _id: "1/17" }, () => ({ fedAt: "x" })), "row", "changed"],
    ["generation", alter("index_documents", second, () => ({ generation: 7 })), "row", "changed"],
    ["to", alter("index_documents", { _id: "1/0" }, () => ({ to: undefined })), "row", "changed"],
    ["facts", alter("index_documents", second, () => ({ facts: {} })), "row", "changed"],
    ["terms", alter("index_documents", second, (row) => ({ terms: [...(row["terms"] as unknown as string[]), "x"] })), "search terms", "changed"],
    ["own", alter("index_documents", second, () => ({ own: [] })), "keys", "changed"],
    ["claim", alter("index_documents", second, () => ({ claim: ["x"] })), "keys", "changed"],
    ["composition", alter("index_documents", second, () => ({ composition: ["x"] })), "keys", "changed"],
    ["_id", alter("index_documents", second, () => ({ _id: "1/3/0" })), "row", "removed"],
    ["_id that is no text and cannot be made one", add("index_documents", second, { _id: { toString: 1 }, from: 1 }), "row", "added"],
    ["from of a huge number", alter("index_documents", second, () => ({ from: Long.MAX_VALUE })), "row", "changed"],
    ["from that is a list of what is no number", alter("index_documents", second, () => ({ from: [1, { toString: 1 }] })), "row", "changed"],
    ["generation of a huge number", alter("index_documents", second, () => ({ generation: Long.MAX_VALUE })), "row", "changed"],
    ["to of a huge number", alter("index_documents", { _id: "1/0" }, () => ({ to: Long.MAX_VALUE })), "row", "changed"],
    ["to that is no number and cannot be made one", alter("index_documents", { _id: "1/0" }, () => ({ to: { toString: 1, valueOf: 1 } })), "row", "changed"],
    ["id of another type", alter("index_documents", second, () => ({ id: Long.MIN_VALUE })), "row", "changed"],
    ["terms of another type", alter("index_documents", second, () => ({ terms: { toJSON: 1 } })), "search terms", "changed"],
    ["facts of another type", alter("index_documents", second, () => ({ facts: new Date(Number.NaN) })), "row", "changed"],
    ["fields that every object has", alter("index_documents", second, () => ({ constructor: 1, toString: 1 })), "row", "changed"],
    ["removed", remove("index_documents", second), "row", "removed"],
    ["added", add("index_documents", second, { _id: "1/6", from: 6, id: randomUUID() }), "row", "added"],
    ["state.mark", alter("state", { _id: "index" }, () => ({ mark: "x" })), "mark", "changed"],
  ]; // prettier-ignore

  test.each(INDEX)("the index: %s", async (_, deed, what, kind) => {
    expect(await withAltered(deed, auditIndex)).toContainEqual(expect.objectContaining({ what, kind }));
  });

  test("the index is tried with every field of its rows", () => {
    const fields = new Set(snapshot.find(([name]) => name === "index_documents")?.[1].flatMap((row) => Object.keys(row)));
    const exempt = ["asOf"];
    expect([...fields].filter((field) => !exempt.includes(field) && !INDEX.some(([name]) => name === field))).toEqual([]);
  });

  /** Fields of the state of which an audit says nothing, and why. */
  const STATE_EXEMPT: Readonly<Record<string, string>> = {
    _id: "without it there is no index",
    version: "an index of another version is made anew when it is opened",
    tag: "one of other settings is, too",
    next: "no number of a generation is given twice; it says nothing of rows",
    beside: "of what is being filled nobody is answered",
  };

  test("the index: every field of its state", async () => {
    const [state] = snapshot.find(([name]) => name === "state")?.[1].filter(({ _id }) => _id === "index") ?? [];
    for (const [name, value] of Object.entries(state ?? {})) {
      if (STATE_EXEMPT[name] !== undefined) continue;
      const found = await withAltered(
        alter("state", { _id: "index" }, () => ({ [name]: other(value) })),
        auditIndex,
      );
      expect([name, found]).not.toEqual([name, []]);
    }
    const shortened = alter("state", { _id: "index" }, () => ({ size: 4, depth: 4 }));
    expect(await withAltered(shortened, auditIndex)).toContainEqual(expect.objectContaining({ what: "mark" }));
  });

  /** Something else of the same kind. */
  const other = (value: unknown): unknown => (typeof value === "number" ? value + 2 ** 26 + 3 : typeof value === "string" ? `${value}x` : "x");
  /** What is told of fields by which rows are found themselves. */
  const KINDS: Readonly<Record<string, readonly string[]>> = {
    _id: ["added", "changed"],
    number: ["added", "changed"],
    generation: ["added", "removed"],
    position: ["added", "removed"],
  };
  /** By which resources are found: every field of a row that has all of them, and every field of every element of its lists. */
  test("the index: every field of every row of resources, removed rows and added ones", async () => {
    const name = "index_resources";
    const resources = snapshot.find(([one]) => one === name)?.[1] ?? [];
    const ofSecond = resources.filter(({ position }) => position === 1);
    const tried = new Set<string>();
    const isTold = async (label: string, deed: Altered, kinds: readonly string[]): Promise<void> => {
      tried.add(label);
      const found = await withAltered(deed, auditIndex);
      expect([label, [...new Set(found.map(({ kind }) => kind))].sort()]).toEqual([label, kinds]);
      expect(found.length).toBeLessThan(6);
    };
    for (const row of ofSecond)
      for (const [field, value] of Object.entries(row)) {
        const change = (to: unknown): Altered => alter(name, { _id: row._id }, () => ({ [field]: to }));
        if (!tried.has(field)) await isTold(field, change(other(value)), KINDS[field] ?? ["changed"]);
        if (!Array.isArray(value) || value.length === 0) continue;
        const [first, ...rest] = value as unknown[];
        if (!tried.has(`${field} removed`)) await isTold(`${field} removed`, change(rest), ["changed"]);
        if (typeof first !== "object" || first === null) continue;
        for (const inner of new Set((value as object[]).flatMap((one) => Object.keys(one)))) {
          const at = (value as Row[]).findIndex((one) => one[inner] !== undefined);
          const altered = (value as Row[]).map((one, place) => (place === at ? { ...one, [inner]: other(one[inner]) } : one));
          if (!tried.has(`${field}.${inner}`)) await isTold(`${field}.${inner}`, change(altered), ["changed"]);
        }
      }
    expect([...tried]).toEqual(
      expect.arrayContaining([
        "words.k",
        "words.s",
        "words.p",
        "spans.k",
        "spans.l",
        "spans.h",
        "spans.p",
        "links.n",
        "links.t",
        "names",
        "words.at",
      ]),
    );
    const _id = ofSecond[0]?._id ?? "";
    await isTold("removed", remove(name, { _id }), ["removed"]);
    await isTold("all removed", async (db) => rows(db, name).deleteMany({ position: 1 }), ["removed"]);
    const added = (position: number): Altered =>
      add(name, { _id }, { _id: `1/${position * 2 ** 20 + 77}`, number: position * 2 ** 20 + 77, position });
    await isTold("added to a document", added(1), ["added"]);
    await isTold("added where one was erased", added(4), ["added"]);
    await isTold("added before the first", added(-1), ["added"]);
    await isTold("called otherwise", add(name, { _id }, { _id: "another" }), ["added"]);
  });
});
