/** A fault at every call that the adapter makes to its engine, in turn; after each the whole store is audited, and goes on. */
import { expect, test } from "@jest/globals";
import { randomBytes, randomUUID } from "node:crypto";
import { Collection } from "mongodb";
import { Ledger } from "../../../src/pipeline/log/ledger.ts";
import type { NewEntry } from "../../../src/pipeline/store/record-store.ts";
import type { NewDocument } from "../../../src/search/index-port.ts";
import { PERMIT_ALL } from "../../../src/search/predicate.ts";
import { audit } from "../../contracts/audit.ts";
import { newDocument, stepOf } from "../../contracts/indexed.ts";
import { newSigner, sealed } from "../../contracts/sealed.ts";
import { failCall, type Fault } from "./engine-faults.ts";
import { mongoPlace } from "./place.ts";
import { describeOnMongo } from "./server.ts";

describeOnMongo("faults of the engine", (url) => {
  test.each<Fault>(["lost", "unanswered"])(
    "a deposit, with each call %s in turn: acknowledged and there once, or refused and there wholly or not at all",
    async (fault) => {
      const place = await mongoPlace(url);
      const signer = newSigner();
      const { store, keys } = await place.open();
      const acknowledged: string[] = [];
      const refused: NewEntry[][] = [];
      for (let number = 1, calls = number; calls >= number - 1; number++) {
        const ledger = await Ledger.open(store, signer);
        // Two in one unit; one is large enough for chunks.
        const unit = [sealed({ size: 1_500_000 }), sealed({ kind: "attachment", documentId: randomUUID() })] as const;
        const key = new Uint8Array(randomBytes(65));
        const injected = failCall(number, fault);
        const entered = await keys
          .keep(unit[0].id, key)
          .then(() => ledger.append(unit))
          .catch((error: unknown) => error);
        calls = injected.end();
        expect(ledger.halt).toBeUndefined();
        if (entered instanceof Error) {
          expect(entered).toMatchObject({ code: "unavailable" });
          refused.push([...unit]);
        } else {
          expect(entered).toMatchObject({ kind: "stored" });
          expect(await keys.read(unit[0].id)).toEqual(key);
          acknowledged.push(...unit.map(({ id }) => id));
        }
        // It goes on by itself.
        expect(await ledger.append([sealed()])).toMatchObject({ kind: "stored" });
      }
      const ids = (await audit(store, signer)).map(({ id }) => id);
      expect(await place.orphans()).toEqual([]);
      expect(acknowledged.filter((id) => !ids.includes(id))).toEqual([]);
      for (const unit of refused) {
        const there = unit.filter(({ id }) => ids.includes(id));
        expect([0, unit.length]).toContain(there.length);
        for (const { id, content } of there) expect(Buffer.from((await store.content(id)) ?? "").equals(content ?? new Uint8Array())).toBe(true);
      }
      // Of the calls some can fail without harm: nothing but the commit's own answer is looked up.
      expect(acknowledged.length + refused.length).toBeGreaterThan(8);
      await store.close();
      await place.remove();
    },
  );

  test.each<Fault>(["lost", "unanswered"])("a step of the index, with each call %s in turn: done again it comes to the same", async (fault) => {
    const place = await mongoPlace(url);
    const room = await place.open();
    const { index } = await room.openIndex("test");
    const kept = newDocument({ from: 0, terms: ["ada"], links: { ownKeys: ["url:0"] } });
    await index.advance(stepOf([kept]));
    let size = 1;
    for (let number = 1, calls = number; calls >= number - 1; number++) {
      const documents = [0, 1].map((at) => newDocument({ from: size + at, terms: ["ada"] }));
      const step = { ...stepOf(documents), closed: [{ id: kept.summary.id, to: size }] };
      const injected = failCall(number, fault);
      const failure = await index.advance(step).then(
        () => undefined,
        (error: unknown) => error,
      );
      calls = injected.end();
      if (failure !== undefined) expect(failure).toMatchObject({ code: "unavailable" });
      // What was not told may have been done.
      expect(["advanced", "behind"]).toContain(await index.advance(step));
      size += 2;
      expect(await index.position()).toMatchObject({ size });
      expect((await index.search(["ada"], 100, PERMIT_ALL)).map(({ from }) => from)).toEqual(Array.from({ length: size }, (_, at) => size - 1 - at));
      expect(await index.document(kept.summary.id, PERMIT_ALL)).toMatchObject({ to: size - 2 });
    }
    await room.store.close();
    await place.remove();
  });

  test("a step that broke off is nowhere to be seen, and is made good by a shorter one or a longer one", async () => {
    const place = await mongoPlace(url);
    const room = await place.open();
    const { index } = await room.openIndex("test");
    const [first, second, third] = [0, 1, 2].map((from) => newDocument({ from, terms: ["ada"] })) as [NewDocument, NewDocument, NewDocument];
    await index.advance(stepOf([first]));
    // Made in three calls: places, rows, and then the position.
    const injected = failCall(3, "lost");
    const step = { ...stepOf([second, third]), closed: [{ id: first.summary.id, to: 2 }] };
    await expect(index.advance(step)).rejects.toMatchObject({ code: "unavailable" });
    injected.end();
    const look = async (): Promise<unknown> => (await index.newest(10, PERMIT_ALL)).map(({ from, to }) => [from, to]);
    expect(await look()).toEqual([[0, undefined]]);
    expect(await index.document(third.summary.id, PERMIT_ALL)).toBeUndefined();
    expect(await index.advance(stepOf([second]))).toBe("advanced");
    expect(await look()).toEqual([
      [1, undefined],
      [0, undefined],
    ]);
    expect(await index.advance({ ...stepOf([third]), closed: [{ id: first.summary.id, to: 2 }] })).toBe("advanced");
    expect(await look()).toEqual([
      [2, undefined],
      [1, undefined],
      [0, 2],
    ]);
    await room.store.close();
    await place.remove();
  });

  test("whoever was asleep in the middle of a step brings nothing back that was removed since", async () => {
    const place = await mongoPlace(url);
    const [room, other] = [await place.open(), await place.open()];
    const [index, sleeper] = [(await room.openIndex("test")).index, (await other.openIndex("test")).index];
    const [first, second] = [newDocument({ from: 0, terms: ["ada"] }), newDocument({ from: 1, terms: ["ada"] })];
    let wake: () => void = () => undefined;
    const asleep = new Promise<void>((resolve) => (wake = resolve));
    const isAsleep = pauseNextBulkWrite(asleep);
    const late = sleeper.advance(stepOf([first]));
    await isAsleep;
    expect(await index.advance(stepOf([first, second]))).toBe("advanced");
    expect(await index.advance({ ...stepOf([], 2), to: 3, mark: "3", removed: [first.summary.id] })).toBe("advanced");
    wake();
    expect(await late).toBe("behind");
    expect((await index.newest(10, PERMIT_ALL)).map(({ from }) => from)).toEqual([1]);
    expect(await index.document(first.summary.id, PERMIT_ALL)).toBeUndefined();
    expect(await index.search(["ada"], 10, PERMIT_ALL)).toHaveLength(1);
    await room.store.close();
    await other.store.close();
    await place.remove();
  });
});

/** The next bulk write waits until it is woken; gives when it has come so far. */
function pauseNextBulkWrite(woken: Promise<void>): Promise<void> {
  const original = Collection.prototype.bulkWrite;
  return new Promise((resolve) => {
    Collection.prototype.bulkWrite = async function (this: Collection, ...values: Parameters<typeof original>) {
      Collection.prototype.bulkWrite = original;
      resolve();
      await woken;
      return original.apply(this, values);
    };
  });
}
