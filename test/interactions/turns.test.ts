import { describe, expect, test } from "@jest/globals";
import { setImmediate as nextTurn } from "node:timers/promises";
import { Turns } from "../../src/interactions/turns.ts";

const LIMITS = { bytes: 100, patience: 60_000, breath: 1_000, light: 0, lightBytes: 0 };

/** Work that the test ends. */
function job(turns: Turns, bytes: number, begun: string[], name: string): { readonly done: Promise<string>; end(): void } {
  const { promise, resolve } = Promise.withResolvers<string>();
  const done = turns.take(bytes, () => {
    begun.push(name);
    return promise;
  });
  return { done, end: () => resolve(name) };
}

describe("turns", () => {
  test("come in order of arrival, so many bytes at once; one that is larger than all comes alone", async () => {
    const turns = new Turns(LIMITS);
    const begun: string[] = [];
    const [a, b, large, c] = [job(turns, 60, begun, "a"), job(turns, 40, begun, "b"), job(turns, 500, begun, "large"), job(turns, 1, begun, "c")];
    await nextTurn();
    expect([begun, turns.held]).toEqual([["a", "b"], 100]);
    a.end();
    await a.done;
    await nextTurn();
    // Nobody overtakes: the large one would else wait for ever.
    expect(begun).toEqual(["a", "b"]);
    b.end();
    await b.done;
    await nextTurn();
    expect([begun, turns.held]).toEqual([["a", "b", "large"], 100]);
    large.end();
    await large.done;
    c.end();
    expect([await c.done, begun, turns.held]).toEqual(["c", ["a", "b", "large", "c"], 0]);
  });

  test("let the event loop do other things between heavy work, and not between light work", async () => {
    const turns = new Turns({ ...LIMITS, bytes: 1_000, breath: 50 });
    const order: string[] = [];
    const work = (name: string) => (): Promise<void> => {
      order.push(name);
      return Promise.resolve();
    };
    const light = [1, 2, 3].map((at) => turns.take(1, work(`light ${at}`)));
    const heavy = [1, 2].map((at) => turns.take(60, work(`heavy ${at}`)));
    await nextTurn();
    order.push("others");
    await Promise.all([...light, ...heavy]);
    expect(order).toEqual(["light 1", "light 2", "light 3", "heavy 1", "others", "heavy 2"]);
  });

  test("that do not come in time are refused, and whoever stood behind goes on", async () => {
    const turns = new Turns({ ...LIMITS, patience: 30 });
    const begun: string[] = [];
    const first = job(turns, 90, begun, "first");
    const late = turns.take(50, () => Promise.resolve());
    const small = turns.take(5, () => Promise.resolve("small"));
    await expect(late).rejects.toMatchObject({ code: "unavailable", retryAfter: 5 });
    expect(await small).toBe("small");
    first.end();
    await first.done;
    expect(turns.held).toBe(0);
  });

  test("are given back after a failure, at the weight that turned out", async () => {
    const turns = new Turns(LIMITS);
    await expect(
      turns.take(10, (turn) => {
        turn.weigh(70);
        expect(turns.held).toBe(70);
        return Promise.reject(new Error("x"));
      }),
    ).rejects.toThrow("x");
    expect(turns.held).toBe(0);
  });

  test("light work has a room of its own: it waits for its like alone, and heavy work for heavy", async () => {
    const turns = new Turns({ ...LIMITS, light: 5, lightBytes: 10 });
    const begun: string[] = [];
    const heavy = [1, 2, 3].map((at) => job(turns, 100, begun, `heavy ${at}`));
    const light = [1, 2, 3].map((at) => job(turns, 5, begun, `light ${at}`));
    await nextTurn();
    expect([begun, turns.held, turns.waiting]).toEqual([["heavy 1", "light 1", "light 2"], 110, 3]);
    for (const one of light) {
      one.end();
      await one.done;
    }
    expect(begun).toEqual(["heavy 1", "light 1", "light 2", "light 3"]);
    for (const one of heavy) {
      one.end();
      await one.done;
    }
    expect([begun.slice(4), turns.held]).toEqual([["heavy 2", "heavy 3"], 0]);
  });
});
