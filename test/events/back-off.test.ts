import { expect, test } from "@jest/globals";
import { failed, isGivenUp, recovered } from "../../src/events/back-off.ts";

const ROW = { subscription: "a", delivered: 7, version: 1, failures: 0, notBefore: 0 };
const [SECOND, HOUR, DAY] = [1_000, 3_600_000, 86_400_000];

test("it is tried later and later, at most an hour, and somewhat by chance", () => {
  const pauses = Array.from({ length: 14 }, (_, failures) => failed({ ...ROW, failures }, { now: 0, reason: "no" }, 0).notBefore / SECOND);
  expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024, 2_048, 3_600, 3_600]);
  expect(failed({ ...ROW, failures: 40 }, { now: 0, reason: "no" }, 0.5).notBefore).toBe(0.75 * HOUR);
});

test("as late as the receiver wants, but no later than an hour", () => {
  expect(failed(ROW, { now: 5, reason: "no", retryAfter: 120 }, 0).notBefore).toBe(120_005);
  expect(failed(ROW, { now: 0, reason: "no", retryAfter: 1e9 }, 0).notBefore).toBe(HOUR);
});

test("since when it fails is kept until it takes something; its position stays", () => {
  const twice = failed(failed(ROW, { now: 5, reason: "one" }), { now: 9, reason: "two" });
  expect(twice).toMatchObject({ failures: 2, failingSince: 5, lastFailure: "two", delivered: 7 });
  expect(recovered(twice)).toEqual({ ...ROW, lastFailure: "two" });
});

test("it is given up after three days; one that was never there, after a few attempts", () => {
  expect([3 * DAY - 1, 3 * DAY].map((now) => isGivenUp({ failures: 90, failingSince: 0 }, now, false))).toEqual([false, true]);
  expect([5, 6].map((failures) => isGivenUp({ failures, failingSince: 0 }, 60_000, true))).toEqual([false, true]);
  expect(isGivenUp({ failures: 0 }, 9 * DAY, false)).toBe(false);
});
