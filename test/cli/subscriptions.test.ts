import { expect, test } from "@jest/globals";
import type { OpenNotifications } from "../../src/cli/open-notifications.ts";
import { AppError } from "../../src/core/errors.ts";
import { statesOf, statusAnew, type SubscriptionState } from "../../src/events/subscription-states.ts";
import { MemoryEvents } from "../contracts/memory-events.ts";
import { AT, heldSubscription } from "../events/held.ts";
import { run } from "./command-line.ts";

const SUBSCRIPTION = heldSubscription(1, { endpoint: "https://receiver.example/secret-path", headers: ["Authorization: Bearer secret"] });

async function stateOf(): Promise<SubscriptionState> {
  const rows = new MemoryEvents();
  await rows.append(
    [1, 2].map((number) => ({ subscription: SUBSCRIPTION.id, number, position: number, kind: "deposited", at: AT, focus: ["Bundle/a"] })),
  );
  const failing = { failures: 3, failingSince: Date.parse(AT), lastFailure: "it answered 500", notBefore: 0 };
  await rows.begin({ subscription: SUBSCRIPTION.id, delivered: 1, version: 1, ...failing });
  const [state] = await statesOf([SUBSCRIPTION], rows);
  if (!state) throw new Error("no state");
  return state;
}

const open = async (resumed: string[] = []): Promise<OpenNotifications> => {
  const state = await stateOf();
  return {
    list: () => Promise.resolve([state]),
    resume: (id) => {
      if (id !== state.id) return Promise.reject(new AppError("not-found", `there is no Subscription/${id}`));
      resumed.push(id);
      return Promise.resolve(state);
    },
    test: (id) =>
      id === state.id
        ? Promise.resolve({ sent: "heartbeat", isTaken: false, status: 500, reason: "it answered 500" })
        : Promise.resolve({ sent: "options", isTaken: true, status: 405 }),
    close: () => Promise.resolve(),
  };
};

test("list tells how far each receiver has come, and nothing secret", async () => {
  const { code, stdout } = await run(["subscriptions", "list"], { tools: { openNotifications: () => open() } });
  expect([code, stdout]).toEqual([
    0,
    `${SUBSCRIPTION.id}  requested  1/2  unauthenticated  document-deposited  rest-hook to https://receiver.example  failing since ${AT}: it answered 500 (attempts: 3)\n`,
  ]);
  const shown = await run(["subscriptions", "show", SUBSCRIPTION.id], { tools: { openNotifications: () => open() } });
  expect(JSON.parse(shown.stdout)).toMatchObject({ events: 2, delivered: 1, failures: 3 });
  expect(shown.stdout).not.toContain("secret");
});

test("resume has one tried anew", async () => {
  const resumed: string[] = [];
  expect((await run(["subscriptions", "resume", SUBSCRIPTION.id], { tools: { openNotifications: () => open(resumed) } })).code).toBe(0);
  expect(resumed).toEqual([SUBSCRIPTION.id]);
  expect([statusAnew(SUBSCRIPTION), statusAnew(heldSubscription(2, { type: "websocket" }))]).toEqual(["requested", "active"]);
});

test("test says what the receiver answered", async () => {
  const answers = await Promise.all(
    [SUBSCRIPTION.id, "other"].map((id) => run(["subscriptions", "test", id], { tools: { openNotifications: () => open() } })),
  );
  expect(answers.map(({ code, stdout }) => [code, stdout])).toEqual([
    [1, "not taken: it answered 500 (sent: a heartbeat)\n"],
    [0, "somebody is there: it answered 405 to OPTIONS\n"],
  ]);
});

test.each([
  [["resume", "unknown"], 1, "there is no Subscription/unknown"],
  [["show", "unknown"], 1, "there is no Subscription/unknown"],
  [["test"], 2, "name the subscription's id"],
  [["resume"], 2, "name the subscription's id"],
  [["delete"], 2, "there is nothing called delete to do with subscriptions"],
])("%j: %s", async (args, code, text) => {
  const answer = await run(["subscriptions", ...args], { tools: { openNotifications: () => open() } });
  expect([answer.code, answer.stderr]).toEqual([code, expect.stringContaining(text)]);
});
