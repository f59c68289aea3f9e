/**
 * Two instances on one database, and what each waits for and does in vain: counted in commands, which a busy machine does not change. What is counted is what docs/design/mongo.md says ("What waits for what").
 */
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { randomBytes } from "node:crypto";
import type { CommandStartedEvent } from "mongodb";
import { openMongo, type OpenedMongo } from "../../../src/adapters/mongo/open.ts";
import { Ledger } from "../../../src/pipeline/log/ledger.ts";
import type { Commit, LogEntry, RecordStore } from "../../../src/pipeline/store/record-store.ts";
import { Indexer, type IndexSource } from "../../../src/search/indexer.ts";
import type { Described, IndexPort } from "../../../src/search/index-port.ts";
import { PERMIT_ALL } from "../../../src/search/predicate.ts";
import { audit } from "../../contracts/audit.ts";
import { newDocument } from "../../contracts/indexed.ts";
import { newSigner, sealed } from "../../contracts/sealed.ts";
import { watchCommands } from "./command-lint.ts";
import { mongoPlace, type MongoPlace } from "./place.ts";
import { asStranger, commandFaults, describeOnMongo } from "./server.ts";

/** One instance, and the commands that it sent since it was asked last. */
interface CountedInstance {
  readonly room: OpenedMongo;
  /** `commits find` and the like, in order. */
  sent(): string[];
}

const IDLE = ["hello", "endSessions", "ping"];

async function openCounted(place: MongoPlace): Promise<CountedInstance> {
  let sent: string[] = [];
  const room = await openMongo(place.url, {
    onClient: (client) => {
      watchCommands(client, commandFaults);
      client.on("commandStarted", ({ commandName, command }: CommandStartedEvent) => {
        if (IDLE.includes(commandName)) return;
        const isLinearizable = JSON.stringify(command["readConcern"] ?? null).includes("linearizable");
        sent.push(`${String(command[commandName])} ${commandName}${isLinearizable ? " linearizable" : ""}`);
      });
    },
  });
  return {
    room,
    sent: () => {
      const before = sent;
      sent = [];
      return before;
    },
  };
}

/** The same store, with something done before its next commit. */
function beforeCommit(store: RecordStore, work: () => Promise<unknown>): RecordStore {
  let isDone = false;
  return new Proxy(store, {
    get: (target, name) => {
      if (name === "commit")
        return async (commit: Commit, deadline: number) => {
          if (!isDone) {
            isDone = true;
            await work();
          }
          return target.commit(commit, deadline);
        };
      const value: unknown = Reflect.get(target, name);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
}

describeOnMongo("two instances", (server) => {
  const signer = newSigner();
  let place: MongoPlace;
  let instances: readonly [CountedInstance, CountedInstance] | undefined;
  beforeEach(async () => {
    place = await mongoPlace(server);
    instances = [await openCounted(place), await openCounted(place)];
  });
  afterEach(async () => {
    await Promise.all(both().map(({ room }) => room.store.close()));
    await place.remove();
  });

  const both = (): readonly [CountedInstance, CountedInstance] => {
    if (!instances) throw new Error("they are not opened");
    return instances;
  };

  test("a deposit is staged, looked for and committed in three commands, of which the last alone waits for others", async () => {
    const [{ room, sent }] = both();
    const ledger = await Ledger.open(room.store, signer);
    await ledger.append([sealed()]);
    sent();
    await ledger.append([sealed()]);
    expect(sent().sort()).toEqual(["commits find", "commits insert", "staged insert"]);
    await ledger.close();
  });

  test("a race that is lost costs one look and another insert, and nothing is staged, looked for or proved again", async () => {
    const [ours, theirs] = both();
    const elsewhere = await Ledger.open(theirs.room.store, signer);
    const ledger = await Ledger.open(
      beforeCommit(ours.room.store, async () => {
        await elsewhere.append([sealed()]);
        await elsewhere.append([sealed()]);
        ours.sent();
      }),
      signer,
    );
    expect((await ledger.append([sealed()])).kind).toBe("stored");
    expect(ours.sent()).toEqual(["commits insert", "commits find", "commits insert"]);
    expect(await audit(ours.room.store, signer)).toHaveLength(3);
    await Promise.all([ledger.close(), elsewhere.close()]);
  });

  test("what others committed while an entry was staged is known by then: no race is lost", async () => {
    const [ours, theirs] = both();
    const [ledger, elsewhere] = [await Ledger.open(ours.room.store, signer), await Ledger.open(theirs.room.store, signer)];
    await ledger.append([sealed()]);
    for (let round = 0; round < 3; round++) {
      await elsewhere.append([sealed()]);
      ours.sent();
      expect((await ledger.append([sealed()])).kind).toBe("stored");
      expect(ours.sent().sort()).toEqual(["commits find", "commits insert", "staged insert"]);
    }
    expect(await audit(ours.room.store, signer)).toHaveLength(7);
    await Promise.all([ledger.close(), elsewhere.close()]);
  });

  test("one claim is entered once, whoever looked for it when", async () => {
    const [ours, theirs] = both();
    const key = `identity:${randomBytes(32).toString("hex")}`;
    const elsewhere = await Ledger.open(theirs.room.store, signer);
    // The other one enters it after ours was looked for and found free.
    const ledger = await Ledger.open(
      beforeCommit(ours.room.store, async () => {
        for (const claims of [[], [key], []]) await elsewhere.append([sealed({ claims })]);
      }),
      signer,
    );
    expect(await ledger.append([sealed({ claims: [key] })])).toMatchObject({ kind: "taken", by: { entry: { index: 1 } } });
    expect((await ledger.append([sealed({ claims: [key] })])).kind).toBe("taken");
    expect(await audit(ours.room.store, signer)).toHaveLength(3);
    await Promise.all([ledger.close(), elsewhere.close()]);
  });

  test("an older copy of the database that takes its place is seen, although nothing else needs to be asked", async () => {
    const [{ room }] = both();
    const ledger = await Ledger.open(room.store, signer);
    for (let round = 0; round < 3; round++) await ledger.append([sealed()]);
    await asStranger(place.url, (client) => client.db().collection<{ _id: number }>("commits").deleteOne({ _id: 2 }));
    await expect(ledger.append([sealed()])).rejects.toMatchObject({ code: "unavailable" });
    expect(ledger.halt).toContain("older copy");
    await ledger.close();
  });

  test("each instance opens none of the other's documents, and writes each of its own once", async () => {
    const all = both();
    const log: LogEntry[] = [];
    const opened: string[] = [];
    const indexers = await Promise.all(all.map(async ({ room }) => indexerOf((await room.openIndex("test")).index, log, opened)));
    all.forEach(({ sent }) => sent());
    const counts = { documents: 0, taken: 0 };
    for (let round = 0; round < 6; round++) {
      // Two of each, in turns, as two that commit at the same time enter them.
      const entries = Array.from({ length: 4 }, () => enter(log));
      await Promise.all(entries.map((entry, at) => indexers[at % 2]!.take(entry, describedAs(entry), 60_000)));
      counts.taken += entries.length;
    }
    expect(opened).toEqual([]);
    const { index } = await all[0].room.openIndex("test");
    expect((await index.newest(100, PERMIT_ALL)).map(({ from }) => from)).toEqual(
      Array.from({ length: counts.taken }, (_, at) => counts.taken - 1 - at),
    );
    const sent = all.flatMap((instance) => instance.sent());
    const number = (name: string): number => sent.filter((one) => one === name).length;
    // One write for what was laid together; the closings of these would be others, and there are none.
    expect(number("index_documents update")).toBeLessThanOrEqual(counts.taken);
    expect(await place.orphans()).toEqual([]);
    await Promise.all(indexers.map((indexer) => indexer.close()));
  });

  test("what one committed and never laid down, because it died, is opened by the other one, which waits for nobody for long", async () => {
    const [{ room }] = both();
    const log: LogEntry[] = [];
    const opened: string[] = [];
    const { index } = await room.openIndex("test");
    const indexer = indexerOf(index, log, opened);
    const lost = [enter(log), enter(log), enter(log)];
    const own = enter(log);
    await indexer.take(own, describedAs(own), 60_000);
    expect(opened).toEqual(lost.map(({ id }) => id));
    expect((await index.position()).size).toBe(4);
    await indexer.close();
  });

  test("whoever lays down late what was removed since brings nothing back", async () => {
    const [ours, theirs] = both();
    const [index, sleeper] = [(await ours.room.openIndex("test")).index, (await theirs.room.openIndex("test")).index];
    const header = [{ place: 0, type: "Patient", path: "0", rows: [] }];
    const document = newDocument({ from: 0, terms: ["ada"], header });
    expect(await index.advance({ from: 0, to: 1, mark: "1", documents: [document], closed: [], removed: [] })).toBe("advanced");
    expect(await index.advance({ from: 1, to: 2, mark: "2", documents: [], closed: [], removed: [document.summary.id] })).toBe("advanced");
    await sleeper.layAhead?.([document]);
    expect(await index.newest(10, PERMIT_ALL)).toEqual([]);
    expect(await sleeper.laidAhead?.(0, 1)).toEqual({ size: 2, documents: [] });
    expect(await asStranger(place.url, (client) => client.db().collection("index_resources").countDocuments())).toBe(0);
  });

  test("what is laid down is seen by nobody before it is taken in, and then with its end", async () => {
    const [ours, theirs] = both();
    const [index, other] = [(await ours.room.openIndex("test")).index, (await theirs.room.openIndex("test")).index];
    const document = newDocument({ from: 0, terms: ["ada"] });
    await other.layAhead?.([document]);
    expect(await index.newest(10, PERMIT_ALL)).toEqual([]);
    expect(await index.search(["ada"], 10, PERMIT_ALL)).toEqual([]);
    const { documents = [] } = (await index.laidAhead?.(0, 5)) ?? {};
    expect(documents.map(({ summary }) => summary)).toEqual([document.summary]);
    const taken = documents.map((one) => ({ ...one, to: 1 }));
    expect(await index.advance({ from: 0, to: 2, mark: "2", documents: taken, closed: [], removed: [] })).toBe("advanced");
    expect(await index.search(["ada"], 10, PERMIT_ALL)).toMatchObject([{ from: 0, to: 1 }]);
  });

  test("what is laid in a generation that another has replaced is not taken for there", async () => {
    const [ours, theirs] = both();
    const [index, other] = [(await ours.room.openIndex("test")).index, (await theirs.room.openIndex("test")).index];
    const document = newDocument({ from: 0, terms: ["ada"] });
    await index.layAhead?.([document]);
    const laid = (await other.laidAhead?.(0, 1))?.documents ?? [];
    await index.clear();
    const step = { from: 0, to: 1, mark: "1", closed: [], removed: [] };
    // Of others' only the document is at hand, and not by what it is found.
    expect(await other.advance({ ...step, documents: laid })).toBe("behind");
    expect(await index.advance({ ...step, documents: [document] })).toBe("advanced");
    expect(await other.search(["ada"], 10, PERMIT_ALL)).toHaveLength(1);
    expect(await place.orphans()).toEqual([]);
  });
});

/** A document that came in just now. */
function enter(log: LogEntry[]): LogEntry {
  const { id, kind, receivedAt, leaf, content } = sealed();
  const entry = { index: log.length, treeSize: log.length + 1, id, kind, receivedAt, leaf, contentBytes: content?.length ?? 0 };
  log.push(entry);
  return entry;
}

function describedAs({ id, index }: LogEntry): Described {
  const { from: _, ...description } = newDocument({ from: index, summary: { id }, links: { ownKeys: [`url:${id}`] } });
  return description;
}

/** An instance's indexer over a log that all share; `opened`: what it had to open. */
function indexerOf(index: IndexPort, log: readonly LogEntry[], opened: string[]): Indexer {
  const source: IndexSource = {
    size: () => Promise.resolve(log.length),
    entries: (from, count) => Promise.resolve(log.slice(from, from + count)),
    open: (id) => {
      opened.push(id);
      return Promise.resolve(undefined);
    },
    isReadable: () => Promise.resolve(true),
  };
  const never = (): Promise<never> => Promise.reject(new Error("nothing is described here"));
  return new Indexer(index, {
    source,
    describe: never,
    describeFeed: never,
    onFault: (error) => {
      throw error;
    },
  });
}
