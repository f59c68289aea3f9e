/** How many subscriptions one owner may have holds also for those that are made at once, here and in another process; and what is left of one that was deleted. */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, jest, test } from "@jest/globals";
import { askedByProgram } from "../../../src/core/asked.ts";
import { SubscriptionRecords } from "../../../src/events/subscription-records.ts";
import type { HeldSubscription } from "../../../src/events/subscription.ts";
import { MOST_OF_ONE_OWNER } from "../../../src/interactions/fhir/subscriptions/subscriptions.ts";
import { ask } from "../local-server.ts";
import { by, house, make, openAll, topic } from "./subscription-house.ts";

let one: HeldSubscription;
beforeAll(async () => {
  await openAll();
  one = await make(topic("deposited"), "empty");
});
afterAll(() => house.close());

const create = async (): Promise<number> => {
  const channel = { type: "rest-hook", endpoint: "https://receiver.example.org/in" };
  return (await by("owner", "/fhir/Subscription", { resourceType: "Subscription", status: "requested", reason: "a test", criteria: "DocumentReference", channel })).status; // prettier-ignore
};
const real = (): Promise<readonly HeldSubscription[]> => SubscriptionRecords.prototype.all.call(house.subscriptions.records);
/** As if the owner had all but one. `meanwhile`: what happens once, when they were counted. */
const withAllButOne = async (meanwhile: () => Promise<unknown> = () => Promise.resolve()): Promise<{ restore(): void }> => {
  const others = Array.from({ length: MOST_OF_ONE_OWNER - 1 - (await real()).length }, () => one);
  let happens = meanwhile;
  const all = jest.spyOn(house.subscriptions.records, "all").mockImplementation(async () => {
    const counted = [...others, ...(await real())];
    const happening = happens();
    happens = () => Promise.resolve();
    await happening;
    return counted;
  });
  return { restore: () => all.mockRestore() };
};

test("of those that are made at once the last one that may be is made, and no more", async () => {
  const mocked = await withAllButOne();
  const answers = await Promise.all(Array.from({ length: 6 }, create));
  mocked.restore();
  expect(answers.sort((first, other) => first - other)).toEqual([201, 422, 422, 422, 422, 422]);
});

test("another process makes the last one between counting and entering", async () => {
  const before = (await real()).length;
  const mocked = await withAllButOne(() => {
    const { id: _id, version: _version, at: _at, shown, ...facts } = one;
    const order = { ...facts, id: randomUUID(), expected: "absent", resource: shown } as const;
    return new SubscriptionRecords(house.settings).enter(order, askedByProgram("another process"));
  });
  const changes = jest.spyOn(house.subscriptions.records, "changes");
  expect([await create(), changes.mock.calls.length, (await real()).length]).toEqual([422, 2, before + 1]);
  changes.mockRestore();
  mocked.restore();
});

test("one that is deleted leaves nothing that doctor would tell of for ever", async () => {
  const { id, version } = await make(topic("deposited"), "empty");
  await house.eventRows.begin({
    subscription: id,
    delivered: 3,
    version,
    failures: 7,
    failingSince: 1,
    notBefore: 1,
    lastFailure: "it answered 500",
  });
  const { status } = await ask(house.port, { method: "DELETE", path: `/fhir/Subscription/${id}`, headers: { "X-Test-Caller": "owner" } });
  expect(status).toBe(204);
  const row = await house.eventRows.delivery(id);
  expect([row?.delivered, row?.failures, row?.failingSince]).toEqual([3, 0, undefined]);
});

test("it is counted anew when something else was set meanwhile", async () => {
  const changes = jest.spyOn(house.subscriptions.records, "changes").mockResolvedValueOnce(0);
  expect([await create(), changes.mock.calls.length]).toEqual([201, 2]);
  changes.mockRestore();
});
