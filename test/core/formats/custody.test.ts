import { describe, expect, test } from "@jest/globals";
import { digestOf } from "../../../src/core/crypto/digest.ts";
import {
  ERASURE_REASONS,
  erasureReasonOf,
  formatCustodyLeaf,
  formatCustodyRecord,
  lineOf,
  meaningOf,
  parseCustodyLeaf,
  parseCustodyRecord,
  type CustodyLeaf,
} from "../../../src/core/formats/custody.ts";
import { timeOfLeaf } from "../../../src/core/formats/leaf.ts";

const ERASURE: CustodyLeaf = {
  kind: "erasure",
  id: "0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0",
  document: "1c3151bd-1cbf-4d64-b04d-cd9187a4c6e0",
  at: "2026-03-14T09:30:00.000Z",
  reason: "misfiled",
  recordDigest: `sha256:${"0f".repeat(32)}`,
};
const altered = (change: Record<string, unknown>): Uint8Array => {
  const leaf = JSON.parse(new TextDecoder().decode(formatCustodyLeaf(ERASURE))) as Record<string, unknown>;
  return new TextEncoder().encode(JSON.stringify({ ...leaf, ...change }));
};

describe("the leaf", () => {
  test("of each kind is read as it was written, and tells its time", () => {
    const { reason: _, ...others } = ERASURE;
    for (const leaf of [ERASURE, { ...others, kind: "hold" as const }, { ...others, kind: "release" as const }]) {
      const bytes = formatCustodyLeaf(leaf);
      expect(parseCustodyLeaf(bytes)).toEqual(leaf);
      expect(timeOfLeaf(bytes)?.toISOString()).toBe(leaf.at);
    }
  });

  test("may say more, and have a reason of a later program, but nothing critical that is not known", () => {
    expect(parseCustodyLeaf(altered({ extent: "all" }))).toEqual(ERASURE);
    expect(parseCustodyLeaf(altered({ reason: "new-law" })).reason).toBe("new-law");
    expect(() => parseCustodyLeaf(altered({ extent: "a part", critical: ["extent"] }))).toThrow(/critical/);
  });

  test.each([
    { kind: "deposit" },
    { document: "1" },
    { at: "yesterday" },
    { recordDigest: "sha256:0f" },
    { reason: "A patient's name" },
    { reason: undefined },
  ])("is none with %j", (change) => expect(() => parseCustodyLeaf(altered(change))).toThrow());
});

test("the record is read as it was written, and its digest tells nobody what is guessed", () => {
  const record = { id: ERASURE.id, by: "A. Smith", text: "sent for the wrong patient" };
  const [one, other] = [formatCustodyRecord(record), formatCustodyRecord(record)];
  expect(parseCustodyRecord(one.record)).toEqual(record);
  expect(digestOf(one.record)).toBe(one.digest);
  expect(one.digest).not.toBe(other.digest);
});

test.each([
  ["misfiled", "misfiled", ""],
  ["misfiled: sent for another", "misfiled", "sent for another"],
  ["court-order/AZ 3 K 12", "court-order", "AZ 3 K 12"],
  ["retention", "retention", ""],
  ["it was wrong", "other", "it was wrong"],
  ["constructor", "other", "constructor"],
  ["wrong: very", "other", "wrong: very"],
])("the reason %j has the code %s", (given, code, text) => expect(erasureReasonOf(given)).toEqual({ code, text }));

test.each(["", "  ", "two\nlines", "x".repeat(2001), "\ud800"])("%j is no line", (text) =>
  expect(() => lineOf(text, "a reason")).toThrow(/one line/),
);

test("every code has a meaning, and a later program's says itself", () => {
  for (const [code, meaning] of Object.entries(ERASURE_REASONS)) expect(meaningOf(code)).toBe(meaning);
  expect(meaningOf("new-law")).toBe("new-law");
});
