/** What every FollowerPositions must do, whatever engine keeps them. */
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { FollowerPositions } from "../../src/followers/position-port.ts";

export function describeFollowerPositions(
  name: string,
  open: () => Promise<{ readonly positions: FollowerPositions; close(): Promise<void> }>,
): void {
  describe(`${name} as FollowerPositions`, () => {
    let positions: FollowerPositions;
    let close: () => Promise<void>;
    beforeEach(async () => {
      ({ positions, close } = await open());
      await positions.begin("views", 3);
    });
    afterEach(() => close());

    test("a follower begins once", async () => {
      expect(await positions.read("others")).toBeUndefined();
      await positions.begin("views", 9);
      expect(await positions.read("views")).toEqual({ position: 3 });
    });

    test("its position moves from where it is, by one of two", async () => {
      const step = { from: 3, to: 4, now: 0 };
      const moved = await Promise.all([positions.move("views", "a", step), positions.move("views", "b", step)]);
      expect(moved.filter(Boolean)).toHaveLength(1);
      expect(await positions.move("views", "a", { from: 9, to: 10, now: 0 })).toBe(false);
      expect(await positions.move("nobody", "a", { from: 0, to: 1, now: 0 })).toBe(false);
      expect(await positions.read("views")).toEqual({ position: 4 });
    });

    test("who holds the lease keeps it until it has run out or is given back, and nobody else moves the position", async () => {
      expect(await positions.lease("views", "a", { now: 100, until: 200 })).toBe(true);
      expect(await positions.lease("views", "b", { now: 150, until: 250 })).toBe(false);
      expect(await positions.move("views", "b", { from: 3, to: 4, now: 150 })).toBe(false);
      expect(await positions.lease("views", "a", { now: 150, until: 300 })).toBe(true);
      expect(await positions.read("views")).toEqual({ position: 3, holder: "a", leasedUntil: 300 });
      expect(await positions.move("views", "a", { from: 3, to: 4, now: 150 })).toBe(true);
      expect(await positions.lease("views", "b", { now: 300, until: 400 })).toBe(true);
      expect(await positions.move("views", "a", { from: 4, to: 5, now: 350 })).toBe(false);
      await positions.release("views", "a");
      expect(await positions.lease("views", "a", { now: 350, until: 450 })).toBe(false);
      await positions.release("views", "b");
      expect(await positions.lease("views", "a", { now: 350, until: 450 })).toBe(true);
    });
  });
}
