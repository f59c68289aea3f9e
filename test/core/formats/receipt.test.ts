import { describe, expect, test } from "@jest/globals";
import { formatLeaf } from "../../../src/core/formats/leaf.ts";
import { formatReceipt, parseReceipt } from "../../../src/core/formats/receipt.ts";
import { LEAF } from "./samples.ts";

const RECEIPT = {
  leaf: formatLeaf(LEAF),
  index: 5,
  treeSize: 7,
  inclusionProof: [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)],
  checkpoint: "origin\n7\nroot\n\n— origin AAAA\n",
  seals: ["header..signature"],
  xmlSeals: [],
  otherSeals: 0,
  evidence: [],
  salt: new Uint8Array(32).fill(9),
};

/** As it was given to people until there was a second number. */
const CLOSED = formatReceipt(RECEIPT)
  .replace("receipt/2", "receipt/1")
  .replace(/"seals": \[\s*\{\s*"jws": ("[^"]*")\s*\}\s*\]/, '"seal": $1');

describe("receipt (chartulary-receipt/2)", () => {
  test("of the first number is read alike", () => {
    expect(CLOSED).toContain('"seal": "header..signature"');
    expect(parseReceipt(CLOSED)).toEqual(RECEIPT);
    expect(() => parseReceipt(CLOSED.replace('"index"', '"note": "", "index"'))).toThrow(expect.objectContaining({ code: "malformed" }));
  });

  test("may hold more, which is passed over, and seals of other forms, which are counted", () => {
    const text = formatReceipt(RECEIPT).replace('"index"', '"later": [{}], "index"');
    expect(parseReceipt(text.replace('"seals": [', '"seals": [ {"cms": "AAAA"},'))).toEqual({ ...RECEIPT, otherSeals: 1 });
  });

  test("is read as it was written", () => {
    expect(parseReceipt(formatReceipt(RECEIPT))).toEqual(RECEIPT);
  });

  test("tells the XML seal that was made since, or why there is none", () => {
    expect(parseReceipt(formatReceipt({ ...RECEIPT, later: { xades: "<ds:Signature/>" } }))).toEqual({ ...RECEIPT, xmlSeals: ["<ds:Signature/>"] });
    expect(parseReceipt(formatReceipt({ ...RECEIPT, later: { none: "no such character" } }))).toEqual({ ...RECEIPT, noXmlSeal: "no such character" });
  });

  test("is the same text every time", () => {
    expect(formatReceipt(RECEIPT)).toBe(formatReceipt({ ...RECEIPT }));
  });

  test.each([
    ["a negative index", '"index": 5', '"index": -5'],
    ["an index with a fraction", '"index": 5', '"index": 5.0'],
    ["an index that is too large", '"index": 5', '"index": 9007199254740993'],
    ["an index that is text", '"index": 5', '"index": "5"'],
    ["a short hash", /"AQEB/, '"AQ'],
    ["base64 that is written in another way", /AQE="/, 'AQF="'],
    ["a critical property that is not known", '"index"', '"critical": ["note"], "note": "", "index"'],
    ["no seal that is known", '"jws"', '"cms"'],
    ["a seal that is no object", '"seals": [', '"seals": [ "header..signature",'],
    ["a property twice", '"index": 5', '"index": 5, "index": 6'],
  ])("with %s it is malformed", (_, from, to) => {
    const text = formatReceipt(RECEIPT);
    const changed = text.replace(from, to);
    expect(changed).not.toBe(text);
    expect(() => parseReceipt(changed)).toThrow(expect.objectContaining({ code: "malformed" }));
  });

  test("has time-stamps, which are read as they were written, and none that is no time-stamp", () => {
    const entry = { leaf: new TextEncoder().encode("{}"), index: 4 };
    const lists = { certificates: [Uint8Array.of(1)], revocations: [], inclusionProof: [new Uint8Array(32)] };
    const evidence = [{ stamped: "a\nb\n", token: Uint8Array.of(48, 0), ...lists, entry }];
    const text = formatReceipt({ ...RECEIPT, evidence });
    expect(parseReceipt(text).evidence).toEqual(evidence);
    for (const odd of [text.replace(/"token": "[^"]*"/, '"token": 1'), text.replace(/"certificates": \[[^\]]*\]/, '"certificates": "AA=="')]) {
      expect(odd).not.toBe(text);
      expect(() => parseReceipt(odd)).toThrow();
    }
  });
});
