/** What stands out, counted from events. */
import { expect, test } from "@jest/globals";
import type { TrailEvent } from "../../src/core/formats/audit-trail.ts";
import { foreignReads, isDisclosure, MANY_PATIENTS, manyPatients, rowsOf } from "../../src/interactions/trail/anomalies.ts";

const actor = (subject: string, organisations: readonly string[] = []): TrailEvent["who"] => ({
  kind: "person",
  issuer: "i",
  subject,
  name: subject,
  roles: [],
  organisations,
});
const START = Date.parse("2026-03-14T10:00:00.000Z");
const read = (minute: number, patient: string, more: Partial<TrailEvent> = {}): TrailEvent => ({
  ...{ id: `${minute} ${patient}`, at: new Date(START + minute * 60_000).toISOString(), kind: "read", action: "R", outcome: 0, who: actor("a") },
  ...{ patient, documents: [{ id: patient }], ...more },
});

test("many patients within any hour, whatever the clock says, each counted once", () => {
  const each = (count: number, minutes: number): TrailEvent[] => Array.from({ length: count }, (_, at) => read(30 + at * minutes, `p${at}`));
  expect(manyPatients(each(MANY_PATIENTS + 1, 2))).toMatchObject([{ agent: "i|a", patients: MANY_PATIENTS + 1 }]);
  // Over more than an hour there are never that many at once.
  expect(manyPatients(each(100, 4))).toEqual([]);
  expect(manyPatients(Array.from({ length: 100 }, (_, at) => read(at / 10, "the same")))).toEqual([]);
});

test("a document of another house, one's own, one that nobody knows the house of; a reader of none", () => {
  const houses = new Map([["other", new Set(["s|B"])], ["own", new Set(["s|B", "s|A"])], ["none", new Set<string>()]]); // prettier-ignore
  const by = actor("a", ["s|A"]);
  const events = [read(0, "other", { who: by }), read(1, "own", { who: by }), read(2, "none", { who: by }), read(3, "gone", { who: by }), read(4, "other", { who: { kind: "unauthenticated" } })]; // prettier-ignore
  expect(foreignReads(events, houses)).toEqual({ rows: [{ agent: "i|a", name: "a", events: 1, patients: 1, latest: events[0]?.at }], undecided: 3 });
});

test("to give is to read, to find and to ask; neither what was refused, nor what a command names, nor glass that was broken and perhaps never looked through", () => {
  for (const kind of ["read", "search", "operation"] as const) expect([kind, isDisclosure(read(0, "1", { kind }))]).toEqual([kind, true]);
  expect(isDisclosure(read(0, "1", { outcome: 4 }))).toBe(false);
  expect(isDisclosure(read(0, "1", { documents: [] }))).toBe(false);
  for (const kind of ["create", "update", "consent", "emergency", "emergency-over", "erasure", "hold", "command", "settings"] as const)
    expect([kind, isDisclosure(read(0, "1", { kind, action: "E" }))]).toEqual([kind, false]);
});

test("by person, the one with most first", () => {
  const rows = rowsOf([read(0, "1"), read(1, "1", { who: actor("b") }), read(2, "2", { who: actor("b") })]);
  expect(rows.map(({ agent, events, patients, latest }) => [agent, events, patients, latest.slice(11, 16)])).toEqual([
    ["i|b", 2, 2, "10:02"],
    ["i|a", 1, 1, "10:00"],
  ]);
});
