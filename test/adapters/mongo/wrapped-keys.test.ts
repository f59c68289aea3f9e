/** A key is destroyed between any two calls of who replaces it, and the other way round: the engine knows no transaction, so the calls themselves must see to it. */
import { expect, test } from "@jest/globals";
import { randomBytes } from "node:crypto";
import { Ledger } from "../../../src/pipeline/log/ledger.ts";
import type { KeyMove } from "../../../src/pipeline/store/document-keys.ts";
import { newSigner, sealed } from "../../contracts/sealed.ts";
import { beforeCall, failCall } from "./engine-faults.ts";
import { mongoPlace, type MongoPlace } from "./place.ts";
import { describeOnMongo } from "./server.ts";

type Room = Awaited<ReturnType<MongoPlace["open"]>>;

/** A document's key in each of three processes, and moves of it to a later epoch. */
async function begin(
  url: string,
): Promise<{ readonly place: MongoPlace; readonly rooms: readonly [Room, Room, Room]; put(): Promise<string>; close(): Promise<void> }> {
  const place = await mongoPlace(url);
  const rooms = [await place.open(), await place.open(), await place.open()] as const;
  const ledger = await Ledger.open(rooms[0].store, newSigner());
  return {
    ...{ place, rooms },
    put: async () => {
      const document = sealed({ size: 10 });
      await rooms[0].keys.keep(document.id, KEY);
      await ledger.append([document]);
      return document.id;
    },
    close: async () => {
      await Promise.all(rooms.map(({ store }) => store.close()));
      await place.remove();
    },
  };
}

const KEY: Uint8Array = new Uint8Array(randomBytes(65));
const moveOf = (documentId: string, from: Uint8Array = KEY): KeyMove => ({ documentId, from, to: new Uint8Array(randomBytes(65)) });

describeOnMongo("keys that are replaced and destroyed at once", (url) => {
  test.each([2, 3])("destroyed right before any call of who replaces it, by somebody who knew of %s epochs or not", async (epochs) => {
    const { place, rooms, put, close } = await begin(url);
    const [first, replacing, destroying] = rooms;
    // Each time an epoch that is new to all. Who is overtaken early makes fewer calls.
    const undisturbed = await put();
    const all = await beforeCall(0, () => Promise.resolve(), () => replacing.keys.replace(epochs, [moveOf(undisturbed)])); // prettier-ignore
    expect(all).toBeGreaterThan(4);
    for (let at = 1; at <= all; at++) {
      const id = await put();
      const moved = moveOf(id);
      // A key that was moved before, and one that is moved for the first time.
      if (at % 2 === 0) await first.keys.replace(epochs, [moved]);
      const move = at % 2 === 0 ? moveOf(id, moved.to) : moveOf(id);
      const calls = await beforeCall(at, () => destroying.keys.destroy(id), () => replacing.keys.replace(epochs + at, [move])); // prettier-ignore
      if (at <= calls) expect([at, await place.keysOf(id), await first.keys.read(id)]).toEqual([at, 0, undefined]);
      else await destroying.keys.destroy(id);
      // Also whoever read it before and sleeps longer finds no way.
      expect(await first.keys.replace(epochs + at, [move])).toBe(0);
      expect(await place.keysOf(id)).toBe(0);
    }
    await close();
  });

  test("replaced right before any call of who destroys it", async () => {
    const { place, rooms, put, close } = await begin(url);
    const [first, replacing, destroying] = rooms;
    for (let at = 1, calls = at; at <= calls; at++) {
      const id = await put();
      // Each time an epoch that is new to all.
      calls = await beforeCall(at, () => replacing.keys.replace(1 + at, [moveOf(id)]), () => destroying.keys.destroy(id)); // prettier-ignore
      expect([at, await place.keysOf(id), await first.keys.read(id)]).toEqual([at, 0, undefined]);
      expect(calls).toBeGreaterThan(3);
    }
    await close();
  });

  test("read at any moment there is one, and replaced by another at any moment there is one in the end", async () => {
    const { place, rooms, put, close } = await begin(url);
    const [first, replacing, other] = rooms;
    for (let at = 1, calls = at; at <= calls; at++) {
      const id = await put();
      const [mine, others] = [moveOf(id), moveOf(id)];
      const seen: (Uint8Array | undefined)[] = [];
      calls = await beforeCall(at, async () => {
          seen.push(await first.keys.read(id));
          await other.keys.replace(1 + at, [others]);
          seen.push(await first.keys.read(id));
        }, () => replacing.keys.replace(1 + at, [mine])); // prettier-ignore
      for (const key of seen) expect([KEY, mine.to, others.to]).toContainEqual(key);
      expect(await place.keysOf(id)).toBe(1);
      expect([mine.to, others.to]).toContainEqual(await first.keys.read(id));
      // Who reads and is overtaken at any of its own calls.
      const next = moveOf(id, await first.keys.read(id));
      let read: Uint8Array | undefined;
      await beforeCall((at % 3) + 1, () => other.keys.replace(100 + at, [next]), async () => (read = await first.keys.read(id))); // prettier-ignore
      expect([next.from, next.to]).toContainEqual(read);
    }
    await close();
  });

  test.each(["lost", "unanswered"] as const)("a call %s: done again it comes to the same", async (fault) => {
    const { place, rooms, put, close } = await begin(url);
    for (let at = 1, calls = at; at <= calls; at++) {
      const id = await put();
      const move = moveOf(id);
      const replacing = failCall(at, fault);
      await rooms[0].keys.replace(1 + at, [move]).catch(() => undefined);
      calls = replacing.end();
      await rooms[0].keys.replace(1 + at, [move]);
      expect([at, await rooms[1].keys.read(id), await place.keysOf(id)]).toEqual([at, move.to, 1]);
      const destroying = failCall(at, fault);
      await rooms[0].keys.destroy(id).catch(() => undefined);
      calls = Math.max(calls, destroying.end());
      await rooms[0].keys.destroy(id);
      expect([at, await rooms[1].keys.read(id), await place.keysOf(id)]).toEqual([at, undefined, 0]);
    }
    await close();
  });
});
