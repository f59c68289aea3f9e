import { describe, expect, test } from "@jest/globals";
import { formatLeaf, parseLeaf } from "../../../src/core/formats/leaf.ts";
import { LEAF } from "./samples.ts";

const CLOSED =
  '{"canonicalDigest":"sha256:2222222222222222222222222222222222222222222222222222222222222222","depositDigest":"sha256:3333333333333333333333333333333333333333333333333333333333333333","format":"chartulary-leaf/1","id":"3f1c1c3e-7f0e-4c5e-9a63-1f2a3b4c5d6e","identifierCommitment":"sha256:4444444444444444444444444444444444444444444444444444444444444444","kind":"deposit","outerCommitment":"sha256:5555555555555555555555555555555555555555555555555555555555555555","receivedAt":"2026-03-14T08:31:00.123Z","submittedDigest":"sha256:1111111111111111111111111111111111111111111111111111111111111111"}';

const TEXT = CLOSED.replace("leaf/1", "leaf/2");

const read = (text: string) => parseLeaf(new TextEncoder().encode(text));

describe("leaf (chartulary-leaf/2)", () => {
  test("has these bytes, for ever", () => {
    expect(Buffer.from(formatLeaf(LEAF)).toString("utf8")).toBe(TEXT);
  });

  test("is read as it was written", () => {
    expect(parseLeaf(formatLeaf(LEAF))).toEqual(LEAF);
  });

  test("what was entered before there was a second number is read alike", () => {
    expect(read(CLOSED)).toEqual(LEAF);
  });

  test("may say more, which is passed over", () => {
    expect(read(TEXT.replace('"kind"', '"kin":{"ship":[1]},"kind"'))).toEqual(LEAF);
    expect(read(TEXT.replace('{"canonicalDigest"', '{"a":{"format":"chartulary-leaf/1"},"canonicalDigest"'))).toEqual(LEAF);
    const critical = TEXT.replace('"depositDigest"', '"critical":["kind"],"depositDigest"');
    expect(read(critical)).toEqual(LEAF);
  });

  test.each([
    ["a critical property that is not known", TEXT.replace('"depositDigest"', '"critical":["kin"],"depositDigest"')],
    ["a list of critical properties that is none", TEXT.replace('"depositDigest"', '"critical":"kind","depositDigest"')],
    ["a property more in the closed format", CLOSED.replace('"kind"', '"kin":"","kind"')],
    ["white space", TEXT.replace(":", ": ")],
    ["another order", TEXT.replace(/"kind":"deposit",("outerCommitment":"[^"]+"),/, '$1,"kind":"deposit",')],
    ["a property more in the wrong place", TEXT.replace('"kind"', '"kin":"","kind"').replace('"id"', '"zone":1,"id"')],
    ["a property twice", TEXT.replace('"kind":"deposit"', '"kind":"deposit","kind":"deposit"')],
    ["a property less", TEXT.replace('"kind":"deposit",', "")],
    ["another kind", TEXT.replace('"deposit"', '"withdrawal"')],
    ["another version", TEXT.replace("leaf/2", "leaf/3")],
    ["an escape", TEXT.replace("deposit", "\\u0064eposit")],
    ["another time", TEXT.replace("00.123Z", "00Z")],
    ["a digest in upper case", TEXT.replace(/2{64}/, "A".repeat(64))],
    ["something behind it", `${TEXT}\n`],
    ["no JSON", "leaf"],
  ])("with %s it is malformed", (_, text) => {
    expect(() => read(text)).toThrow(expect.objectContaining({ code: "malformed" }));
  });
});
