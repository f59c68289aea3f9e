import { afterEach, expect, test } from "@jest/globals";
import { LimitedWorker } from "../../../src/core/threads/limited-worker.ts";

let worker: LimitedWorker<string, string>;
afterEach(() => worker.close());

/** A thread that does as it is told: answers, takes memory without end, never comes to an end, or ends. */
const DEEDS = `data:text/javascript,${encodeURIComponent(`
  import { parentPort } from "node:worker_threads";
  parentPort.on("message", (deed) => {
    const kept = [];
    if (deed === "grow") for (;;) kept.push({ text: [1, 2] });
    if (deed === "loop") for (;;);
    if (deed === "end") process.exit(3);
    parentPort.postMessage(deed);
  });`)}`;

test.each([
  ["grow", 60_000, { limit: "memory" }],
  ["loop", 50, { limit: "time" }],
  ["end", 60_000, { limit: "failed" }],
])("%s is told as such, and the next question has a new thread", async (deed, time, outcome) => {
  worker = new LimitedWorker({ module: new URL(DEEDS), memory: 64, idle: 1_000 });
  const [first, second] = await Promise.all([worker.ask(deed, time), worker.ask("well", 60_000)]);
  expect(first).toEqual(outcome);
  expect(second).toEqual({ answer: "well" });
});
