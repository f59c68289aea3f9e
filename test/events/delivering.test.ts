/** What is sent to whom, in which order, and what becomes of it when receivers, or we, fail. */
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { setTimeout as sleep } from "node:timers/promises";
import type { Caller } from "../../src/core/asked.ts";
import type { Callback, CallbackOutcome } from "../../src/events/callbacks.ts";
import { Delivering } from "../../src/events/delivering.ts";
import type { SubscriptionEvent } from "../../src/events/event-rows.ts";
import type { Prepared, ToTell } from "../../src/events/prepared.ts";
import { OWNER_GONE, type HeldSubscription } from "../../src/events/subscription.ts";
import { MemoryEvents } from "../contracts/memory-events.ts";
import { MemoryPositions } from "../contracts/memory-positions.ts";
import { AT, HeldInMemory, heldSubscription } from "./held.ts";

const TAKEN: CallbackOutcome = { isTaken: true, status: 200 };
const REFUSED: CallbackOutcome = { isTaken: false, status: 500, reason: "it answered 500" };
const DAY = 86_400_000;

let records: HeldInMemory;
let rows: MemoryEvents;
let positions: MemoryPositions;
/** What receivers were told, in order: the number of the subscription, and what. */
let told: string[];
let answer: (subscription: number, what: string) => CallbackOutcome | Promise<CallbackOutcome>;
let faults: unknown[];
let open: Delivering[];
/** Names of owners that are not let in any more. */
let gone: Set<string>;

beforeEach(() => {
  [records, rows, positions] = [new HeldInMemory(), new MemoryEvents(), new MemoryPositions()];
  [told, faults, open] = [[], [], []];
  gone = new Set();
  answer = () => TAKEN;
});
afterEach(async () => {
  for (const one of open) await one.close();
  expect(faults).toEqual([]);
});

const numberOf = (url: string): number => Number(new URL(url).pathname.slice(1));

/** As many events in one notification as the channel says, one by default. */
function prepare({ channel: { endpoint = "", maxCount = 1 } }: HeldSubscription, { type, events }: ToTell): Promise<Prepared[]> {
  const called = (what: string): Callback => ({ url: endpoint, method: "POST", headers: {}, body: Buffer.from(what), time: 1_000 });
  if (type !== "event-notification") return Promise.resolve([{ calls: [called(type)] }]);
  const groups = Array.from({ length: Math.ceil(events.length / maxCount) }, (_, n) => events.slice(n * maxCount, (n + 1) * maxCount));
  return Promise.resolve(groups.map((group) => ({ calls: [called(group.map(({ number }) => number).join("+"))], upTo: group.at(-1)?.number ?? 0 })));
}

function start(holder = "here", making: typeof prepare = prepare): Delivering {
  const delivering = new Delivering({
    ...{ records, rows, positions, holder, preparing: { prepare: making }, poll: 20 },
    ownerNow: (owner) => Promise.resolve(owner.kind === "program" && gone.has(owner.name) ? undefined : owner),
    callbacks: {
      call: async ({ url, body }) => {
        const what = Buffer.from(body ?? []).toString();
        const outcome = await answer(numberOf(url), what);
        if (outcome.isTaken) told.push(`${numberOf(url)} ${what}`);
        return outcome;
      },
    },
    onFault: (error) => faults.push(error),
  });
  delivering.start();
  open.push(delivering);
  return delivering;
}

function eventsOf({ id }: HeldSubscription, from: number, to: number): SubscriptionEvent[] {
  return Array.from({ length: to - from + 1 }, (_, n) => ({
    ...{ subscription: id, number: from + n, position: 100 + from + n, kind: "deposited", at: AT },
    focus: [`Bundle/${from + n}`],
  }));
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let n = 0; n < 500; n++) {
    if (await holds()) return;
    await sleep(20);
  }
  throw new Error(`it never came about: ${told.join(", ")}`);
}

test("first the handshake, which makes it active; then what there is, in order, one at a time", async () => {
  const one = heldSubscription(1);
  records.put(one);
  await rows.append(eventsOf(one, 1, 3));
  let at = 0;
  answer = async () => {
    expect(++at).toBe(1);
    await sleep(5);
    at--;
    return TAKEN;
  };
  const delivering = start();
  await until(() => told.length === 4);
  expect(told).toEqual(["1 handshake", "1 1", "1 2", "1 3"]);
  expect(await records.find(one.id)).toMatchObject({ status: "active", version: 2 });
  await rows.append(eventsOf(one, 4, 4));
  delivering.wake();
  await until(() => told.length === 5);
  await delivering.close();
  expect(await rows.delivery(one.id)).toMatchObject({ delivered: 4, failures: 0 });
  expect(delivering.figures).toEqual({ sent: 5, failed: 0, events: 4 });
});

test("a receiver that sleeps keeps its order, and holds up nobody else", async () => {
  const [one, other] = [heldSubscription(1, { maxCount: 10 }, { status: "active" }), heldSubscription(2, {}, { status: "active" })];
  records.put(one, other);
  await rows.append([...eventsOf(one, 1, 2), ...eventsOf(other, 1, 2)]);
  let isAsleep = true;
  answer = (subscription) => (subscription === 1 && isAsleep ? REFUSED : TAKEN);
  start();
  await until(async () => ((await rows.delivery(one.id))?.failures ?? 0) > 0 && told.length === 2);
  expect(told).toEqual(["2 1", "2 2"]);
  expect(await rows.delivery(one.id)).toMatchObject({ delivered: 0, lastFailure: "it answered 500" });
  isAsleep = false;
  await rows.append(eventsOf(one, 3, 12));
  await until(() => told.length >= 5);
  // The first by itself: with less for nothing.
  expect(told.slice(2)).toEqual(["1 1", "1 2+3+4+5+6+7+8+9+10+11", "1 12"]);
  await until(async () => (await rows.delivery(one.id))?.delivered === 12);
});

test("slow receivers of one owner hold up nobody else", async () => {
  const owner = { kind: "system", issuer: "https://i.example", subject: "slow", name: "Slow", roles: [], organisations: [], clearance: [] } as const;
  const slow = Array.from({ length: 70 }, (_, n) => heldSubscription(n + 1, {}, { status: "active", owner }));
  const other = heldSubscription(99, {}, { status: "active" });
  records.put(...slow, other);
  await rows.append([...slow, other].flatMap((one) => eventsOf(one, 1, 1)));
  let waiting = 0;
  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => (end = resolve));
  answer = async (subscription) => {
    if (subscription !== 99) {
      waiting++;
      await ended;
    }
    return TAKEN;
  };
  start();
  await until(() => told.length > 0 && waiting === 32);
  expect(told).toEqual(["99 1"]);
  end();
  await until(() => told.length === 71);
});

test("what cannot be made ready is tried later and later, however often we are woken", async () => {
  const [poor, other] = [heldSubscription(1, {}, { status: "active" }), heldSubscription(2, {}, { status: "active" })];
  records.put(poor, other);
  await rows.append([...eventsOf(poor, 1, 1), ...eventsOf(other, 1, 20)]);
  const delivering = start("here", (one, toTell) => (one === poor ? Promise.reject(new Error("of a test")) : prepare(one, toTell)));
  for (let n = 0; n < 20; n++) {
    delivering.wake();
    await sleep(20);
  }
  await until(() => told.length === 20);
  expect(faults.length).toBeGreaterThan(0);
  expect(faults.length).toBeLessThan(4);
  faults = [];
  await delivering.close();
  faults = [];
});

test("nothing more of what was ready is sent once it was deleted", async () => {
  const one = heldSubscription(1, {}, { status: "active" });
  records.put(one);
  await rows.append(eventsOf(one, 1, 5));
  answer = async () => {
    records.remove(one.id);
    await sleep(250);
    return TAKEN;
  };
  const delivering = start();
  await until(() => told.length > 0);
  await sleep(100);
  await delivering.close();
  expect(told).toEqual(["1 1"]);
});

test("after three days it is in error with the reason, and an owner's update begins anew where it stopped", async () => {
  const one = heldSubscription(1, {}, { status: "active" });
  records.put(one);
  await rows.append(eventsOf(one, 1, 5));
  await rows.begin({ subscription: one.id, delivered: 2, version: 1, failures: 80, failingSince: Date.now() - 3 * DAY, notBefore: 0 });
  answer = () => REFUSED;
  const delivering = start();
  await until(async () => (await records.find(one.id))?.status === "error");
  expect(records.errors.get(one.id)).toMatch(/^Nothing was taken for three days: it answered 500 \(attempts: 81\)/);
  await sleep(50);
  answer = () => TAKEN;
  records.put({ ...one, version: 3, status: "requested" });
  delivering.wake();
  await until(() => told.length === 4);
  expect(told).toEqual(["1 handshake", "1 3", "1 4", "1 5"]);
});

test("whose owner is not let in any more is told nothing, not even a heartbeat, and is in error with the reason, also where nothing happened", async () => {
  const [owner, other] = [
    { kind: "program", name: "one" },
    { kind: "program", name: "other" },
  ] as const;
  const of = (n: number, channel: object, by: Caller = owner): HeldSubscription => heldSubscription(n, channel, { status: "active", owner: by });
  const all = [of(1, {}), of(2, { heartbeatPeriod: 0.01 }), of(3, { type: "websocket" }), heldSubscription(4, {}, { owner })];
  const living = of(5, {}, other);
  const [first = living] = all;
  records.put(...all, living);
  await rows.append([first, living].flatMap((one) => eventsOf(one, 1, 2)));
  gone.add("one");
  const delivering = start();
  const statuses = async (): Promise<string[]> => (await records.all()).map(({ status }) => status);
  await until(async () => (await statuses()).filter((status) => status === "error").length === 4 && told.length === 2);
  expect([await statuses(), told]).toEqual([
    ["error", "error", "error", "error", "active"],
    ["5 1", "5 2"],
  ]);
  expect(new Set(records.errors.values())).toEqual(new Set([`${OWNER_GONE}.`]));
  // For whoever looks after it.
  expect(await rows.delivery(first.id)).toMatchObject({ delivered: 0, failures: 1, lastFailure: OWNER_GONE, failingSince: expect.any(Number) });
  // Somebody who is let in changes it: from where it stopped.
  records.put({ ...first, version: 3, status: "requested", owner: other });
  delivering.wake();
  await until(() => told.length === 5);
  expect(told.slice(2)).toEqual(["1 handshake", "1 1", "1 2"]);
});

test("while it can't be known who owners are nothing is told", async () => {
  const one = heldSubscription(1, {}, { status: "active" });
  records.put(one);
  await rows.append(eventsOf(one, 1, 1));
  gone.has = () => {
    throw new Error("accounts can't be read");
  };
  records.put({ ...one, owner: { kind: "program", name: "one" } });
  start();
  await until(() => faults.length > 1);
  expect([told, (await records.find(one.id))?.status]).toEqual([[], "active"]);
  gone = new Set();
  await until(() => told.length === 1);
  faults = [];
});

test("a handshake that is never taken is an error soon", async () => {
  const one = heldSubscription(1);
  records.put(one);
  await rows.begin({ subscription: one.id, delivered: 0, version: 1, failures: 5, failingSince: Date.now(), notBefore: 0 });
  answer = () => REFUSED;
  start();
  await until(async () => (await records.find(one.id))?.status === "error");
  expect(records.errors.get(one.id)).toMatch(/^The handshake was not taken: it answered 500/);
});

test("who is silent for its period has a heartbeat, and nobody else", async () => {
  records.put(heldSubscription(1, { heartbeatPeriod: 0.1 }, { status: "active" }), heldSubscription(2, {}, { status: "active" }));
  start();
  await until(() => told.length >= 2);
  expect(new Set(told)).toEqual(new Set(["1 heartbeat"]));
});

test("after its end, and when it is deleted or is a websocket's, nothing is sent", async () => {
  const over = heldSubscription(1, {}, { status: "active", end: "2020-01-01T00:00:00Z" });
  const socket = heldSubscription(2, { type: "websocket" }, { status: "active" });
  const gone = heldSubscription(3, {}, { status: "active" });
  records.put(over, socket, gone);
  await rows.append([over, socket].flatMap((one) => eventsOf(one, 1, 1)));
  const delivering = start();
  await until(async () => (await records.find(over.id))?.status === "off");
  records.remove(gone.id);
  await rows.append(eventsOf(gone, 1, 1));
  delivering.wake();
  await sleep(100);
  expect(told).toEqual([]);
});

test("of two processes one serves it; when it ends, the other goes on", async () => {
  const all = Array.from({ length: 16 }, (_, n) => heldSubscription(n, {}, { status: "active" }));
  records.put(...all);
  const first = start("first");
  start("second");
  await sleep(300);
  for (let n = 1; n <= 5; n++) {
    await rows.append(all.flatMap((one) => eventsOf(one, n, n)));
    await sleep(30);
  }
  await until(() => told.length >= 80);
  expect(new Set(told).size).toBe(told.length);
  await first.close();
  await rows.append(all.flatMap((one) => eventsOf(one, 6, 6)));
  await until(() => told.length >= 96);
  expect(new Set(told).size).toBe(96);
});

test("a process that dies sends some again, and leaves none out", async () => {
  const one = heldSubscription(1, {}, { status: "active" });
  records.put(one);
  await rows.append(eventsOf(one, 1, 400));
  const dead = start("dead");
  await until(() => told.length > 50);
  // What it has in memory is lost with it, and its leases run out.
  positions = new MemoryPositions();
  const before = (await rows.delivery(one.id))?.delivered ?? 0;
  start("next");
  await until(async () => (await rows.delivery(one.id))?.delivered === 400);
  expect(before).toBeLessThanOrEqual(told.length);
  expect(new Set(told).size).toBe(400);
  await dead.close();
});
