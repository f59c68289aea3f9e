/** Nobody has more in hand than their part, whoever else asks goes on, and nothing that waits is lost or begun twice. */
import { expect, jest, test } from "@jest/globals";
import { AtOnce } from "../../src/core/at-once.ts";

/** Work that ends when it is told to. */
function workshop(limits = { each: 2, waiting: 3, patience: 60_000 }) {
  const turns = new AtOnce(limits);
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const ask = (asker: string, name: string): Promise<string> =>
    turns.take(asker, () => {
      begun.push(name);
      return new Promise((resolve) => ends.set(name, () => resolve(name)));
    });
  const end = async (name: string): Promise<void> => {
    ends.get(name)?.();
    for (let turn = 0; turn < 5; turn++) await Promise.resolve();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { turns, begun, ask, end };
}

test("one asker has so much in hand, in order of arrival, and another waits for none of it", async () => {
  const { turns, begun, ask, end } = workshop();
  const all = ["a1", "a2", "a3", "a4"].map((name) => ask("a", name));
  const other = ask("b", "b1");
  expect(begun).toEqual(["a1", "a2", "b1"]);
  await end("a2");
  expect(begun).toEqual(["a1", "a2", "b1", "a3"]);
  await end("b1");
  await end("a1");
  await end("a3");
  await end("a4");
  expect(await Promise.all([...all, other])).toEqual(["a1", "a2", "a3", "a4", "b1"]);
  expect(turns.size).toBe(0);
});

test("what fails gives its place to the next", async () => {
  const turns = new AtOnce({ each: 1, waiting: 1, patience: 60_000 });
  const failing = turns.take("a", () => Promise.reject(new Error("no")));
  const next = turns.take("a", () => Promise.resolve("yes"));
  await expect(failing).rejects.toThrow("no");
  expect(await next).toBe("yes");
  expect(turns.size).toBe(0);
});

test("too many that wait are refused, those of others are not", async () => {
  const { ask, end, turns } = workshop({ each: 1, waiting: 1, patience: 60_000 });
  const [first, second] = [ask("a", "a1"), ask("a", "a2")];
  await expect(ask("a", "a3")).rejects.toMatchObject({ code: "too-many-requests" });
  const other = ask("b", "b1");
  for (const name of ["a1", "a2", "b1"]) await end(name);
  expect(await Promise.all([first, second, other])).toEqual(["a1", "a2", "b1"]);
  expect(turns.size).toBe(0);
});

test("who waits too long is told so, and is never begun", async () => {
  jest.useFakeTimers({ doNotFake: ["setImmediate"] });
  try {
    const { begun, ask, end, turns } = workshop({ each: 1, waiting: 5, patience: 1_000 });
    const [first, late] = [ask("a", "a1"), ask("a", "a2")];
    const refused = expect(late).rejects.toMatchObject({ code: "unavailable" });
    jest.advanceTimersByTime(1_000);
    await refused;
    await end("a1");
    expect([await first, begun, turns.size]).toEqual(["a1", ["a1"], 0]);
  } finally {
    jest.useRealTimers();
  }
});
