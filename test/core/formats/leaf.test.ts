import { describe, expect, test } from "@jest/globals";
import { formatLeaf, parseLeaf } from "../../../src/core/formats/leaf.ts";
import { LEAF } from "./samples.ts";

const TEXT =
  '{"canonicalDigest":"sha256:2222222222222222222222222222222222222222222222222222222222222222","depositDigest":"sha256:3333333333333333333333333333333333333333333333333333333333333333","format":"chartulary-leaf/1","id":"3f1c1c3e-7f0e-4c5e-9a63-1f2a3b4c5d6e","identifierCommitment":"sha256:4444444444444444444444444444444444444444444444444444444444444444","kind":"deposit","outerCommitment":"sha256:5555555555555555555555555555555555555555555555555555555555555555","receivedAt":"2026-03-14T08:31:00.123Z","submittedDigest":"sha256:1111111111111111111111111111111111111111111111111111111111111111"}';

describe("leaf (chartulary-leaf/1)", () => {
  test("has these bytes, for ever", () => {
    expect(Buffer.from(formatLeaf(LEAF)).toString("utf8")).toBe(TEXT);
  });

  test("is read as it was written", () => {
    expect(parseLeaf(formatLeaf(LEAF))).toEqual(LEAF);
  });

  test.each([
    ["white space", TEXT.replace(":", ": ")],
    ["another order", TEXT.replace(/"kind":"deposit",("outerCommitment":"[^"]+"),/, '$1,"kind":"deposit",')],
    ["a property more", TEXT.replace('"kind"', '"kin":"","kind"')],
    ["a property twice", TEXT.replace('"kind":"deposit"', '"kind":"deposit","kind":"deposit"')],
    ["a property less", TEXT.replace('"kind":"deposit",', "")],
    ["another kind", TEXT.replace('"deposit"', '"withdrawal"')],
    ["another version", TEXT.replace("leaf/1", "leaf/2")],
    ["an escape", TEXT.replace("deposit", "\\u0064eposit")],
    ["another time", TEXT.replace("00.123Z", "00Z")],
    ["a digest in upper case", TEXT.replace(/2{64}/, "A".repeat(64))],
    ["something behind it", `${TEXT}\n`],
    ["no JSON", "leaf"],
  ])("with %s it is malformed", (_, text) => {
    expect(() => parseLeaf(new TextEncoder().encode(text))).toThrow(expect.objectContaining({ code: "malformed" }));
  });
});
