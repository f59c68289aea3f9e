import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import { Pace } from "../../../src/pipeline/log/pace.ts";

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ["setTimeout"] });
});

afterEach(() => {
  jest.useRealTimers();
});

const commitOf = (milliseconds: number) => (): Promise<void> => {
  jest.advanceTimersByTime(milliseconds);
  return Promise.resolve();
};

test("whoever meets nobody does not wait", async () => {
  const pace = new Pace();
  await pace.timed(commitOf(40));
  expect(pace.pause).toBe(0);
});

test("whoever met others waits for about as long as a commit takes, for a while, and never for long", async () => {
  const pace = new Pace();
  for (let round = 0; round < 50; round++) await pace.timed(commitOf(40));
  await pace.afterLoss(0);
  expect(pace.pause).toBeGreaterThan(35);
  expect(pace.pause).toBeLessThanOrEqual(40);
  for (let round = 0; round < 50; round++) await pace.timed(commitOf(10_000));
  await pace.afterLoss(0);
  expect(pace.pause).toBeLessThanOrEqual(100);
  jest.advanceTimersByTime(2_000);
  expect(pace.pause).toBe(0);
});
