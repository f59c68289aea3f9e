/** What every DocumentStore must do, whatever engine keeps it. Each adapter's test runs it with a place of its own kind. */
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { randomUUID } from "node:crypto";
import type { Sealed } from "../../src/pipeline/record.ts";
import { nextCommit } from "../../src/pipeline/log/next-commit.ts";
import { Ledger, type Entered } from "../../src/pipeline/log/ledger.ts";
import type { Commit, CommitResult, DocumentStore } from "../../src/pipeline/store/document-store.ts";
import { audit } from "./audit.ts";
import { newSigner, sealed, sealedMany } from "./sealed.ts";

/** Somewhere a store can be: opened several times, at once (as by several processes) or one after another. */
export interface StorePlace {
  open(): Promise<DocumentStore>;
  /** What lies in the place and belongs to no committed document, in words: an empty list when all is well. */
  orphans(): Promise<readonly string[]>;
  remove(): Promise<void>;
}

export function describeDocumentStore(name: string, newPlace: () => Promise<StorePlace>): void {
  describe(`${name} as a DocumentStore`, () => {
    const signer = newSigner();
    let place: StorePlace;
    let opened: DocumentStore[];
    let store: DocumentStore;

    const open = async (): Promise<DocumentStore> => {
      const another = await place.open();
      opened.push(another);
      return another;
    };
    const reopen = async (): Promise<void> => {
      await Promise.all(opened.map((one) => one.close()));
      opened = [];
      store = await open();
    };
    const commitOf = async (documents: readonly Sealed[], from: DocumentStore = store): Promise<Commit> =>
      nextCommit(documents, (await from.checkpoint())?.size ?? 0, signer, (places) => from.nodes(places));
    const enter = async (...documents: readonly Sealed[]): Promise<CommitResult> => store.commit(await commitOf(documents));
    const auditAll = async (): Promise<string[]> => {
      const documents = await audit(store, signer);
      expect(await place.orphans()).toEqual([]);
      return documents.map((document) => document.id);
    };

    beforeEach(async () => {
      place = await newPlace();
      opened = [];
      store = await open();
    });
    afterEach(async () => {
      await Promise.all(opened.map((one) => one.close()));
      await place.remove();
    });

    describe("that is empty", () => {
      test("has no checkpoint, no leaf and no document", async () => {
        expect(await store.checkpoint()).toBeUndefined();
        expect(await store.leaves(0, 10)).toEqual([]);
        expect(await store.read(randomUUID())).toBeUndefined();
        expect(await store.summary(randomUUID())).toBeUndefined();
        expect(await store.newest(10)).toEqual([]);
        expect(await store.search(["a"], 10)).toEqual([]);
        expect(await store.findTwins(["00"])).toEqual(new Map());
        await expect(store.check()).resolves.toBeUndefined();
      });

      test("calls a node that lies outside of the tree damage", async () => {
        await expect(store.nodes([{ level: 0, index: 0 }])).rejects.toMatchObject({ code: "damaged" });
        expect(await store.nodes([])).toEqual([]);
      });
    });

    describe("commits", () => {
      test("documents that are there at once, byte for byte, and after it was opened again", async () => {
        const commit = await commitOf([sealed({ size: 0 }), sealed({ size: 70_000 }), sealed()]);
        expect(await store.commit(commit)).toEqual({ kind: "committed" });
        const look = async (): Promise<void> => {
          for (const document of commit.documents) expect(await store.read(document.id)).toEqual(document);
          expect(await store.checkpoint()).toEqual(commit.checkpoint);
          expect(await store.leaves(1, 1)).toEqual([commit.documents[1]?.leaf]);
        };
        await look();
        await reopen();
        await look();
        expect(await auditAll()).toEqual(commit.documents.map((document) => document.id));
      });

      test("a large document and a summary with every kind of character", async () => {
        const title = `nul \u0000 quote ' " \\ lone \ud800 pair \u{1f9ec} عربي 日本語 \u2028`;
        const document = sealed({ size: 6_000_000, summary: { title, patientName: "Šebestová, Žofie", ownKeys: [title], searchTerms: ["žofie"] } });
        await enter(document);
        const read = await store.read(document.id);
        expect(read).toMatchObject({ summary: document.summary });
        expect(read !== undefined && read !== "gone" && Buffer.from(read.encryptedContent).equals(document.encryptedContent)).toBe(true);
        expect((await store.named([title])).map((found) => found.id)).toEqual([document.id]);
      });

      test("batches of every size up to nine, each a tree that is whole", async () => {
        for (let size = 1; size <= 9; size++) {
          expect(await enter(...sealedMany(size))).toEqual({ kind: "committed" });
          await auditAll();
        }
        expect((await store.checkpoint())?.size).toBe(45);
      });

      test("nothing when another commit was quicker upon the same checkpoint", async () => {
        await enter(sealed());
        const first = await commitOf(sealedMany(2));
        const second = await commitOf(sealedMany(3));
        expect(await store.commit(first)).toEqual({ kind: "committed" });
        expect(await store.commit(second)).toEqual({ kind: "behind" });
        for (const { id, identityKey } of second.documents) {
          expect(await store.read(id)).toBeUndefined();
          expect((await store.findTwins([identityKey])).size).toBe(0);
        }
        expect(await auditAll()).toHaveLength(3);
      });

      test("nothing upon a checkpoint that it never had", async () => {
        await enter(...sealedMany(2));
        const elsewhere = await commitOf(sealedMany(1));
        const ahead = { ...elsewhere, previousSize: 5, checkpoint: { ...elsewhere.checkpoint, size: 6 } };
        const documents = ahead.documents.map((document) => ({ ...document, position: { ...document.position, index: 5, treeSize: 6 } }));
        expect(await store.commit({ ...ahead, documents })).toEqual({ kind: "behind" });
        expect(await auditAll()).toHaveLength(2);
      });

      test("nothing of a batch in which one identity key is in use", async () => {
        const first = sealed();
        await enter(first);
        const batch = [sealed(), sealed({ identityKey: first.identityKey }), sealed()];
        expect(await enter(...batch)).toEqual({ kind: "taken", identityKeys: [first.identityKey] });
        for (const document of batch) expect(await store.read(document.id)).toBeUndefined();
        expect(await auditAll()).toEqual([first.id]);
      });

      test("nothing of a batch in which one id is in use", async () => {
        const first = sealed();
        await enter(first);
        await expect(enter(sealed(), sealed({ id: first.id }))).rejects.toMatchObject({ code: "internal" });
        expect(await auditAll()).toEqual([first.id]);
        expect(await enter(sealed())).toEqual({ kind: "committed" });
        expect(await auditAll()).toHaveLength(2);
      });

      test.each<[string, (commit: Commit) => Commit]>([
        ["holds nothing", (commit) => ({ ...commit, documents: [] })],
        ["leaves a gap", (commit) => ({ ...commit, documents: commit.documents.slice(1), checkpoint: { ...commit.checkpoint, size: 2 } })],
        ["has a checkpoint of another size", (commit) => ({ ...commit, checkpoint: { ...commit.checkpoint, size: 4 } })],
        ["proves against another checkpoint", (commit) => ({ ...commit, checkpoint: { ...commit.checkpoint, note: "another" } })],
        [
          "holds one identity key twice",
          (commit) => ({ ...commit, documents: commit.documents.map((document) => ({ ...document, identityKey: "same" })) }),
        ],
      ])("nothing of a commit that %s", async (_, spoil) => {
        const commit = await commitOf(sealedMany(3));
        await expect(store.commit(spoil(commit))).rejects.toMatchObject({ code: "internal" });
        expect(await auditAll()).toEqual([]);
      });
    });

    describe("under concurrency", () => {
      test("lets exactly one of ten commits win, made upon the same checkpoint through three connections", async () => {
        const stores = [store, await open(), await open()];
        await enter(sealed());
        const commits = await Promise.all(Array.from({ length: 10 }, () => commitOf(sealedMany(2))));
        const results = await Promise.all(commits.map((commit, at) => (stores[at % 3] ?? store).commit(commit)));
        expect(results.filter((result) => result.kind === "committed")).toHaveLength(1);
        expect(results.filter((result) => result.kind === "behind")).toHaveLength(9);
        expect(await auditAll()).toHaveLength(3);
      });

      test("stores exactly one of twenty twins through one ledger, and tells the others which", async () => {
        const ledger = await Ledger.open(store, signer);
        await expectOneWinner(await Promise.all(twins().map((document) => ledger.append(document))));
      });

      test("stores exactly one of twenty twins through two ledgers on two connections", async () => {
        const ledgers = [await Ledger.open(store, signer), await Ledger.open(await open(), signer)];
        const entered = await Promise.all(twins().map((document, at) => (ledgers[at % 2] ?? fail()).append(document)));
        await expectOneWinner(entered);
      });

      test("stores everything that two ledgers append at once", async () => {
        const ledgers = [await Ledger.open(store, signer), await Ledger.open(await open(), signer)];
        const documents = sealedMany(60);
        const entered = await Promise.all(documents.map((document, at) => (ledgers[at % 2] ?? fail()).append(document)));
        expect(entered.every((result) => result.kind === "stored")).toBe(true);
        expect((await auditAll()).sort()).toEqual(documents.map((document) => document.id).sort());
      });

      const twins = (): Sealed[] => sealedMany(20, { identityKey: "7a".repeat(32) });
      const expectOneWinner = async (entered: readonly Entered[]): Promise<void> => {
        const winners = entered.flatMap((result) => (result.kind === "stored" ? [result.stored] : []));
        const losers = entered.flatMap((result) => (result.kind === "twin" ? [result.twin] : []));
        expect([winners.length, losers.length]).toEqual([1, 19]);
        for (const twin of losers) expect(twin).toEqual({ id: winners[0]?.id, sameness: winners[0]?.sameness, isReadable: true });
        expect(await auditAll()).toEqual([winners[0]?.id]);
      };
    });

    describe("finds", () => {
      const at = (second: number): string => `2026-03-14T09:00:${String(second).padStart(2, "0")}.000Z`;
      const ids = (found: readonly { readonly id: string }[]): string[] => found.map(({ id }) => id);

      test("the newest by time of receipt, a page at a time, each once", async () => {
        // Received in another order than entered, and three in the same millisecond.
        const documents = [3, 1, 2, 7, 5, 5, 5, 9].map((second) => sealed({ summary: { receivedAt: at(second) } }));
        await enter(...documents.slice(0, 5));
        await enter(...documents.slice(5));
        const all = ids(await store.newest(100));
        expect(all).toEqual([7, 3, 6, 5, 4, 0, 2, 1].map((index) => documents[index]?.id));
        const paged: string[] = [];
        for (let page = await store.newest(3); page.length > 0; page = await store.newest(3, paged.at(-1))) paged.push(...ids(page));
        expect(paged).toEqual(all);
        expect(await store.newest(3, randomUUID())).toEqual([]);
      });

      test("documents in which every term begins a word, and no others", async () => {
        const brandt = sealed({ summary: { searchTerms: ["ada", "brandt", "j-4711"], receivedAt: at(1) } });
        const brand = sealed({ summary: { searchTerms: ["bo", "brand", "100%_x"], receivedAt: at(2) } });
        const cyrillic = sealed({ summary: { searchTerms: ["анна", "\u{1f9ec}"], receivedAt: at(3) } });
        await enter(brandt, brand, cyrillic);
        const expectations: readonly (readonly [readonly string[], readonly Sealed[]])[] = [
          [["brand"], [brand, brandt]],
          [["brandt"], [brandt]],
          [["bra", "ad"], [brandt]],
          [
            ["bra", "bra", ""],
            [brand, brandt],
          ],
          [["randt"], []],
          [["ada", "bo"], []],
          [["ANNA"], []],
          [["ан"], [cyrillic]],
          [["\u{1f9ec}"], [cyrillic]],
          [["%"], []],
          [["100%_"], [brand]],
          [["' OR 1=1 --"], []],
          [[], [cyrillic, brand, brandt]],
        ];
        for (const [terms, found] of expectations) expect([terms, ids(await store.search(terms, 10))]).toEqual([terms, ids(found)]);
        expect(ids(await store.search(["bra"], 1))).toEqual([brand.id]);
      });

      test("documents by their keys, by their claims and by their composition, each once", async () => {
        const first = sealed({ summary: { ownKeys: ["url:a", "identifier:|1"], compositionKeys: ["identifier:|c"], receivedAt: at(1) } });
        const claims = [
          { relation: "replaces", key: "url:a" },
          { relation: "appends", key: "url:a" },
          { relation: "appends", key: "identifier:|1" },
        ];
        const second = sealed({ summary: { ownKeys: ["url:b"], claims, compositionKeys: ["identifier:|c"], receivedAt: at(2) } });
        await enter(first, second);
        expect(ids(await store.named(["url:a", "identifier:|1", "url:a"]))).toEqual([first.id]);
        expect(ids(await store.named(["url:a", "url:b"]))).toEqual([second.id, first.id]);
        expect(ids(await store.claiming(["url:a", "identifier:|1"]))).toEqual([second.id]);
        expect(ids(await store.sharingComposition(["identifier:|c"]))).toEqual([second.id, first.id]);
        expect([await store.named(["url:"]), await store.claiming(["url:b"]), await store.sharingComposition([])]).toEqual([[], [], []]);
        expect(await store.summary(second.id)).toEqual(second.summary);
      });
    });

    test("that is closed refuses everything as unavailable, and may be closed twice", async () => {
      const commit = await commitOf([sealed()]);
      await store.close();
      await store.close();
      await expect(store.checkpoint()).rejects.toMatchObject({ code: "unavailable" });
      await expect(store.commit(commit)).rejects.toMatchObject({ code: "unavailable" });
      await expect(store.check()).rejects.toMatchObject({ code: "unavailable" });
    });
  });
}

function fail(): never {
  throw new Error("unreachable");
}
