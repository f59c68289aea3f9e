/** Lists and parameters that measure much and are read in no time: each of these took seconds. */
import { describe, expect, test } from "@jest/globals";
import { integer, objectIdentifier, octetString, sequence, tagged } from "../../../src/core/der/write-der.ts";
import { readWholeDer } from "../../../src/core/crypto/read-der.ts";
import { algorithmIn } from "../../../src/core/crypto/signature-algorithms.ts";
import { shelfOf } from "../../../src/core/revocation/revocation-shelf.ts";
import { hostileList, LISTS } from "../../../bench/hostile/revocations.ts";
import { retagged } from "../cms/messages.ts";

/** Milliseconds of this process's processors. */
function costOf(work: () => void): number {
  const begun = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(begun);
  return (user + system) / 1_000;
}

describe("a list of 200 KB that nobody signed", () => {
  test.each(LISTS)("%s costs a small multiple of its size", (kind) => {
    const list = hostileList(kind);
    expect(list.length).toBeGreaterThan(150_000);
    expect(costOf(() => shelfOf([list]))).toBeLessThan(500);
  });
});

test("a number of a megabyte, and half a million values, where RSASSA-PSS has its parameters are refused at once", () => {
  const long = retagged(0x02, octetString(new Uint8Array(1_000_000).fill(0x7f)));
  const values = Buffer.alloc(1_000_000, Uint8Array.of(5, 0));
  for (const parameters of [sequence(tagged(2, long)), sequence(values)]) {
    const algorithm = readWholeDer(sequence(objectIdentifier("1.2.840.113549.1.1.10"), parameters));
    expect(costOf(() => expect(() => algorithmIn(algorithm)).toThrow(expect.objectContaining({ code: "malformed" })))).toBeLessThan(500);
  }
  const honest = readWholeDer(sequence(objectIdentifier("1.2.840.113549.1.1.10"), sequence(tagged(2, integer(20)))));
  expect(algorithmIn(honest)).toEqual({ keyType: "rsa", hash: "sha1", salt: 20 });
});
