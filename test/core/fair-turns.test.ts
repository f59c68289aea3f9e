import { describe, expect, test } from "@jest/globals";
import { setImmediate as nextTurn } from "node:timers/promises";
import { FairTurns, type Share } from "../../src/core/fair-turns.ts";

/** Work that the test ends, each piece by its name. */
class Work {
  readonly begun: string[] = [];
  readonly #turns: FairTurns;
  readonly #ends = new Map<string, () => void>();

  constructor(turns: FairTurns) {
    this.#turns = turns;
  }

  take(name: string, share: Share): Promise<string> {
    return this.#turns.take(share, () => {
      this.begun.push(name);
      return new Promise((resolve) => this.#ends.set(name, () => resolve(name)));
    });
  }

  async end(name: string): Promise<void> {
    this.#ends.get(name)?.();
    await nextTurn();
  }
}

function share(asker: string, spent = 0): Share {
  return { asker, spent };
}

describe("fair turns", () => {
  test("go to the question that has had least, whatever came before it", async () => {
    const work = new Work(new FairTurns({ width: 1, patience: 60_000 }));
    const all = [work.take("first", share("a", 900))];
    // A crowd that has had much already.
    for (let at = 0; at < 100; at++) all.push(work.take(`long ${at}`, share("a", 500 + at)));
    all.push(work.take("short", share("a", 3)));
    await nextTurn();
    await work.end("first");
    expect(work.begun).toEqual(["first", "short"]);
    await work.end("short");
    for (let at = 0; at < 100; at++) await work.end(`long ${at}`);
    await Promise.all(all);
    expect(work.begun).toHaveLength(102);
  });

  test("go from asker to asker: many questions of one are one asker's", async () => {
    const work = new Work(new FairTurns({ width: 1, patience: 60_000 }));
    const all = [work.take("a first", share("a"))];
    for (let at = 0; at < 20; at++) all.push(work.take(`a ${at}`, share("a")));
    await nextTurn();
    all.push(work.take("b 0", share("b")), work.take("b 1", share("b")));
    // Its first piece takes some time, and so it has had more than whoever has had nothing.
    const until = performance.now() + 3;
    while (performance.now() < until);
    await work.end("a first");
    expect(work.begun).toEqual(["a first", "b 0"]);
    await work.end("b 0");
    for (let at = 0; at < 22; at++) await work.end(work.begun.at(-1) ?? "");
    await Promise.all(all);
    expect(work.begun).toHaveLength(23);
  });

  test("are so many at once, in order of arrival among equals, and go on when work fails", async () => {
    const turns = new FairTurns({ width: 2, patience: 60_000 });
    const begun: number[] = [];
    const all = await Promise.allSettled(
      [0, 1, 2, 3, 4].map((at) =>
        turns.take(share(String(at)), async () => {
          begun.push(at);
          await nextTurn();
          if (at === 1) throw new Error("failed");
        }),
      ),
    );
    expect(begun.slice(0, 2)).toEqual([0, 1]);
    expect(begun.toSorted()).toEqual([0, 1, 2, 3, 4]);
    expect(all.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled", "fulfilled", "fulfilled"]);
  });

  test("that do not come in time are refused, and nothing was begun", async () => {
    const work = new Work(new FairTurns({ width: 1, patience: 20 }));
    const first = work.take("first", share("a"));
    await expect(work.take("late", share("a"))).rejects.toMatchObject({ code: "unavailable", retryAfter: 5 });
    await work.end("first");
    const next = work.take("next", share("a"));
    await nextTurn();
    await work.end("next");
    expect([await first, await next, work.begun]).toEqual(["first", "next", ["first", "next"]]);
  });

  test("count what a piece of work cost, where that is told, and not how long it took", async () => {
    const turns = new FairTurns({ width: 1, patience: 60_000 });
    const one = share("a");
    const work = (): Promise<string> => new Promise((resolve) => setTimeout(() => resolve("done"), 30));
    expect(await turns.take(one, work, () => 2)).toBe("done");
    expect(one.spent).toBe(2);
    await turns.take(one, work, () => undefined);
    expect(one.spent).toBeGreaterThan(20);
  });

  test("of a question that asks for many pieces at once come one by one among those of others", async () => {
    const turns = new FairTurns({ width: 1, patience: 60_000 });
    const begun: string[] = [];
    const piece = (name: string, own: Share): Promise<void> =>
      turns.take(
        own,
        async () => {
          begun.push(name);
          await nextTurn();
        },
        () => 0,
      );
    const [many, single] = [share("a"), share("a")];
    const all = Array.from({ length: 50 }, (_, at) => piece(`many ${at}`, many));
    all.push(piece("single", single));
    await Promise.all(all);
    expect(begun.indexOf("single")).toBe(1);
  });
});
