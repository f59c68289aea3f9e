import { beforeEach, expect, test } from "@jest/globals";
import { LockOut, type Attempt } from "../../src/accounts/lock-out.ts";

let now = 0;
let lockOut: LockOut;
beforeEach(() => {
  now = 0;
  lockOut = new LockOut({ now: () => now, most: 1_000 });
});
const stranger = (person: string, address: string): Attempt => ({ person, address, device: undefined });
const fail = (attempt: Attempt, times: number): void => {
  for (let at = 0; at < times; at++) lockOut.failed(attempt);
};

test("a slip costs nothing; whoever goes on guessing waits twice as long each time, up to a quarter of an hour", () => {
  const anna = stranger("anna", "1.1.1.1");
  fail(anna, 5);
  expect(lockOut.waitOf(anna)).toBe(0);
  const waits = Array.from({ length: 14 }, () => {
    lockOut.failed(anna);
    return lockOut.waitOf(anna) / 1000;
  });
  expect(waits.slice(0, 5)).toEqual([1, 2, 4, 8, 16]);
  expect(waits.at(-1)).toBe(900);
  now += 900_000;
  expect(lockOut.waitOf(anna)).toBe(0);
});

test("a device at which the person signed in before does not wait for what others do, from the same address or any", () => {
  const own: Attempt = { person: "anna", address: "1.1.1.1", device: "d" };
  fail(stranger("anna", "1.1.1.1"), 60);
  for (let at = 0; at < 60; at++) lockOut.failed(stranger("anna", `2.2.2.${at}`));
  expect(lockOut.waitOf(own)).toBe(0);
  fail(own, 7);
  expect(lockOut.waitOf(own)).toBe(2_000);
  lockOut.passed(own);
  expect(lockOut.waitOf(own)).toBe(0);
});

test("who shares an address with a guesser, or is guessed at from everywhere, waits a minute at most", () => {
  for (let at = 0; at < 300; at++) lockOut.failed(stranger(`user-${at}`, "1.1.1.1"));
  expect(lockOut.waitOf(stranger("otto", "1.1.1.1"))).toBe(60_000);
  for (let at = 0; at < 300; at++) lockOut.failed(stranger("anna", `10.0.${at}.1`));
  expect(lockOut.waitOf(stranger("anna", "192.168.0.1"))).toBe(60_000);
});

test("whoever has one IPv6 address has as many as they like: their network is counted", () => {
  for (let at = 0; at < 8; at++) lockOut.failed(stranger("anna", `2001:db8:0:7::${at.toString(16)}`));
  expect(lockOut.waitOf(stranger("anna", "2001:db8:0:7:ffff::1"))).toBeGreaterThan(1_000);
  expect(lockOut.waitOf(stranger("anna", "2001:db8:0:8::1"))).toBe(0);
});

test("the right password ends the wait of the pair, and not what others caused", () => {
  const anna = stranger("anna", "1.1.1.1");
  fail(anna, 6);
  now += 2_000;
  lockOut.passed(anna);
  lockOut.failed(anna);
  expect(lockOut.waitOf(anna)).toBe(0);
});

test("many names that nobody has make memory no larger than it may be, and an hour later all is forgotten", () => {
  for (let at = 0; at < 5_000; at++) lockOut.failed(stranger(`nobody-${at}`, `10.${at % 250}.0.1`));
  expect(lockOut.size).toBeLessThanOrEqual(1_000);
  const anna = stranger("anna", "1.1.1.1");
  fail(anna, 8);
  expect(lockOut.waitOf(anna)).toBeGreaterThan(0);
  now += 3_600_001;
  expect(lockOut.waitOf(anna)).toBe(0);
  lockOut.failed(anna);
  expect(lockOut.waitOf(anna)).toBe(0);
});
