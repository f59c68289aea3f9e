import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { AppError } from "../../../src/core/errors.ts";
import { CalledThread, standInFor } from "../../../src/core/threads/calls.ts";

interface Echo {
  same(value: unknown): Promise<unknown>;
  turn(): Promise<number>;
  refuse(): Promise<never>;
  unsendable(): Promise<unknown>;
  never(): Promise<never>;
}

let thread: CalledThread;
let echo: Echo;
beforeEach(() => {
  const module = new URL("./echo-worker.ts", import.meta.url);
  thread = new CalledThread({ module, ended: () => new AppError("unavailable", "it is over") });
  echo = standInFor<Echo>(thread, "echo", ["same", "turn", "refuse", "unsendable", "never"]);
});
afterEach(() => thread.end());

test("calls are answered each by its own answer, in the order in which they were made", async () => {
  expect(await Promise.all([echo.turn(), echo.same("one"), echo.turn(), echo.same(undefined)])).toEqual([1, "one", 2, undefined]);
});

test("large bytes with a buffer of their own are moved there and back; smaller ones, and views of a larger buffer, are copied", async () => {
  const [large, small] = [new Uint8Array(100_000).fill(7), new Uint8Array(100).fill(7)];
  const view = new Uint8Array(new ArrayBuffer(200_000), 0, 100_000);
  const [back] = (await Promise.all([echo.same({ part: large }), echo.same(small), echo.same(view)])) as [{ part: Uint8Array }, unknown, unknown];
  expect([large.length, small.length, view.length]).toEqual([0, 100, 100_000]);
  expect([back.part.length, back.part[99_999]]).toEqual([100_000, 7]);
});

test("what a method throws comes whole, with what is beneath", async () => {
  const cause = { name: "TypeError", message: "beneath", errcode: 5 };
  await expect(echo.refuse()).rejects.toMatchObject({ name: "AppError", code: "conflict", message: "for this test", retryAfter: 7, cause });
  await expect(echo.refuse()).rejects.toBeInstanceOf(AppError);
});

test("what can't be sent, there or back, is refused alone", async () => {
  const moved = new Uint8Array(100_000);
  structuredClone(moved, { transfer: [moved.buffer] });
  const asked = await Promise.allSettled([echo.same("before"), echo.same(moved), echo.same(() => 1), echo.same("after"), echo.unsendable()]);
  expect(asked.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "rejected", "fulfilled", "rejected"]);
  expect(asked.map((one) => one.status === "rejected" && (one.reason as AppError).code)).toEqual([false, "internal", "internal", false, "internal"]);
  expect(await echo.same("later")).toBe("later");
});

test("once it has ended everything is refused, what was under way too", async () => {
  const pending = echo.never().catch((error: unknown) => error);
  await echo.turn();
  await thread.end();
  expect(await pending).toMatchObject({ code: "unavailable", message: "it is over" });
  for (const refused of [echo.turn(), echo.same(1)]) await expect(refused).rejects.toMatchObject({ code: "unavailable", message: "it is over" });
});
