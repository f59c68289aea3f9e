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
  seal: "header..signature",
  salt: new Uint8Array(32).fill(9),
};

describe("receipt (chartulary-receipt/1)", () => {
  test("is read as it was written", () => {
    expect(parseReceipt(formatReceipt(RECEIPT))).toEqual(RECEIPT);
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
    ["an unknown property", '"index"', '"note": "", "index"'],
    ["a property twice", '"index": 5', '"index": 5, "index": 6'],
  ])("with %s it is malformed", (_, from, to) => {
    const text = formatReceipt(RECEIPT);
    const changed = text.replace(from, to);
    expect(changed).not.toBe(text);
    expect(() => parseReceipt(changed)).toThrow(expect.objectContaining({ code: "malformed" }));
  });
});
