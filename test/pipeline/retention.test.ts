import { describe, expect, test } from "@jest/globals";
import { readRetentionPolicy, retentionOf, type Aging, type RetentionRule } from "../../src/pipeline/retention.ts";

const DOCUMENT: Aging = { types: ["http://loinc.org|18842-5"], receivedAt: "2026-03-14T09:30:00.000Z", written: "2025-12-31T23:00:00+01:00" };
const policy = (rules: readonly unknown[], others: object = {}): string => JSON.stringify({ version: "records/1", rules, ...others });
const dueAt = (rules: readonly unknown[], document: Partial<Aging> = {}): string | undefined => {
  const said = retentionOf({ ...DOCUMENT, ...document }, readRetentionPolicy(policy(rules)));
  return said.kind === "due" ? `${said.rule} ${said.at.toISOString()}` : said.kind;
};

describe("a document is due", () => {
  test.each<[unknown[], Partial<Aging>, string]>([
    [[{ keep: { years: 10 } }], {}, "1 2036-03-14T09:30:00.000Z"],
    [[{ keep: { days: 10 } }], {}, "1 2026-03-24T09:30:00.000Z"],
    [[{ keep: { months: 11 } }], { receivedAt: "2026-03-31T09:30:00.000Z" }, "1 2027-02-28T09:30:00.000Z"],
    [[{ keep: { years: 1 } }], { receivedAt: "2028-02-29T00:00:00.000Z" }, "1 2029-02-28T00:00:00.000Z"],
    [[{ keep: { years: 1 }, from: "written" }], {}, "1 2026-12-31T22:00:00.000Z"],
    // The whole of what a shorter date may mean has passed, wherever it was written.
    [[{ keep: { years: 1 }, from: "written" }], { written: "2025" }, "1 2027-01-01T12:00:00.000Z"],
    [[{ keep: { years: 1 }, from: "written" }], { written: "2025-02" }, "1 2026-03-01T12:00:00.000Z"],
    [[{ keep: { days: 1 }, from: "written" }], { written: "2025-02-28" }, "1 2025-03-02T12:00:00.000Z"],
  ])("by %j, %j: %s", (rules, document, expected) => expect(dueAt(rules, document)).toBe(expected));

  test("by the first rule that fits its type", () => {
    const rules = [
      { type: ["urn:x|a"], keep: { days: 1 } },
      { type: ["urn:x|b", "http://loinc.org|18842-5"], keep: { days: 2 } },
      { keep: { days: 3 } },
    ];
    expect(dueAt(rules)).toMatch(/^2 /);
    expect(dueAt(rules, { types: [] })).toMatch(/^3 /);
    expect(dueAt(rules, { types: ["|18842-5"] })).toMatch(/^3 /);
  });

  test("never, where no rule fits or its date can't be read", () => {
    expect(dueAt([])).toBe("kept");
    expect(dueAt([{ type: ["urn:x|a"], keep: { days: 1 } }])).toBe("kept");
    for (const written of ["", "yesterday", "2025-02-30T00:00:99Z"])
      expect(dueAt([{ keep: { days: 1 }, from: "written" }], { written })).toBe("undated");
  });
});

test.each<[string, RegExp]>([
  ["[]", /JSON object/],
  ['{"version":"1"}', /"rules"/],
  [policy([], { "keep-all": true }), /"keep-all", which is not known/],
  [policy([{ keep: { years: 1 }, types: ["a|b"] }]), /rule 1 has "types", which is not known/],
  [policy([{ keep: { years: 1 } }, { type: ["18842-5"], keep: { years: 1 } }]), /rule 2: "type"/],
  [policy([{ type: [], keep: { years: 1 } }]), /names no type/],
  ...[{}, { years: 0 }, { years: 1.5 }, { years: "1" }, { years: 1, days: 1 }, { decades: 1 }, { years: 1, decades: 1 }].map(
    (keep): [string, RegExp] => [policy([{ keep }]), /rule 1: "keep"/],
  ),
  [policy([{ keep: { years: 1 }, from: "death" }]), /"from"/],
])("%s is no policy", (text, reason) => expect(() => readRetentionPolicy(text)).toThrow(reason));

test("a policy says its version", () => {
  const rule: RetentionRule = { types: [], keep: { count: 1, unit: "years" }, from: "received" };
  expect(readRetentionPolicy(policy([{ keep: { years: 1 } }]))).toEqual({ version: "records/1", rules: [rule] });
});
