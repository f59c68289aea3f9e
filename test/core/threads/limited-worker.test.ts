import { afterEach, expect, test } from "@jest/globals";
import { LimitedWorker } from "../../../src/core/threads/limited-worker.ts";

let worker: LimitedWorker<string, string>;
afterEach(() => worker.close());

/**
 * A thread that does as it is told: answers, takes memory without end, never comes to an end, or ends. It takes memory in small pieces: V8 ends the whole process where a thread meets its limit within a built-in
 * function, such as the one that makes a long array longer.
 */
const DEEDS = `data:text/javascript,${encodeURIComponent(`
  import { parentPort } from "node:worker_threads";
  parentPort.postMessage("ready");
  parentPort.on("message", (deed) => {
    let kept;
    if (deed === "grow") for (;;) kept = { before: kept, text: "a piece" };
    if (deed === "loop") for (;;);
    if (deed === "end") process.exit(3);
    parentPort.postMessage(deed);
  });`)}`;

test.each([
  ["grow", 60_000, { limit: "memory" }],
  ["loop", 50, { limit: "time" }],
  ["end", 60_000, { limit: "failed" }],
])("%s is told as such, and the next question has a new thread", async (deed, time, outcome) => {
  worker = new LimitedWorker({ module: new URL(DEEDS), limits: { maxOldGenerationSizeMb: 64 }, startLimit: 60_000, patience: 100, idle: 1_000 });
  const [first, second] = await Promise.all([worker.ask(deed, time), worker.ask("well", 60_000)]);
  expect(first).toEqual(outcome);
  expect(second).toEqual({ answer: "well" });
});

test("a thread that is never ready is told as such, and one that is spent is replaced", async () => {
  const limits = { maxOldGenerationSizeMb: 64 };
  const silent = new URL("data:text/javascript,setInterval(() => undefined, 1000)");
  worker = new LimitedWorker({ module: silent, limits, startLimit: 100, patience: 1 });
  expect(await worker.ask("well", 60_000)).toEqual({ limit: "start" });
  await worker.close();
  expect(await worker.ask("well", 60_000)).toEqual({ limit: "closed" });

  const COUNTING = `data:text/javascript,${encodeURIComponent(`
    import { parentPort } from "node:worker_threads";
    let answers = 0;
    parentPort.postMessage("ready");
    parentPort.on("message", () => parentPort.postMessage(String(++answers)));`)}`;
  worker = new LimitedWorker({ module: new URL(COUNTING), limits, startLimit: 60_000, patience: 100, isSpent: (_, count) => count >= 2 });
  const answers = [];
  for (let question = 0; question < 5; question++) answers.push(await worker.ask("well", 60_000));
  expect(answers).toEqual(["1", "2", "1", "2", "1"].map((answer) => ({ answer })));
});

test("a thread that answers nothing, as within a built-in function, is given up", async () => {
  const STUCK = `data:text/javascript,${encodeURIComponent(`
    import { parentPort } from "node:worker_threads";
    parentPort.postMessage("ready");
    parentPort.on("message", () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0));`)}`;
  worker = new LimitedWorker({ module: new URL(STUCK), limits: {}, startLimit: 60_000, patience: 2 });
  expect(await worker.ask("well", 50)).toEqual({ limit: "time" });
});
