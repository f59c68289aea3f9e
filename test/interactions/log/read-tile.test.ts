import { describe, expect, test } from "@jest/globals";
import { tileAt } from "../../../src/interactions/log/read-tile.ts";

/** A log of 70,000 leaves whose hashes and leaves say which they are. */
const SIZE = 70_000;
const ENTRY = { contentBytes: 0, id: "", kind: "deposit", receivedAt: "", treeSize: SIZE };
const store = {
  checkpoint: () => Promise.resolve({ size: SIZE, note: "" }),
  nodes: (places: readonly { readonly level: number; readonly index: number }[]) =>
    Promise.resolve(places.map(({ level, index }) => Buffer.from(`${level}/${index}`.padEnd(32)))),
  entries: (from: number, count: number) =>
    Promise.resolve(Array.from({ length: count }, (_, at) => ({ ...ENTRY, index: from + at, leaf: Buffer.from(`leaf ${from + at}`) }))),
};
const hashes = (bytes: Uint8Array): string[] =>
  Buffer.from(bytes)
    .toString()
    .match(/.{32}/g)
    ?.map((hash) => hash.trim()) ?? [];

describe("tiles (C2SP tlog-tiles)", () => {
  test("a full tile has 256 hashes of its level", async () => {
    const tile = await tileAt("0/000", store);
    expect([tile?.isFull, hashes(tile?.bytes ?? Buffer.alloc(0)).length]).toEqual([true, 256]);
    const higher = await tileAt("1/000", store);
    expect(hashes(higher?.bytes ?? Buffer.alloc(0)).slice(0, 2)).toEqual(["8/0", "8/1"]);
  });

  test("places beyond 999 are written in groups", async () => {
    expect(hashes((await tileAt("0/x000/272", store))?.bytes ?? Buffer.alloc(0))).toEqual([]);
    expect((await tileAt("0/273.p/112", store))?.isFull).toBe(false);
    const large = { ...store, checkpoint: () => Promise.resolve({ size: 1_234_567 * 256 + 256, note: "" }) };
    expect(hashes((await tileAt("0/x001/x234/567", large))?.bytes ?? Buffer.alloc(0))[0]).toBe(`0/${1_234_567 * 256}`);
  });

  test("a partial tile is what there is, or less", async () => {
    const last = SIZE % 256;
    expect(hashes((await tileAt(`0/273.p/${last}`, store))?.bytes ?? Buffer.alloc(0))).toHaveLength(last);
    expect(hashes((await tileAt("2/000.p/1", store))?.bytes ?? Buffer.alloc(0))).toEqual(["16/0"]);
    expect(await tileAt(`0/273.p/${last + 1}`, store)).toBeUndefined();
    expect(await tileAt("0/273", store)).toBeUndefined();
  });

  test("leaves stand behind their lengths", async () => {
    const tile = await tileAt("entries/000.p/2", store);
    expect(Buffer.from(tile?.bytes ?? []).toString("latin1")).toBe("\0\x06leaf 0\0\x06leaf 1");
  });

  test.each(
    [
      [
        "",
        "0",
        "0/0",
        "00/000",
        "0/000.p/0",
        "0/000.p/256",
        "0/000.p/01",
        "0/1000",
        "6/000",
        "-1/000",
        "0/x000/001",
        "entries",
        "0/000/",
        "../0/000",
      ],
    ].flat(),
  )("%p is no tile", async (path) => expect(await tileAt(path, store)).toBeUndefined());
});
