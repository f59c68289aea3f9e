/** The contract of CosignedStore, for every adapter. */
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { CosignedStore } from "../../src/pipeline/witness/witness-port.ts";

export interface CosignedPlace {
  /** Opens what is there once more. */
  open(): Promise<CosignedStore>;
  remove(): Promise<void>;
}

export function describeCosignedStore(name: string, placeOf: () => Promise<CosignedPlace>): void {
  describe(`cosigned checkpoints in ${name}`, () => {
    let place: CosignedPlace;
    let store: CosignedStore;
    beforeEach(async () => {
      place = await placeOf();
      store = await place.open();
    });
    afterEach(async () => {
      await store.close();
      await place.remove();
    });
    const one = (size: number, at: number, origin = "a.example/log") => ({ origin, size, at, note: `note of ${size} at ${at}\n— a b\n` });

    test("are found by size, the newest last; of one size the latest", async () => {
      expect(await store.newest("a.example/log")).toBeUndefined();
      expect(await store.from("a.example/log", 0, 10)).toEqual([]);
      for (const [size, at] of [[10, 5], [9, 7], [10, 9], [100, 3], [9, 2]] as const) await store.put(one(size, at)); // prettier-ignore
      expect(await store.newest("a.example/log")).toEqual(one(100, 3));
      expect(await store.from("a.example/log", 10, 10)).toEqual([one(10, 5), one(10, 9), one(100, 3)]);
      expect(await store.from("a.example/log", 0, 2)).toEqual([one(9, 2), one(9, 7)]);
      expect(await store.from("a.example/log", 101, 10)).toEqual([]);
      // Behind one of several of one size.
      expect(await store.from("a.example/log", 10, 10, 6)).toEqual([one(10, 9), one(100, 3)]);
      expect(await store.from("a.example/log", 9, 1, 8)).toEqual([one(10, 5)]);
    });

    test("of another log are found under its own name alone", async () => {
      await store.put(one(3, 4));
      await store.put(one(90, 4, "b.example/log"));
      expect([await store.newest("a.example/log"), await store.newest("b.example/log")]).toEqual([one(3, 4), one(90, 4, "b.example/log")]);
      expect(await store.from("a.example/log", 0, 10)).toEqual([one(3, 4)]);
      expect(await store.newest("c.example/log")).toBeUndefined();
    });

    test("of the same size and time the first is left standing", async () => {
      await store.put(one(3, 4));
      await store.put({ ...one(3, 4), note: "another" });
      expect(await store.from("a.example/log", 0, 10)).toEqual([one(3, 4)]);
    });

    test("are there for whoever opens them next, at once", async () => {
      await store.put(one(9_007_199_254_740_000, 1_764_400_000_000));
      const other = await place.open();
      expect(await other.newest("a.example/log")).toEqual(one(9_007_199_254_740_000, 1_764_400_000_000));
      await other.close();
    });
  });
}
