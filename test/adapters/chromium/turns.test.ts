import { describe, expect, test } from "@jest/globals";
import { openTurns } from "../../../src/adapters/chromium/turns.ts";

const never = new AbortController().signal;

/** A task that ends when it is told to. */
function held(): { task: () => Promise<string>; release: (result: string) => void; isRunning: () => boolean } {
  let release: (result: string) => void = () => undefined;
  let running = false;
  const task = (): Promise<string> => {
    running = true;
    return new Promise((resolve) => {
      release = resolve;
    });
  };
  return { task, release: (result) => release(result), isRunning: () => running };
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("openTurns", () => {
  test("runs no more than its number at once, first come first served", async () => {
    const turns = openTurns(1, 2);
    const [first, second, third] = [held(), held(), held()];
    const results = [first, second, third].map((one) => turns.take(one.task, never));
    await settle();
    expect([first.isRunning(), second.isRunning(), third.isRunning()]).toEqual([true, false, false]);
    first.release("a");
    await settle();
    expect([second.isRunning(), third.isRunning()]).toEqual([true, false]);
    second.release("b");
    await settle();
    third.release("c");
    expect(await Promise.all(results)).toEqual(["a", "b", "c"]);
  });

  test("refuses one more than may wait", async () => {
    const turns = openTurns(1, 1);
    const [first, second] = [held(), held()];
    const results = [turns.take(first.task, never), turns.take(second.task, never)];
    await expect(turns.take(held().task, never)).rejects.toMatchObject({ code: "unavailable" });
    first.release("a");
    await settle();
    second.release("b");
    expect(await Promise.all(results)).toEqual(["a", "b"]);
  });

  test("who gives up leaves the queue, and a task that fails passes its turn on", async () => {
    const turns = openTurns(1, 2);
    const first = held();
    const patience = new AbortController();
    const running = turns.take(first.task, never);
    const impatient = turns.take(() => Promise.resolve("never"), patience.signal);
    const failing = turns.take(() => Promise.reject(new Error("broken")), never);
    patience.abort();
    await expect(impatient).rejects.toMatchObject({ code: "unavailable" });
    first.release("a");
    await running;
    await expect(failing).rejects.toThrow("broken");
    expect(await turns.take(() => Promise.resolve("next"), never)).toBe("next");
  });
});
