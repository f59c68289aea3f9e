import { expect, test } from "@jest/globals";
import { TimeLimit } from "../../../src/core/threads/time-limit.ts";

/** A thread that says of itself what a test has it say, one thing after another. */
function thread(...said: readonly (number | undefined)[]): { asked: number; usedTime(): Promise<number | undefined> } {
  const told = {
    asked: 0,
    usedTime: () => Promise.resolve(said[Math.min(told.asked++, said.length - 1)]),
  };
  return told;
}

/** Resolves when the limit is met; how often the thread was asked by then. */
function met(one: ReturnType<typeof thread>, options: { time: number; patience?: number; silence?: number }): Promise<number> {
  return new Promise((resolve) => {
    const limit = new TimeLimit(one, { patience: 1_000, silence: 60_000, ...options, over: () => resolve(one.asked) });
    limit.goOn();
  });
}

test("what has used its time is over; what it had used before does not count", async () => {
  expect(await met(thread(500, 500 + 10), { time: 10 })).toBe(2);
});

test("what got little of a processor is given the rest, again and again", async () => {
  expect(await met(thread(0, 2, 4, 6, 10), { time: 10 })).toBe(5);
});

test("not for ever: work can also stand still", async () => {
  expect(await met(thread(0), { time: 10, patience: 3 })).toBeGreaterThan(2);
});

test("what does not say how much it has used is over when it was waited for", async () => {
  const silent = { asked: 0, usedTime: () => (silent.asked++ === 0 ? Promise.resolve(0) : new Promise<number>(() => undefined)) };
  expect(await met(silent, { time: 10, silence: 10 })).toBe(2);
  expect(await met(thread(0, undefined), { time: 10 })).toBe(2);
});

test("while it is paused, and once it is stopped, nothing is over", async () => {
  let isOver = false;
  const one = thread(0, 1_000);
  const limit = new TimeLimit(one, { time: 5, patience: 10, silence: 10, over: () => (isOver = true) });
  limit.goOn();
  limit.pause();
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect([isOver, one.asked]).toEqual([false, 1]);
  limit.goOn();
  limit.stop();
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect([isOver, one.asked]).toEqual([false, 1]);
});

test("a thread that has much time is not asked before its work has gone on for a while", async () => {
  const quick = thread(0);
  const limit = new TimeLimit(quick, { time: 10_000, patience: 1, silence: 10, over: () => undefined });
  limit.goOn();
  limit.stop();
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(quick.asked).toBe(0);
  const slow = thread(0);
  const other = new TimeLimit(slow, { time: 10_000, patience: 1, silence: 10, over: () => undefined });
  other.goOn();
  await new Promise((resolve) => setTimeout(resolve, 50));
  other.stop();
  expect(slow.asked).toBe(1);
});
