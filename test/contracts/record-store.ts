/** What every RecordStore must do, with the keys beside it, whatever engine keeps them. Each adapter's test runs it with a place of its own kind. */
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { randomBytes, randomUUID } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import type { Entered } from "../../src/pipeline/log/entered.ts";
import { Ledger } from "../../src/pipeline/log/ledger.ts";
import { nextCommit } from "../../src/pipeline/log/next-commit.ts";
import type { WrappedKeys } from "../../src/pipeline/store/document-keys.ts";
import type { Closure, Commit, CommitResult, NewEntry, RecordStore } from "../../src/pipeline/store/record-store.ts";
import { audit } from "./audit.ts";
import { newSigner, sealed, sealedMany } from "./sealed.ts";

export interface OpenedRecord {
  readonly store: RecordStore;
  readonly keys: WrappedKeys;
}

/** Somewhere a record can be: opened several times, at once (as by several processes) or one after another. */
export interface RecordPlace {
  open(): Promise<OpenedRecord>;
  /** What is to be seen in the place and belongs to no committed entry, in words: an empty list when all is well. */
  orphans(): Promise<readonly string[]>;
  /** How many keys a committed document has there, as a stranger sees it. */
  keysOf(documentId: string): Promise<number>;
  remove(): Promise<void>;
}

/** A deadline that no test comes to. */
const later = (): number => performance.now() + 60_000;

export function describeRecordStore(name: string, newPlace: () => Promise<RecordPlace>): void {
  describe(`${name} as a RecordStore`, () => {
    const signer = newSigner();
    let place: RecordPlace;
    let opened: OpenedRecord[];
    let store: RecordStore;
    let keys: WrappedKeys;

    const open = async (): Promise<OpenedRecord> => {
      const another = await place.open();
      opened.push(another);
      return another;
    };
    const closeAll = async (): Promise<void> => {
      await Promise.all(opened.map((one) => one.store.close()));
      opened = [];
    };
    const stage = async (entries: readonly NewEntry[], at: RecordStore = store): Promise<void> => {
      for (const entry of entries) await at.stage(entry);
    };
    const commitOf = async (entries: readonly NewEntry[], at: RecordStore = store): Promise<Commit> => {
      await stage(entries, at);
      return nextCommit(entries, (await at.checkpoint())?.size ?? 0, signer, (places) => at.nodes(places));
    };
    const enter = async (...entries: readonly NewEntry[]): Promise<CommitResult> => store.commit(await commitOf(entries), later());
    const auditAll = async (): Promise<string[]> => {
      const entries = await audit(store, signer);
      expect(await place.orphans()).toEqual([]);
      return entries.map(({ id }) => id);
    };
    const expectInvisible = async (entries: readonly NewEntry[]): Promise<void> => {
      for (const { id, documentId = "", claims } of entries) {
        expect([await store.entry(id), await store.content(id), await store.evidence(id), await store.proof(id)]).toEqual(
          Array.from({ length: 4 }, () => undefined),
        );
        expect((await store.claimed(claims.map(({ key }) => key))).size).toBe(0);
        expect((await store.entriesAbout(documentId)).filter((entry) => entry.id === id)).toEqual([]);
      }
    };

    beforeEach(async () => {
      place = await newPlace();
      opened = [];
      ({ store, keys } = await open());
    });
    afterEach(async () => {
      await closeAll();
      await place.remove();
    });

    describe("that is empty", () => {
      test("has no checkpoint and no entry", async () => {
        expect([await store.checkpoint(), await store.checkpoint(1)]).toEqual([undefined, undefined]);
        expect(await store.entries(0, 10)).toEqual([]);
        expect(await store.entry(randomUUID())).toBeUndefined();
        expect(await store.entriesAbout(randomUUID())).toEqual([]);
        expect(await store.content(randomUUID())).toBeUndefined();
        expect(await store.claimed(["identity:00"])).toEqual(new Map());
        expect(await keys.read(randomUUID())).toBeUndefined();
        await expect(store.check()).resolves.toBeUndefined();
      });

      test("calls a node that lies outside of the tree damage", async () => {
        await expect(store.nodes([{ level: 0, index: 0 }])).rejects.toMatchObject({ code: "damaged" });
        expect(await store.nodes([])).toEqual([]);
      });
    });

    describe("staging", () => {
      test("shows nobody anything, however often it is done, and whether it is let go of", async () => {
        const entries = [sealed(), sealed({ documentId: randomUUID() })];
        await stage(entries);
        await stage(entries);
        await expectInvisible(entries);
        store.discard(entries.map(({ id }) => id));
        await expectInvisible(entries);
        expect(await auditAll()).toEqual([]);
      });

      test("refuses another entry under the same id, and claims that are no claims", async () => {
        const entry = sealed();
        await store.stage(entry);
        await expect(store.stage({ ...sealed(), id: entry.id })).rejects.toMatchObject({ code: "internal" });
        await expect(store.stage(sealed({ claims: ["x".repeat(1_000)] }))).rejects.toMatchObject({ code: "internal" });
        expect(await enter(entry)).toEqual({ kind: "committed" });
      });
    });

    describe("commits", () => {
      test("entries that are there at once, byte for byte, and after it was opened again", async () => {
        const entries = [sealed({ size: 0 }), sealed({ size: 70_000 }), sealed({ claims: ["a:1", "b:2"] })];
        // Staging hands them over.
        const contents = entries.map(({ content }) => content?.slice());
        const wrapped = new Uint8Array(randomBytes(65));
        await keys.keep(entries[1]?.id ?? "", wrapped);
        const commit = await commitOf(entries);
        expect(await store.commit(commit, later())).toEqual({ kind: "committed" });
        const look = async (): Promise<void> => {
          for (const [index, { id, kind, receivedAt, leaf, evidence, claims }] of entries.entries()) {
            const content = contents[index];
            const entry = { index, treeSize: 3, id, kind, receivedAt, leaf, contentBytes: content?.length ?? 0 };
            expect(await store.entry(id)).toEqual(entry);
            expect(Buffer.from((await store.content(id)) ?? "missing").equals(content ?? new Uint8Array())).toBe(true);
            expect(await store.evidence(id)).toEqual(evidence);
            expect(await store.proof(id)).toEqual({ entry, evidence, checkpoint: commit.checkpoint });
            for (const { key, value } of claims) expect((await store.claimed([key, "c:3"])).get(key)).toEqual({ entry, value });
          }
          expect(await store.checkpoint()).toEqual(commit.checkpoint);
          expect((await store.entries(1, 1)).map(({ id }) => id)).toEqual([entries[1]?.id]);
          expect(await keys.read(entries[1]?.id ?? "")).toEqual(wrapped);
        };
        await look();
        await closeAll();
        ({ store, keys } = await open());
        await look();
        expect(await auditAll()).toEqual(entries.map(({ id }) => id));
      });

      test("a document of 48 MB", async () => {
        const document = sealed({ size: 48_000_000 });
        const content = document.content?.slice() ?? new Uint8Array();
        expect(await enter(document)).toEqual({ kind: "committed" });
        expect(Buffer.from((await store.content(document.id)) ?? "").equals(content)).toBe(true);
        expect(await store.evidence(document.id)).toEqual(document.evidence);
      });

      test("entries of kinds that nobody knows, with and without parts, about documents and about none", async () => {
        const document = sealed();
        const attached = sealed({ kind: "attachment", documentId: document.id, claims: [] });
        const { content: _, evidence: __, ...plain } = sealed({ kind: "key-rotation", claims: [] });
        await enter(document);
        await enter(plain, attached);
        expect((await store.entries(0, 10)).map(({ kind, documentId }) => [kind, documentId])).toEqual([
          ["deposit", undefined],
          ["key-rotation", undefined],
          ["attachment", document.id],
        ]);
        expect((await store.entriesAbout(document.id)).map(({ id }) => id)).toEqual([attached.id]);
        expect(await store.content(attached.id)).toEqual(attached.content);
        expect([await store.content(plain.id), await store.evidence(plain.id)]).toEqual([undefined, undefined]);
        expect(await store.proof(plain.id)).toEqual({
          entry: await store.entry(plain.id),
          evidence: undefined,
          checkpoint: await store.checkpoint(3),
        });
        // Each is proven as of the commit that made it, not as of the newest.
        expect((await store.proof(document.id))?.checkpoint).toEqual(await store.checkpoint(1));
        await auditAll();
      });

      test("batches of every size up to nine, each a tree that is whole", async () => {
        for (let size = 1; size <= 9; size++) {
          expect(await enter(...sealedMany(size))).toEqual({ kind: "committed" });
          await auditAll();
        }
        expect((await store.checkpoint())?.size).toBe(45);
        expect((await store.checkpoint(6))?.size).toBe(6);
        expect(await store.checkpoint(7)).toBeUndefined();
      });

      test("nothing when another was quicker upon the same checkpoint; what lost can be committed again", async () => {
        await enter(sealed());
        const losers = sealedMany(3);
        const [first, second] = [await commitOf(sealedMany(2)), await commitOf(losers)];
        expect(await store.commit(first, later())).toEqual({ kind: "committed" });
        expect(await store.commit(second, later())).toMatchObject({ kind: "behind" });
        await expectInvisible(losers);
        expect(await auditAll()).toHaveLength(3);
        expect(await enter(...losers)).toEqual({ kind: "committed" });
        expect(await auditAll()).toHaveLength(6);
      });

      test("nothing upon a checkpoint that it never had", async () => {
        await enter(...sealedMany(2));
        const elsewhere = await commitOf(sealedMany(1));
        const ahead = { ...elsewhere, previousSize: 5, nodes: [], checkpoint: { ...elsewhere.checkpoint, size: 6 } };
        expect(await store.commit(ahead, later())).toMatchObject({ kind: "behind" });
        expect(await auditAll()).toHaveLength(2);
      });

      test("nothing of a unit of which one claim is taken, whatever entry bears it", async () => {
        const first = sealed({ claims: ["identity:a", "message:1"] });
        await enter(first);
        const unit = [sealed(), sealed({ kind: "message", claims: ["message:2", "message:1"] }), sealed()];
        expect(await enter(...unit)).toEqual({ kind: "taken", keys: ["message:1"] });
        for (const { id } of unit) expect(await store.entry(id)).toBeUndefined();
        expect((await store.claimed(["message:2"])).size).toBe(0);
        expect(await auditAll()).toEqual([first.id]);
      });

      test("nothing while somebody bears a claim that nobody may bear, and not because of one that nobody bears", async () => {
        expect(await store.commit({ ...(await commitOf([sealed()])), unless: ["epoch:2"] }, later())).toEqual({ kind: "committed" });
        const late = [sealed(), sealed()];
        await enter(sealed({ claims: ["epoch:2"] }));
        expect(await store.commit({ ...(await commitOf(late)), unless: ["epoch:3", "epoch:2"] }, later())).toEqual({ kind: "barred" });
        await expectInvisible(late);
        expect(await store.commit({ ...(await commitOf(late)), unless: ["epoch:3"] }, later())).toEqual({ kind: "committed" });
        expect(await auditAll()).toHaveLength(4);
      });

      test("never one after the claim that bars it, whichever come at once", async () => {
        const other = (await open()).store;
        await enter(sealed());
        for (let round = 0; round < 10; round++) {
          const claim = `epoch:${round}`;
          const [barring, barred] = [await commitOf([sealed({ claims: [claim] })], other), await commitOf([sealed()])];
          const deeds = [() => other.commit(barring, later()), () => store.commit({ ...barred, unless: [claim] }, later())];
          if (round % 2 === 1) deeds.reverse();
          const kinds = (await Promise.all(deeds.map((deed) => deed()))).map(({ kind }) => kind);
          expect(kinds.sort()).toEqual(["behind", "committed"]);
          // Whoever was behind tries again: it is barred exactly when the other was first.
          const isBorne = (await store.claimed([claim])).size > 0;
          const { kind } = await store.commit({ ...(await commitOf([sealed()])), unless: [claim] }, later());
          expect(kind).toBe(isBorne ? "barred" : "committed");
        }
        await auditAll();
      });

      test("nothing of a batch in which one id is in use", async () => {
        const first = sealed();
        await enter(first);
        const again = { ...first, claims: [] };
        await expect(enter(sealed(), again)).rejects.toMatchObject({ code: "internal" });
        expect(await auditAll()).toEqual([first.id]);
        expect(await enter(sealed())).toEqual({ kind: "committed" });
        expect(await auditAll()).toHaveLength(2);
      });

      test("nothing after its deadline, and the same again later", async () => {
        const commit = await commitOf(sealedMany(2));
        await expect(store.commit(commit, performance.now() - 1)).rejects.toMatchObject({ code: "unavailable" });
        expect(await auditAll()).toEqual([]);
        expect(await store.commit(commit, later())).toEqual({ kind: "committed" });
      });

      test.each<[string, (commit: Commit) => Commit]>([
        ["holds nothing", (commit) => ({ ...commit, ids: [] })],
        ["names one entry twice", (commit) => ({ ...commit, ids: [...commit.ids.slice(1), commit.ids[1] ?? ""] })],
        ["has a checkpoint of another size", (commit) => ({ ...commit, checkpoint: { ...commit.checkpoint, size: 4 } })],
        ["names what was never staged", (commit) => ({ ...commit, ids: [...commit.ids.slice(1), randomUUID()] })],
        ["brings nodes of a larger tree", (commit) => ({ ...commit, nodes: [...commit.nodes, { level: 2, index: 0, hash: new Uint8Array(32) }] })],
      ])("nothing of a commit that %s", async (_, spoil) => {
        const commit = await commitOf(sealedMany(3));
        await expect(store.commit(spoil(commit), later())).rejects.toMatchObject({ code: "internal" });
        expect(await auditAll()).toEqual([]);
      });

      test("nothing of a commit in which two bear one claim", async () => {
        await expect(enter(...sealedMany(2, { claims: ["identity:same"] }))).rejects.toMatchObject({ code: "internal" });
        expect(await auditAll()).toEqual([]);
      });
    });

    describe("keeps the documents' keys", () => {
      const key = new Uint8Array(randomBytes(65));

      test("until they are destroyed, which nothing brings back; the entry stays", async () => {
        const document = sealed();
        await keys.keep(document.id, key);
        await keys.keep(document.id, key);
        await enter(document);
        expect(await keys.read(document.id)).toEqual(key);
        await expect(keys.keep(document.id, new Uint8Array(65))).rejects.toMatchObject({ code: "internal" });
        await keys.destroy(document.id);
        await keys.destroy(document.id);
        expect(await keys.read(document.id)).toBeUndefined();
        await closeAll();
        ({ store, keys } = await open());
        expect(await keys.read(document.id)).toBeUndefined();
        expect(await auditAll()).toEqual([document.id]);
        expect((await store.claimed(document.claims.map((claim) => claim.key))).size).toBe(1);
      });

      test("and puts them, wrapped anew, in the place of what they were; not of another, and not twice", async () => {
        const [one, other] = [sealed(), sealed()];
        const after = (number: number): Uint8Array => new Uint8Array(randomBytes(65)).fill(number, 0, 5);
        for (const { id } of [one, other]) await keys.keep(id, key);
        // Before it is committed, too.
        const [early, late] = [after(2), after(3)];
        expect(await keys.replace(2, [{ documentId: other.id, from: key, to: early }])).toBe(1);
        await enter(one, other);
        expect([await keys.read(one.id), await keys.read(other.id)]).toEqual([key, early]);
        const unknown = { documentId: randomUUID(), from: key, to: late };
        const moves = [one, other].map(({ id }) => ({ documentId: id, from: key, to: late }));
        expect(await keys.replace(2, [...moves, unknown])).toBe(1);
        expect([await keys.read(one.id), await keys.read(other.id)]).toEqual([late, early]);
        expect(await keys.replace(2, [])).toBe(0);
        await closeAll();
        ({ store, keys } = await open());
        // Whoever has it open and did not know of the names yet finds it all the same.
        const sleeper = (await open()).keys;
        expect(await sleeper.read(one.id)).toEqual(late);
        const third = after(4);
        expect(await keys.replace(3, [{ documentId: one.id, from: late, to: third }])).toBe(1);
        expect([await sleeper.read(one.id), await keys.read(unknown.documentId)]).toEqual([third, undefined]);
        expect(await place.keysOf(one.id)).toBe(1);
        await auditAll();
      });

      test("and brings none back that is destroyed, before it is replaced, after, or at once", async () => {
        const second = (await open()).keys;
        for (let round = 0; round < 12; round++) {
          const document = sealed();
          await keys.keep(document.id, key);
          await enter(document);
          const move = { documentId: document.id, from: key, to: new Uint8Array(randomBytes(65)) };
          const epoch = 2 + Math.floor(round / 3);
          if (round % 3 === 0) await keys.destroy(document.id);
          if (round % 3 === 1) await second.replace(epoch, [move]);
          await Promise.all([second.replace(epoch, [move]), keys.destroy(document.id), keys.replace(epoch, [move])]);
          expect(await second.replace(epoch, [move])).toBe(0);
          expect([await keys.read(document.id), await second.read(document.id), await place.keysOf(document.id)]).toEqual([undefined, undefined, 0]);
        }
        await auditAll();
      });

      test("and one of two, when two replace it at once", async () => {
        const second = (await open()).keys;
        const document = sealed();
        await keys.keep(document.id, key);
        await enter(document);
        const moves = [1, 2].map(() => ({ documentId: document.id, from: key, to: new Uint8Array(randomBytes(65)) }));
        await Promise.all([keys.replace(2, moves.slice(0, 1)), second.replace(2, moves.slice(1))]);
        const read = await keys.read(document.id);
        expect(moves.map(({ to }) => to)).toContainEqual(read);
        expect([await second.read(document.id), await place.keysOf(document.id)]).toEqual([read, 1]);
      });

      test("and none of a document that was let go of", async () => {
        const document = sealed();
        await keys.keep(document.id, key);
        await stage([document]);
        store.discard([document.id]);
        await closeAll();
        ({ store, keys } = await open());
        expect(await store.entry(document.id)).toBeUndefined();
        expect(await place.orphans()).toEqual([]);
      });
    });

    describe("under concurrency", () => {
      test("lets exactly one of ten commits win, made upon the same checkpoint through three connections", async () => {
        const stores = [store, (await open()).store, (await open()).store];
        await enter(sealed());
        const commits = await Promise.all(
          Array.from({ length: 10 }, async (_, at) => ({ at, commit: await commitOf(sealedMany(2), stores[at % 3] ?? store) })),
        );
        const results = await Promise.all(commits.map(({ at, commit }) => (stores[at % 3] ?? store).commit(commit, later())));
        expect(results.filter((result) => result.kind === "committed")).toHaveLength(1);
        expect(results.filter((result) => result.kind === "behind")).toHaveLength(9);
        expect(await auditAll()).toHaveLength(3);
      });

      test("stores exactly one of twenty twins through one ledger, and tells the others which", async () => {
        const ledger = await Ledger.open(store, signer);
        await expectOneWinner(await Promise.all(twins().map((document) => ledger.append([document]))));
      });

      test("stores exactly one of twenty twins through two ledgers on two connections", async () => {
        const ledgers = [await Ledger.open(store, signer), await Ledger.open((await open()).store, signer)];
        const entered = await Promise.all(twins().map((document, at) => (ledgers[at % 2] ?? fail()).append([document])));
        await expectOneWinner(entered);
      });

      test("stores everything that two ledgers append at once, units whole", async () => {
        const ledgers = [await Ledger.open(store, signer), await Ledger.open((await open()).store, signer)];
        const units = Array.from({ length: 40 }, (_, at) => [sealed(), ...sealedMany(at % 3)] as const);
        const entered = await Promise.all(units.map((unit, at) => (ledgers[at % 2] ?? fail()).append([...unit])));
        for (const [at, result] of entered.entries()) {
          if (result.kind !== "stored") throw new Error("not stored");
          expect(result.entries.map(({ id }) => id)).toEqual(units[at]?.map(({ id }) => id));
          // One after the other, in one tree.
          expect(new Set(result.entries.map(({ treeSize }) => treeSize)).size).toBe(1);
          expect(result.entries.map(({ index }, place) => index - place)).toEqual(result.entries.map(() => result.entries[0].index));
        }
        expect((await auditAll()).sort()).toEqual(units.flatMap((unit) => unit.map(({ id }) => id)).sort());
      });

      const twins = (): NewEntry[] => sealedMany(20, { claims: [`identity:${"7a".repeat(32)}`] });
      const expectOneWinner = async (entered: readonly Entered[]): Promise<void> => {
        const winners = entered.flatMap((result) => (result.kind === "stored" ? [result.entries[0]] : []));
        const losers = entered.flatMap((result) => (result.kind === "taken" ? [result.by] : []));
        expect([winners.length, losers.length]).toEqual([1, 19]);
        for (const { entry } of losers) expect(entry).toEqual(winners[0]);
        expect(await auditAll()).toEqual([winners[0]?.id]);
      };
    });

    describe("whose log is closed", () => {
      const closureAt = (size: number): Closure => ({ size, at: "2026-01-02T03:04:05.006Z", to: "elsewhere", copy: randomUUID() });

      test("takes no commit any more, by whatever connection, and says where it goes on; all of it can be read", async () => {
        const other = (await open()).store;
        const late = sealed();
        await enter(...sealedMany(3));
        expect(await store.closure()).toBeUndefined();
        for (const size of [0, 2, 4]) expect(await store.closeLog(closureAt(size))).toBe("behind");
        const pending = await commitOf([late], other);
        const before = [await store.checkpoint(), await store.entries(0, 10)];
        const closure = closureAt(3);
        expect(await store.closeLog(closure)).toBe("closed");
        expect(await other.commit(pending, later())).toEqual({ kind: "closed" });
        expect(await other.commit(pending, later())).toEqual({ kind: "closed" });
        await expectInvisible([late]);
        // Closed once, and by one.
        expect(await other.closeLog(closureAt(3))).toBe("closed");
        await closeAll();
        ({ store, keys } = await open());
        expect(await store.closure()).toEqual(closure);
        expect([await store.checkpoint(), await store.entries(0, 10)]).toEqual(before);
        expect(await enter(sealed())).toEqual({ kind: "closed" });
        expect(await auditAll()).toHaveLength(3);
      });

      test("is closed before a commit or after it, whichever come at once", async () => {
        const stores = [store, (await open()).store, (await open()).store];
        const at = (number: number): RecordStore => stores[number % 3] ?? store;
        let committed = 1;
        await enter(sealed());
        for (let round = 0; ; round++) {
          const commits = await Promise.all(Array.from({ length: 3 }, async (_, number) => commitOf(sealedMany(2), at(number))));
          const size = (await store.checkpoint())?.size ?? 0;
          // Where a commit takes fewer steps than a closure, the closure never wins by itself: from some round on, commits begin later and later.
          const delay = Math.max(0, round - 8);
          const deeds: (() => Promise<unknown>)[] = commits.map((commit, number) => async () => {
            if (delay > 0) await setTimeout(delay);
            return at(number).commit(commit, later());
          });
          // Whoever begins is not always whoever wins.
          deeds.splice(3 - (round % 4), 0, () => at(round).closeLog(closureAt(size)));
          const results = await Promise.all(deeds.map((deed) => deed()));
          const closed = results.find((result) => typeof result === "string");
          const wins = results.filter((result) => (result as CommitResult).kind === "committed").length;
          committed += 2 * wins;
          expect(wins + (closed === "closed" ? 1 : 0)).toBeLessThanOrEqual(1);
          expect(await auditAll()).toHaveLength(committed);
          if (closed === "closed") break;
        }
        expect(await store.closure()).toMatchObject({ size: committed });
        expect(await enter(sealed())).toEqual({ kind: "closed" });
        expect(await auditAll()).toHaveLength(committed);
      });

      test("halts whoever has it open, at the next entry, and whoever opens it", async () => {
        const ledger = await Ledger.open((await open()).store, signer);
        await ledger.append([sealed()]);
        expect(await store.closeLog(closureAt(1))).toBe("closed");
        expect(ledger.halt).toBeUndefined();
        await expect(ledger.append([sealed()])).rejects.toMatchObject({
          code: "unavailable",
          message: expect.stringContaining("goes on in elsewhere"),
        });
        expect(ledger.halt).toContain("closed here for ever");
        expect((await Ledger.open(store, signer)).halt).toContain("closed here for ever");
        expect(await auditAll()).toHaveLength(1);
      });
    });

    test("that is closed refuses everything as unavailable, and may be closed twice", async () => {
      const commit = await commitOf([sealed()]);
      await store.close();
      await store.close();
      await expect(store.checkpoint()).rejects.toMatchObject({ code: "unavailable" });
      await expect(store.stage(sealed())).rejects.toMatchObject({ code: "unavailable" });
      await expect(store.commit(commit, later())).rejects.toMatchObject({ code: "unavailable" });
      await expect(store.check()).rejects.toMatchObject({ code: "unavailable" });
      expect(store.fault()).toBeDefined();
    });
  });
}

function fail(): never {
  throw new Error("unreachable");
}
