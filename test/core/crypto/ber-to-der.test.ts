import { describe, expect, test } from "@jest/globals";
import { derOf } from "../../../src/core/crypto/ber-to-der.ts";

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replace(/ /g, ""), "hex"));
const hexOf = (value: Uint8Array): string => Buffer.from(value).toString("hex");

describe("a value in basic encoding", () => {
  test.each<[string, string, string]>([
    ["a length that is told at the end", "30 80 0201 05 0000", "3003020105"],
    ["within each other", "30 80 a0 80 0201 05 0000 0500 0000", "3007a0030201050500"],
    ["a length in more bytes than it needs", "30 83 00 00 03 0201 05", "3003020105"],
    ["the same of a plain value", "30 05 02 82 00 01 05", "3003020105"],
    ["an octet string in pieces", "24 80 0401 41 0402 4243 0000", "0403414243"],
    ["pieces in pieces", "24 80 24 06 04 81 01 41 0400 0401 42 0000", "04024142"],
    ["what lies between stays", "30 80 3003 020105 24 80 0401 41 0000 3003 020106 0000", "300d" + "3003020105" + "040141" + "3003020106"],
    [
      "more than 127 bytes",
      `30 80 24 80 0478 ${"41".repeat(120)} 0410 ${"42".repeat(16)} 0000 0000`,
      `30818b048188${"41".repeat(120)}${"42".repeat(16)}`,
    ],
  ])("%s is written as it should be", (_, given, expected) => {
    expect(hexOf(derOf(bytes(given)))).toBe(expected);
  });

  test("what is as it should be is not even copied", () => {
    const der = bytes("300d 3003020105 040141 3003020106");
    expect(derOf(der)).toBe(der);
  });

  test.each([
    ["nothing", ""],
    ["half a head", "30"],
    ["something behind it", "0500 00"],
    ["no end", "30 80 0500"],
    ["an end outside of what it lies in", "30 03 30 80 00 00"],
    ["a plain value without a length", "04 80 0000"],
    ["pieces of another type", "24 80 0201 05 0000"],
    ["a tag of several bytes", "1f 01 00"],
    ["a length of nine bytes", "30 89 000000000000000003 020105"],
    ["a piece that is longer than what it lies in", "24 0a 24 05 04 81 01 41 0400 0401 42"],
    ["a length beyond its end", "30 05 020105"],
    ["forty-two levels", `${"3080".repeat(42)}${"0000".repeat(42)}`],
  ])("%s is none", (_, given) => {
    expect(() => derOf(bytes(given))).toThrow("not ASN.1");
  });

  test("a million pieces are too many, and cost little", () => {
    const before = process.cpuUsage();
    expect(() => derOf(bytes(`2480${"040141".repeat(300_000)}0000`))).toThrow("too many pieces");
    expect(process.cpuUsage(before).user / 1000).toBeLessThan(1_000);
  });
});
