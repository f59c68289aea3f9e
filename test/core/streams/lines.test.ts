import { describe, expect, test } from "@jest/globals";
import { gzipSync } from "node:zlib";
import { linesOf, type Line, type LineStart } from "../../../src/core/streams/lines.ts";
import { behind, unpacked } from "../../../src/core/streams/unpacked.ts";

async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield Promise.resolve(bytes.subarray(at, at + size));
}

async function linesIn(text: string | Uint8Array, size = 3, longest = 100, from?: LineStart): Promise<Line[]> {
  const lines: Line[] = [];
  for await (const line of linesOf(inPieces(Buffer.from(text), size), longest, from)) lines.push(line);
  return lines;
}

const textOf = ({ bytes }: Line): string | undefined => bytes && Buffer.from(bytes).toString("utf8");

describe("lines of a stream", () => {
  test("end with LF or CRLF, the last one also without; blank ones are counted and passed over", async () => {
    const lines = await linesIn("\uFEFF{a}\r\n\r\n \t\n{b}\n\n{ü}");
    expect(lines.map((line) => [line.number, textOf(line)])).toEqual([
      [1, "{a}"],
      [4, "{b}"],
      [6, "{ü}"],
    ]);
  });

  test("that are too long are told, whatever stands around them, and nothing of them is held", async () => {
    const lines = await linesIn(`${"a".repeat(10)}\r\n${"b".repeat(11)}\r\n${"c".repeat(5_000)}\nd\n${"e".repeat(99)}`, 7, 10);
    expect(lines.map((line) => [line.number, textOf(line)])).toEqual([
      [1, "a".repeat(10)],
      [2, undefined],
      [3, undefined],
      [4, "d"],
      [5, undefined],
    ]);
  });

  test.each(["", "\n", "\r\n", "a", "\uFEFFa\n\uFEFFb", "a\r\n\r\nü ü\n \nabcdefghi\r\nabcdefgh\r\n\rb\n\n", "\uFEFFabcdefgh\r\nb\r"])(
    "are the same however the bytes come, and from each place on: %j",
    async (text) => {
      const whole = await linesIn(text, 1_000, 8);
      for (let size = 1; size < 12; size++) {
        expect(await linesIn(text, size, 8)).toEqual(whole);
        for (const { next } of whole)
          expect(await linesIn(Buffer.from(text).subarray(next.start), size, 8, next)).toEqual(whole.filter(({ number }) => number >= next.number));
      }
    },
  );

  test("are held one at a time of a stream that never ends one", async () => {
    let given = 0;
    async function* endless(): AsyncGenerator<Uint8Array> {
      const piece = new Uint8Array(1 << 20).fill(0x61);
      for (; given < 1_024; given++) yield await Promise.resolve(piece);
      yield Buffer.from("\nlast");
    }
    const before = process.memoryUsage().arrayBuffers;
    const lines: Line[] = [];
    for await (const line of linesOf(endless(), 5 << 20)) lines.push(line);
    expect([given, lines.map(textOf)]).toEqual([1_024, [undefined, "last"]]);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 << 20);
  });
});

describe("a stream that may be packed", () => {
  const read = async (bytes: Uint8Array, size = 5, most?: number): Promise<string> => {
    const pieces: Uint8Array[] = [];
    for await (const piece of unpacked(inPieces(bytes, size), most === undefined ? {} : { most })) pieces.push(piece);
    return Buffer.concat(pieces).toString("utf8");
  };

  test("is unpacked by its first bytes, also of several members and byte by byte", async () => {
    const two = Buffer.concat([gzipSync("one\n"), gzipSync("two\n")]);
    for (const size of [1, 5, 1_000]) expect(await read(two, size)).toBe("one\ntwo\n");
    expect([await read(Buffer.from("{}\n")), await read(Buffer.from("{")), await read(Buffer.alloc(0))]).toEqual(["{}\n", "{", ""]);
  });

  test("is told where it is cut off, damaged or too much", async () => {
    const packed = gzipSync("x".repeat(100_000));
    await expect(read(packed.subarray(0, packed.length - 9))).rejects.toMatchObject({ code: "malformed" });
    await expect(read(Buffer.from([0x1f, 0x8b, 8, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]))).rejects.toMatchObject({ code: "malformed" });
    await expect(read(packed, 5, 99_999)).rejects.toMatchObject({ code: "too-large" });
    expect(await read(packed, 5, 100_000)).toHaveLength(100_000);
  });

  test("is read from any place on", async () => {
    for (const [bytes, rest] of [
      [0, "abcdef"],
      [2, "cdef"],
      [4, "ef"],
      [6, ""],
      [9, ""],
    ] as const) {
      const pieces: Uint8Array[] = [];
      for await (const piece of behind(inPieces(Buffer.from("abcdef"), 4), bytes)) pieces.push(piece);
      expect(Buffer.concat(pieces).toString()).toBe(rest);
    }
  });

  test("throws what the stream throws, and lets go of it when nobody reads on", async () => {
    let isLetGo = false;
    async function* breaking(): AsyncGenerator<Uint8Array> {
      try {
        yield await Promise.resolve(gzipSync("a".repeat(1_000)));
        throw new Error("the line is dead");
      } finally {
        isLetGo = true;
      }
    }
    await expect(
      (async () => {
        for await (const piece of unpacked(breaking())) void piece;
      })(),
    ).rejects.toThrow("the line is dead");
    expect(isLetGo).toBe(true);
  });
});
