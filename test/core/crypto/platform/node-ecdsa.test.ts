import { expect, test } from "@jest/globals";
import { generateKeyPairSync, randomBytes, sign, verify } from "node:crypto";
import { verifyNumbers } from "../../../../src/core/crypto/platform/node-ecdsa.ts";

const CURVES = [
  ["prime256v1", "sha256", 32],
  ["secp384r1", "sha384", 48],
  ["secp521r1", "sha512", 66],
  ["brainpoolP512r1", "sha512", 64],
] as const;

test.each(CURVES)("numbers on %s are verified as Node verifies them, whatever begins with zeros or a high bit", (namedCurve, hash, length) => {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve });
  const plain = { key: publicKey, dsaEncoding: "ieee-p1363" } as const;
  for (let count = 0; count < 300; count++) {
    const input = randomBytes(20);
    const numbers = new Uint8Array(sign(hash, input, { key: privateKey, dsaEncoding: "ieee-p1363" }));
    expect([numbers.length, verifyNumbers(hash, input, publicKey, numbers)]).toEqual([2 * length, true]);
    const altered = numbers.slice();
    altered[count % altered.length]! ^= 1 + (count % 255);
    expect(verifyNumbers(hash, input, publicKey, altered)).toBe(verify(hash, input, plain, altered));
  }
  for (const numbers of [new Uint8Array(2 * length), new Uint8Array(2 * length).fill(255), new Uint8Array(2 * length).fill(1)])
    expect(verifyNumbers(hash, Buffer.from("text"), publicKey, numbers)).toBe(verify(hash, Buffer.from("text"), plain, numbers));
});
