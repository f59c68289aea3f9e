import { expect, test } from "@jest/globals";
import { digestOf, equalBytes, isDigest, sha256 } from "../../../src/core/crypto/digest.ts";

// FIPS 180-4, example of one block.
const ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

test("sha256 and digestOf give the hash of the standard's example", () => {
  expect(Buffer.from(sha256(new TextEncoder().encode("a"), new TextEncoder().encode("bc"))).toString("hex")).toBe(ABC);
  expect(digestOf("abc")).toBe(`sha256:${ABC}`);
  expect(digestOf(new TextEncoder().encode("abc"))).toBe(digestOf("abc"));
});

test("isDigest knows its own form alone", () => {
  expect(isDigest(`sha256:${ABC}`)).toBe(true);
  for (const text of [ABC, `sha256:${ABC.toUpperCase()}`, `sha256:${ABC}0`, `sha512:${ABC}`, `sha256:${ABC}\n`]) expect(isDigest(text)).toBe(false);
});

test("equalBytes compares length and content", () => {
  expect(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 2))).toBe(true);
  expect(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 3))).toBe(false);
  expect(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 2, 0))).toBe(false);
});
