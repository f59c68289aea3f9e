import { describe, expect, jest, test } from "@jest/globals";
import { randomBytes } from "node:crypto";
import { Timestamp } from "mongodb";
import { openMongo } from "../../../src/adapters/mongo/open.ts";
import { sweep } from "../../../src/adapters/mongo/sweep.ts";
import { Ledger } from "../../../src/pipeline/log/ledger.ts";
import { nextCommit } from "../../../src/pipeline/log/next-commit.ts";
import { audit } from "../../contracts/audit.ts";
import { newSigner, sealed } from "../../contracts/sealed.ts";
import { mongoPlace, type MongoPlace } from "./place.ts";
import { asStranger, describeOnMongo } from "./server.ts";

const NONE = { entries: 0, chunks: 0, keys: 0 };
const MINUTE = 60;

/** Makes rows of a collection older, by so many seconds, as time would. */
async function age(place: MongoPlace, collection: string, seconds: number, ids?: readonly string[]): Promise<void> {
  await asStranger(place.url, async (client) => {
    const rows = client.db().collection<{ _id: string; at: Timestamp }>(collection);
    for await (const { _id, at } of rows.find())
      if (ids === undefined || ids.some((id) => _id.startsWith(id)))
        await rows.updateOne({ _id }, { $set: { at: new Timestamp({ t: at.t - seconds, i: 1 }) } });
  });
}

describeOnMongo("the sweep", (url) => {
  describe("removes", () => {
    test("what was never committed, once it is an hour old and the log has moved on; nothing else", async () => {
      const place = await mongoPlace(url);
      const signer = newSigner();
      const { store, keys } = await place.open();
      const ledger = await Ledger.open(store, signer);
      const key = new Uint8Array(randomBytes(65));
      const [kept, lost, young] = [sealed({ size: 5_000_000 }), sealed({ size: 5_000_000 }), sealed({ size: 2_000_000 })];
      for (const { id } of [kept, lost, young]) await keys.keep(id, key);
      await ledger.append([kept]);
      await store.stage(lost);
      await store.stage(young);
      expect(await sweep(place.url, undefined)).toEqual({ ...NONE, left: 2 + 3 + 2 });

      const everyWhere = ["staged", "chunks", "keys"];
      for (const collection of everyWhere) await age(place, collection, 61 * MINUTE, [kept.id, lost.id]);
      await age(place, "commits", 61 * MINUTE);
      // Old, but whoever staged it might still hold a commit upon the size that the log has.
      expect(await sweep(place.url, undefined)).toMatchObject(NONE);
      await ledger.append([sealed()]);
      expect(await sweep(place.url, undefined)).toEqual({ entries: 1, chunks: 2, keys: 1, left: 1 + 1 + 1 });

      expect(Buffer.from((await store.content(kept.id)) ?? "").equals(kept.content ?? new Uint8Array())).toBe(true);
      expect([await keys.read(kept.id), await keys.read(lost.id), await keys.read(young.id)]).toEqual([key, undefined, key]);
      expect(await ledger.append([young])).toMatchObject({ kind: "stored" });
      expect((await audit(store, signer)).length).toBe(3);
      expect(await place.orphans()).toEqual([]);
      await store.close();
      await place.remove();
    });

    test("chunks of an attempt that was broken off, beside those of the one that succeeded", async () => {
      const place = await mongoPlace(url);
      const { store } = await place.open();
      const ledger = await Ledger.open(store, newSigner());
      const document = sealed({ size: 2_000_000 });
      await ledger.append([document]);
      await asStranger(place.url, (client) =>
        client
          .db()
          .collection<{ _id: string; at: Timestamp }>("chunks")
          .insertOne({ _id: `${document.id}/another/content/0`, at: new Timestamp(0n) }),
      );
      await age(place, "chunks", 61 * MINUTE);
      expect(await sweep(place.url, undefined)).toMatchObject({ ...NONE, chunks: 1 });
      expect(await store.content(document.id)).toHaveLength(2_000_000);
      await store.close();
      await place.remove();
    });
  });

  test.each<[string, number, number]>([
    ["by the machine's clock", 11 * MINUTE, 0],
    ["by time itself", 0, 11 * MINUTE],
  ])("nobody commits what he staged more than ten minutes ago, %s", async (_, clock, steady) => {
    const place = await mongoPlace(url);
    const { store } = await place.open();
    const document = sealed();
    await store.stage(document);
    const commit = await nextCommit([document], 0, newSigner(), (places) => store.nodes(places));
    const [now, performanceNow] = [Date.now.bind(Date), performance.now.bind(performance)];
    const spies = [
      jest.spyOn(Date, "now").mockImplementation(() => now() + clock * 1_000),
      jest.spyOn(performance, "now").mockImplementation(() => performanceNow() + steady * 1_000),
    ];
    try {
      await expect(store.commit(commit, Infinity)).rejects.toMatchObject({ code: "unavailable" });
    } finally {
      for (const spy of spies) spy.mockRestore();
    }
    expect(await store.commit(commit, Infinity)).toEqual({ kind: "committed" });
    // Another who stages it anew learns how old it is.
    const old = sealed();
    await store.stage(old);
    store.discard([old.id]);
    await age(place, "staged", 11 * MINUTE, [old.id]);
    await expect(store.stage(old)).rejects.toMatchObject({ code: "unavailable" });
    await store.close();
    await place.remove();
  });

  test("leaves a database alone that is being filled, where what is old is staged again and committed", async () => {
    const place = await mongoPlace(url);
    const signer = newSigner();
    const { store, laidDown } = await place.open();
    await laidDown("arriving").lay("a copy");
    await expect(sweep(place.url, undefined)).rejects.toMatchObject({ code: "conflict" });
    const entry = sealed({ size: 2_000_000 });
    await store.stage(entry);
    await age(place, "staged", 61 * MINUTE);
    const filling = await openMongo(place.url, { isArriving: true });
    await filling.store.stage(entry);
    const commit = await nextCommit([entry], 0, signer, () => Promise.resolve([]));
    expect(await filling.store.commit(commit, Infinity)).toEqual({ kind: "committed" });
    expect(await audit(filling.store, signer)).toHaveLength(1);
    await laidDown("arrived").lay("a copy");
    expect(await sweep(place.url, undefined)).toMatchObject(NONE);
    await filling.store.close();
    await store.close();
    await place.remove();
  });
});
