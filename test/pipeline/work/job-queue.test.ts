import { expect, test } from "@jest/globals";
import { JobQueue } from "../../../src/pipeline/work/job-queue.ts";

const ANY = (): boolean => true;

test("small work passes large work, but not what has waited as long as it takes", () => {
  const queue = new JobQueue<{ readonly name: string; readonly bytes: number; readonly since: number }>();
  queue.push({ name: "large", bytes: 10_000_000, since: 0 });
  queue.push({ name: "small, soon", bytes: 50_000, since: 100 });
  queue.push({ name: "small, late", bytes: 50_000, since: 1_995 });
  queue.push({ name: "small, first", bytes: 50_000, since: 50 });
  const order = [queue.take(ANY), queue.take(ANY), queue.take(ANY), queue.take(ANY), queue.take(ANY)].map((job) => job?.name);
  expect(order).toEqual(["small, first", "small, soon", "large", "small, late", undefined]);
  expect([queue.length, queue.bytes]).toEqual([0, 0]);
});

test("what may not run yet keeps its place", () => {
  const queue = new JobQueue<{ readonly bytes: number; readonly since: number }>();
  queue.push({ bytes: 10, since: 0 });
  queue.push({ bytes: 1, since: 1 });
  expect(queue.take(({ bytes }) => bytes < 5)).toEqual({ bytes: 1, since: 1 });
  expect(queue.take(({ bytes }) => bytes < 5)).toBeUndefined();
  expect([queue.length, queue.bytes]).toEqual([1, 10]);
  expect(queue.drain()).toEqual([{ bytes: 10, since: 0 }]);
});
