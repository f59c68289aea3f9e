import { describe, expect, test } from "@jest/globals";
import { fromBase64, fromBase64Url, toBase64, toBase64Url } from "../../../src/core/crypto/base64.ts";

describe("base64", () => {
  test("bytes come back as they were", () => {
    for (let length = 0; length < 20; length += 1) {
      const bytes = Uint8Array.from({ length }, (_, at) => 255 - at * 7);
      expect(fromBase64(toBase64(bytes))).toEqual(bytes);
      expect(fromBase64Url(toBase64Url(bytes))).toEqual(bytes);
    }
    expect(toBase64(new Uint8Array([1, 2, 3, 4]).subarray(1, 3))).toBe("AgM=");
  });

  test.each(["A", "AA", "AAA", "AAA=A", "AB==", "AAE", " AAAA", "AAAA\n", "A-_A", "====", "AA\u0000A"])("%j is not base64", (text) => {
    expect(fromBase64(text)).toBeUndefined();
  });

  test.each(["A", "AB", "AA==", "AAAA ", "A+/A", "AAF"])("%j is not base64url", (text) => {
    expect(fromBase64Url(text)).toBeUndefined();
  });
});
