/** What is made ready while something else is sent, and what is not. */
import { beforeEach, expect, test } from "@jest/globals";
import type { CallbackOutcome } from "../../src/events/callbacks.ts";
import type { Course } from "../../src/events/course.ts";
import type { SubscriptionEvent } from "../../src/events/event-rows.ts";
import type { Prepared } from "../../src/events/prepared.ts";
import { Telling } from "../../src/events/telling.ts";
import { MemoryEvents } from "../contracts/memory-events.ts";
import { AT, HeldInMemory, heldSubscription } from "./held.ts";

const ONE = heldSubscription(1, {}, { status: "active" });
const TAKEN: CallbackOutcome = { isTaken: true, status: 200 };
const REFUSED: CallbackOutcome = { isTaken: false, status: 500, reason: "it answered 500" };

let records: HeldInMemory;
let rows: MemoryEvents;
/** First numbers of what was made ready, in order; and numbers that were taken. */
let prepared: number[];
let told: number[];
let waiting: (() => void)[];
let answer: (number: number) => Promise<CallbackOutcome>;
let failed: number;

beforeEach(() => {
  [records, rows] = [new HeldInMemory(), new MemoryEvents()];
  records.put(ONE);
  [prepared, told, waiting, failed] = [[], [], [], 0];
  answer = () => Promise.resolve(TAKEN);
});

function telling(): Telling {
  return new Telling({
    ...{ records, rows, stopped: new AbortController().signal },
    preparing: {
      prepare: (_, { events }) => {
        prepared.push(events[0]?.number ?? 0);
        for (const one of waiting.splice(0)) one();
        return Promise.resolve(
          events.map(({ number }): Prepared => ({ calls: [{ url: String(number), method: "POST", headers: {}, time: 1_000 }], upTo: number })),
        );
      },
    },
    callbacks: {
      call: async ({ url }) => {
        const outcome = await answer(Number(url));
        if (outcome.isTaken) told.push(Number(url));
        return outcome;
      },
    },
    courses: { keep: (course, row) => void (course.row = { ...row, revision: course.row.revision }) },
    failed: () => Promise.resolve(void failed++),
  });
}

function courseOf(count: number, failures = 0): Course {
  const row = { subscription: ONE.id, revision: 1, delivered: 0, version: 1, failures, notBefore: 0 };
  return { subscription: ONE, row, count, lastSent: 0, isBusy: true, isUnsaved: false, faults: 0, restsUntil: 0 };
}

const append = (count: number): Promise<unknown> =>
  rows.append(
    Array.from({ length: count }, (_, at): SubscriptionEvent => {
      return { subscription: ONE.id, number: at + 1, position: at, kind: "deposited", at: AT, focus: [`Bundle/${at}`] };
    }),
  );

/** Until something more is made ready: without that nothing goes on. */
const preparedAgain = (): Promise<void> => new Promise((resolve) => waiting.push(resolve));

test("what comes next is made ready while something is sent, and all is told in order, once", async () => {
  await append(230);
  answer = async (number) => {
    // The 60th and the 170th are held up until what comes behind their hundred is ready.
    if (number === 60 || number === 170) await (prepared.includes(number === 60 ? 101 : 201) ? undefined : preparedAgain());
    return TAKEN;
  };
  const course = courseOf(230);
  const all = telling();
  await all.events(course, () => true);
  expect(told).toEqual(Array.from({ length: 230 }, (_, at) => at + 1));
  expect(prepared).toEqual([1, 101, 201]);
  expect([course.row.delivered, all.figures]).toEqual([230, { sent: 230, failed: 0, events: 230 }]);
});

test("nothing is made ready behind what a receiver does not take in its first half; to one that failed a single event is", async () => {
  await append(230);
  answer = (number) => Promise.resolve(number === 50 ? REFUSED : TAKEN);
  const course = courseOf(230);
  await telling().events(course, () => true);
  expect([told.length, prepared, failed]).toEqual([49, [1], 1]);
  [prepared, told] = [[], []];
  answer = () => Promise.resolve(REFUSED);
  await telling().events({ ...course, row: { ...course.row, failures: 1 } }, () => true);
  expect([told, prepared]).toEqual([[], [50]]);
});

test("what was made ready for a subscription that was changed meanwhile is not sent", async () => {
  await append(230);
  answer = async (number) => {
    if (number === 100) records.put({ ...ONE, version: ONE.version + 1 });
    return Promise.resolve(TAKEN);
  };
  await telling().events(courseOf(230), () => true);
  expect(told.at(-1)).toBe(100);
});

test("of a gap in the numbers nothing is told", async () => {
  await append(3);
  const gapped = { events: async (id: string, span: { readonly from: number; readonly to: number }) => (await rows.events(id, span)).slice(1) };
  const broken = new Telling({
    ...{ records, rows: gapped, stopped: new AbortController().signal, preparing: { prepare: () => Promise.resolve([]) } },
    callbacks: { call: () => Promise.resolve(TAKEN) },
    courses: { keep: () => undefined },
    failed: () => Promise.resolve(),
  });
  await expect(broken.events(courseOf(3), () => true)).rejects.toThrow("are missing from 1 on");
});
