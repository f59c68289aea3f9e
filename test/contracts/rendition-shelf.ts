/** What every RenditionShelf must do, whatever engine keeps the renditions. It may forget, but it never gives what was not kept. */
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { RenditionShelf } from "../../src/pipeline/store/rendition-shelf.ts";

export const nameOf = (number: number): string => number.toString(16).padStart(64, "0");

/** Opens an empty shelf with room for `most` bytes; `again` opens the same once more, as another process would. */
export type OpenShelf = (most: number) => Promise<{ readonly shelf: RenditionShelf; again(): RenditionShelf; close(): Promise<void> }>;

export function describeRenditionShelf(name: string, open: OpenShelf): void {
  describe(`${name} as RenditionShelf`, () => {
    let shelf: RenditionShelf;
    let again: () => RenditionShelf;
    let close: () => Promise<void>;
    const bytes = (length: number, fill: number): Uint8Array => new Uint8Array(length).fill(fill);
    const keptOf = async (of: RenditionShelf, count: number): Promise<number[]> => {
      const found = await Promise.all(Array.from({ length: count }, (_, at) => of.read(nameOf(at))));
      return found.flatMap((one, at) => (one ? [at] : []));
    };
    beforeEach(async () => {
      ({ shelf, again, close } = await open(1_000));
    });
    afterEach(() => close());

    test("gives what was kept, under its name alone, and nothing once it was dropped", async () => {
      await shelf.keep(nameOf(1), bytes(100, 7));
      expect([...((await shelf.read(nameOf(1))) ?? [])]).toEqual([...bytes(100, 7)]);
      expect(await shelf.read(nameOf(2))).toBeUndefined();
      await shelf.keep(nameOf(1), bytes(90, 8));
      expect([...((await again().read(nameOf(1))) ?? [])]).toEqual([...bytes(90, 8)]);
      await shelf.drop(nameOf(1));
      await shelf.drop(nameOf(1));
      expect([await shelf.read(nameOf(1)), await again().read(nameOf(1))]).toEqual([undefined, undefined]);
    });

    test("keeps no more than it has room for, and what was asked for last; also when it is opened again", async () => {
      for (let at = 0; at < 10; at += 1) {
        await shelf.keep(nameOf(at), bytes(100, at));
        await new Promise((resolve) => setTimeout(resolve, 12));
      }
      expect(await keptOf(shelf, 10)).toHaveLength(10);
      await new Promise((resolve) => setTimeout(resolve, 12));
      await shelf.read(nameOf(0));
      await new Promise((resolve) => setTimeout(resolve, 12));
      const second = again();
      for (let at = 10; at < 13; at += 1) await second.keep(nameOf(at), bytes(100, at));
      const kept = await keptOf(second, 13);
      expect(kept.length).toBeLessThanOrEqual(10);
      expect(kept).toEqual(expect.arrayContaining([0, 10, 11, 12]));
    });

    test("keeps nothing that would drive out the most of the others", async () => {
      await shelf.keep(nameOf(1), bytes(100, 1));
      await shelf.keep(nameOf(2), bytes(800, 2));
      expect(await keptOf(shelf, 3)).toEqual([1]);
    });

    test("of many who keep and read at once, each finds all of what it kept, or nothing", async () => {
      const shelves = [shelf, again(), again()];
      const rounds = Array.from({ length: 60 }, async (_, round) => {
        const one = shelves[round % shelves.length] as RenditionShelf;
        await one.keep(nameOf(round % 7), bytes(60 + (round % 7), round % 7));
        const found = await one.read(nameOf(round % 7));
        if (found) expect([...found]).toEqual([...bytes(60 + (round % 7), round % 7)]);
      });
      await Promise.all(rounds);
      expect((await keptOf(again(), 7)).length).toBeGreaterThan(0);
    });
  });
}
