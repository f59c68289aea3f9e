/** For whom an instance waits before it takes in what others entered. */
import { expect, test } from "@jest/globals";
import { FEED_KIND } from "../../src/core/formats/identity-feed.ts";
import type { LogEntry } from "../../src/pipeline/store/record-store.ts";
import type { WritableIndex } from "../../src/search/index-port.ts";
import { OthersEntries } from "../../src/search/others-entries.ts";

function asking(): { readonly others: OthersEntries; readonly looks: () => number } {
  let looks = 0;
  const laidAhead: NonNullable<WritableIndex["laidAhead"]> = () => {
    looks++;
    return Promise.resolve({ size: 0, documents: [] });
  };
  return { others: new OthersEntries({ laidAhead } as unknown as WritableIndex), looks: () => looks };
}

const entry = (kind: string, receivedAt = new Date()): LogEntry =>
  ({ index: 0, id: "one", kind, receivedAt: receivedAt.toISOString() }) as unknown as LogEntry;

test("a message of an identity feed is taken in at once: nobody lays it ahead", async () => {
  const { others, looks } = asking();
  expect((await others.ready([entry(FEED_KIND)], () => false)).entries).toHaveLength(1);
  expect(looks()).toBe(0);
});

test("nor is anybody waited for whose entry is old, or is ours", async () => {
  const { others, looks } = asking();
  await others.ready([entry("deposit", new Date("2026-01-01"))], () => false);
  await others.ready([entry("deposit")], () => true);
  expect(looks()).toBe(0);
});

test("a young deposit of another's is waited for, and then taken in without him", async () => {
  const { others, looks } = asking();
  expect((await others.ready([entry("deposit")], () => false)).entries).toHaveLength(1);
  expect(looks()).toBeGreaterThan(1);
  const before = looks();
  // What was given up once is not waited for again.
  await others.ready([entry("deposit")], () => false);
  expect(looks()).toBe(before);
});
