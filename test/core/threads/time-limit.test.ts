import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import { TimeLimit } from "../../../src/core/threads/time-limit.ts";

// Time goes on when a test says so: how often a thread is asked in so many milliseconds is nothing that a busy machine keeps.
beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());
const gone = (milliseconds: number): Promise<void> => jest.advanceTimersByTimeAsync(milliseconds);

/** A thread that says of itself what a test has it say, one thing after another. */
function thread(...said: readonly (number | undefined)[]): { asked: number; usedTime(): Promise<number | undefined> } {
  const told = {
    asked: 0,
    usedTime: () => Promise.resolve(said[Math.min(told.asked++, said.length - 1)]),
  };
  return told;
}

/** When the limit is met, in milliseconds, and how often the thread was asked by then. */
async function met(one: ReturnType<typeof thread>, options: { time: number; patience?: number; silence?: number }): Promise<[number, number]> {
  const begun = performance.now();
  let over: [number, number] | undefined;
  const limit = new TimeLimit(one, { patience: 1_000, silence: 60_000, ...options, over: () => (over = [performance.now() - begun, one.asked]) });
  limit.goOn();
  while (over === undefined) await gone(1);
  return over;
}

test("what has used its time is over; what it had used before does not count", async () => {
  expect(await met(thread(500, 500 + 10), { time: 10 })).toEqual([10, 2]);
});

test("what got little of a processor is given the rest, again and again", async () => {
  expect(await met(thread(0, 2, 4, 6, 10), { time: 10 })).toEqual([10 + 8 + 6 + 4, 5]);
});

test("not for ever: work can also stand still", async () => {
  expect(await met(thread(0), { time: 10, patience: 3 })).toEqual([30, 4]);
});

test("what does not say how much it has used is over when it was waited for", async () => {
  const silent = { asked: 0, usedTime: () => (silent.asked++ === 0 ? Promise.resolve(0) : new Promise<number>(() => undefined)) };
  expect(await met(silent, { time: 10, silence: 10 })).toEqual([20, 2]);
  expect(await met(thread(0, undefined), { time: 10 })).toEqual([10, 2]);
});

test("while it is paused, and once it is stopped, nothing is over", async () => {
  let isOver = false;
  const one = thread(0, 1_000);
  const limit = new TimeLimit(one, { time: 5, patience: 10, silence: 10, over: () => (isOver = true) });
  limit.goOn();
  limit.pause();
  await gone(30);
  expect([isOver, one.asked]).toEqual([false, 1]);
  limit.goOn();
  limit.stop();
  await gone(30);
  expect([isOver, one.asked]).toEqual([false, 1]);
});

test("a thread that has much time is not asked before its work has gone on for a while", async () => {
  const quick = thread(0);
  const limit = new TimeLimit(quick, { time: 10_000, patience: 1, silence: 10, over: () => undefined });
  limit.goOn();
  limit.stop();
  await gone(50);
  expect(quick.asked).toBe(0);
  const slow = thread(0);
  const other = new TimeLimit(slow, { time: 10_000, patience: 1, silence: 10, over: () => undefined });
  other.goOn();
  await gone(50);
  other.stop();
  expect(slow.asked).toBe(1);
});
