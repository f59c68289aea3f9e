/** Answers that go to a response-url: what becomes of them when receivers, or we, fail. */
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { randomUUID } from "node:crypto";
import { AppError } from "../../src/core/errors.ts";
import type { Callback, CallbackOutcome } from "../../src/events/callbacks.ts";
import { Outbox } from "../../src/events/outbox.ts";
import { MemoryEvents } from "../contracts/memory-events.ts";
import { until } from "../journeys/program.ts";

let rows: MemoryEvents;
let called: string[];
let faults: unknown[];
let open: Outbox[];
let answer: (url: string) => CallbackOutcome | Promise<CallbackOutcome>;
let answerOf: (entry: string) => Promise<string | undefined>;

const TAKEN: CallbackOutcome = { isTaken: true, status: 200 };
const keys = {
  wrap: (key: Uint8Array) => Promise.resolve(Buffer.concat([key, Buffer.alloc(65 - key.length)])),
  identityKeyOf: (_: string | undefined, value: string) => Promise.resolve(value.repeat(64)),
  unwrap: (key: Uint8Array) => Promise.resolve(Uint8Array.from(key.subarray(0, 32))),
};

beforeEach(() => {
  rows = new MemoryEvents();
  [called, faults, open] = [[], [], []];
  answer = () => TAKEN;
  answerOf = () => Promise.resolve("{}");
});
afterEach(async () => {
  await Promise.all(open.map((one) => one.close()));
});

function outbox(): Outbox {
  const made = new Outbox({
    ...{ rows, keys, poll: 20, mostOfOne: 100 },
    callbacks: {
      call: ({ url }: Callback) => {
        called.push(url);
        return Promise.resolve(answer(url));
      },
    },
    answerOf: (entry) => answerOf(entry),
    onFault: (error) => faults.push(error),
  });
  open.push(made);
  return made;
}

test("who never answers keeps nobody else's waiting, and is called eight times at once", async () => {
  let release: (() => void) | undefined;
  const silence = new Promise<void>((resolve) => (release = resolve));
  answer = async (url) => {
    if (url.includes("silent")) await silence;
    return TAKEN;
  };
  const own = outbox();
  for (let n = 0; n < 100; n++) await own.post({ sender: "a", url: "https://silent.example/", content: { answer: "{}" } });
  for (let n = 0; n < 20; n++) await own.post({ sender: "a", url: `https://quick.example/${n}`, content: { answer: "{}" } });
  own.start();
  await until(() => called.filter((url) => url.includes("quick")).length === 20);
  expect(called.filter((url) => url.includes("silent"))).toHaveLength(8);
  release?.();
  await until(async () => (await rows.outgoing("all", 200)).length === 0);
  expect([called.length, faults]).toEqual([120, []]);
});

test("two that send give each answer once", async () => {
  const [one, other] = [outbox(), outbox()];
  for (let n = 0; n < 40; n++) await one.post({ sender: "a", url: `https://receiver.example/${n}`, content: { answer: "{}" } });
  one.start();
  other.start();
  await until(async () => (await rows.outgoing("all", 200)).length === 0);
  expect([called.length, new Set(called).size]).toEqual([40, 40]);
});

test.each([
  ["cannot be read", new AppError("damaged", "the record is damaged"), { isDead: true, lastFailure: expect.stringContaining("cannot be read") }],
  ["meets a fault of ours", new TypeError("undefined"), { isDead: false, failures: 1, lastFailure: expect.stringContaining("from here") }],
  ["meets a store that is away", new AppError("unavailable", "the store is away"), { isDead: false, failures: 0 }],
] as const)("one that %s is told, and stops no other", async (_what, error, row) => {
  answerOf = () => Promise.reject(error);
  const own = outbox();
  await own.post({ sender: "a", url: "https://receiver.example/poison", content: { entry: randomUUID() } });
  await own.post({ sender: "a", url: "https://receiver.example/good", content: { answer: "{}" } });
  own.start();
  await until(async () => faults.length === 1 && (await rows.outgoing("all", 10)).length === 1);
  await until(async () => ((await rows.outgoing("all", 1))[0]?.notBefore ?? 0) > Date.now());
  expect([called, faults]).toEqual([["https://receiver.example/good"], [error]]);
  expect((await rows.outgoing("all", 1))[0]).toMatchObject(row);
});

test("one that was altered is given up", async () => {
  const own = outbox();
  await own.post({ sender: "a", url: "https://receiver.example/", content: { answer: "{}" } });
  const [row] = await rows.outgoing("all", 1);
  if (!row) throw new Error("it is not kept");
  const { revision, ...one } = row;
  await rows.put({ ...one, value: one.value.map((byte, at) => (at === one.value.length - 1 ? byte ^ 1 : byte)) }, revision);
  own.start();
  await until(async () => (await rows.outgoing("dead", 1)).length === 1);
  expect(called).toEqual([]);
});

test("a receiver is tried no sooner than it wants", async () => {
  answer = () => ({ isTaken: false, status: 503, reason: "it answered 503", retryAfter: 600 });
  const own = outbox();
  await own.post({ sender: "a", url: "https://receiver.example/", content: { answer: "{}" } });
  own.start();
  await until(async () => (await rows.outgoing("all", 1))[0]?.failures === 1);
  expect((await rows.outgoing("all", 1))[0]?.notBefore).toBeGreaterThan(Date.now() + 590_000);
});

test("of one sender so many wait, and no more: of another there is room", async () => {
  const own = outbox();
  for (let n = 0; n < 100; n++) {
    expect(await own.hasRoom("a")).toBe(true);
    await own.post({ sender: "a", url: "https://receiver.example/", content: { answer: "{}" } });
  }
  expect(await Promise.all(["a", "b"].map((sender) => own.hasRoom(sender)))).toEqual([false, true]);
  const [first] = await rows.outgoing("all", 1);
  expect(await rows.remove(first?.id ?? "")).toBe(true);
  expect(await own.hasRoom("a")).toBe(true);
});

test("what was given up a month ago is forgotten, and nothing else", async () => {
  const given = (id: string, days: number) => ({
    id,
    value: new Uint8Array(),
    failures: 84,
    notBefore: Date.now() - days * 86_400_000,
    isDead: true,
  });
  for (const one of [given("old", 31), given("newer", 29)]) await rows.post(one);
  outbox().start();
  await until(async () => (await rows.outgoing("dead", 10)).length === 1);
  expect((await rows.outgoing("dead", 10)).map(({ id }) => id)).toEqual(["newer"]);
});
