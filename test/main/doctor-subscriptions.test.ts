/** What the doctor says of subscriptions. */
import { expect, test } from "@jest/globals";
import { readJson } from "../../src/core/fhir/json/read-json.ts";
import { DEFAULT_READ_LIMITS } from "../../src/core/fhir/reading/read-limits.ts";
import { SourceText } from "../../src/core/fhir/reading/source-text.ts";
import type { SubscriptionStatus } from "../../src/events/subscription.ts";
import { tellAnswers, tellSubscriptions } from "../../src/main/doctor/subscriptions.ts";
import { AT, heldSubscription } from "../events/held.ts";

const HOUR = 3_600_000;
const held = (n: number, status: SubscriptionStatus): ReturnType<typeof heldSubscription> => {
  const { resource } = readJson(new SourceText(`{"resourceType":"Subscription","error":"nothing was taken ${n}"}`), DEFAULT_READ_LIMITS);
  if (!resource) throw new Error("no resource");
  return heldSubscription(n, {}, { status, shown: resource });
};

test("of those in error, and of receivers that fail for long; of nothing that has ended, was deleted, or failed a moment ago", () => {
  const all = [held(1, "error"), held(2, "active"), held(3, "active"), held(4, "off"), held(5, "requested")];
  const failing = (n: number, hours: number): { subscription: string; failingSince: number; lastFailure: string } => ({
    ...{ subscription: heldSubscription(n).id, failingSince: Date.now() - hours * HOUR, lastFailure: `it answered ${n}` },
  });
  const found: string[] = [];
  tellSubscriptions(all, [failing(1, 80), failing(2, 30), failing(3, 0), failing(4, 90), failing(5, 2), failing(9, 90)], (one) => {
    found.push(`${one.level} ${one.text}`);
  });
  const [first, second, , , fifth] = all.map(({ id }) => id);
  expect(found).toEqual([
    `wrong Subscription/${first ?? ""} is in error since ${AT}: nothing was taken 1`,
    expect.stringMatching(`^wrong the receiver of Subscription/${second ?? ""} takes nothing since .*: it answered 2$`),
    expect.stringMatching(`^notice the receiver of Subscription/${fifth ?? ""} takes nothing since .*: it answered 5$`),
  ]);
});

test("of many the first twenty, and how many more", () => {
  const found: string[] = [];
  tellSubscriptions(
    Array.from({ length: 23 }, (_, at) => held(at + 1, "error")),
    [],
    ({ text }) => void found.push(text),
  );
  expect([found.length, found.at(-1)]).toEqual([21, "and so it is with 3 others"]);
});

test("of answers to messages that were given up, and of none where there are none", () => {
  const found: string[] = [];
  for (const count of [0, 3, 1_000]) tellAnswers(count, ({ level, text, remedy }) => void found.push(`${level} ${text}; ${remedy}`));
  expect(found).toEqual([expect.stringMatching(/^wrong 3 answers .*remove ID/), expect.stringMatching(/^wrong at least 1000 answers /)]);
});
