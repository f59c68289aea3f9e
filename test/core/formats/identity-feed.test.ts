import { expect, test } from "@jest/globals";
import { formatFeedLeaf, formatFeedRecord, parseFeedLeaf, parseFeedRecord, type FeedRecord } from "../../../src/core/formats/identity-feed.ts";
import { digestOf } from "../../../src/core/crypto/digest.ts";

const ID = "0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0";
const LEAF = { id: ID, at: "2026-03-14T09:30:00.000Z", recordDigest: `sha256:${"0".repeat(64)}` };
const RECORD: FeedRecord = {
  id: ID,
  identifier: { system: "urn:oid:1.2.3", value: "47|11 \u{1f600}" },
  mediaType: "application/fhir+xml",
  message: Buffer.from("<Patient/>\r\n\u00e9"),
  submitter: { kind: "unauthenticated", purpose: "TREAT" },
  came: { channel: "rest", requestId: "r-1" },
};

test("the leaf is what docs/formats.md says, and nothing of whom", () => {
  const text = Buffer.from(formatFeedLeaf(LEAF)).toString();
  expect(text).toBe(
    `{"at":"2026-03-14T09:30:00.000Z","format":"chartulary-leaf/2","id":"${ID}","kind":"identity-feed","recordDigest":"sha256:${"0".repeat(64)}"}`,
  );
  expect(parseFeedLeaf(Buffer.from(text))).toEqual(LEAF);
});

test("later programs may add properties, unless they are critical", () => {
  const text = Buffer.from(formatFeedLeaf(LEAF)).toString().slice(0, -1);
  expect(parseFeedLeaf(Buffer.from(`${text},"more":1}`))).toEqual(LEAF);
  expect(() => parseFeedLeaf(Buffer.from(`${text},"critical":["more"],"more":1}`))).toThrow(/critical/);
  expect(() => parseFeedLeaf(Buffer.from(`${text}}`.replace("identity-feed", "deposit")))).toThrow(/kind/);
});

test("the record gives the message back to the byte, and its digest is salted", () => {
  const [one, other] = [formatFeedRecord(RECORD), formatFeedRecord(RECORD)];
  expect(parseFeedRecord(one.record)).toEqual({ ...RECORD, message: new Uint8Array(RECORD.message) });
  expect(one.digest).toBe(digestOf(one.record));
  expect(one.digest).not.toBe(other.digest);
});

test.each([
  ["identifier", /"identifier":\{[^}]*\}/, '"identifier":{"system":"x"}'],
  ["message", /"message":"[^"]*"/, '"message":"*"'],
  ["mediaType", /"mediaType":"[^"]*"/, '"mediaType":"text/plain"'],
  ["came", /"came":\{[^}]*\}/, '"came":{}'],
] as const)("refuses a record whose %s is none", (_, from, to) => {
  const { record } = formatFeedRecord(RECORD);
  expect(record).toMatch(from);
  expect(() => parseFeedRecord(record.replace(from, to))).toThrow();
});
