import { describe, expect, test } from "@jest/globals";
import { tileAt } from "../../../src/interactions/log/read-tile.ts";

/** A log of 70,000 leaves whose hashes and leaves say which they are. */
const SIZE = 70_000;
const ENTRY = { contentBytes: 0, id: "", kind: "deposit", receivedAt: "", treeSize: SIZE };
const store = {
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
    const tile = await tileAt("0/000", SIZE, store);
    expect(hashes(tile?.bytes ?? Buffer.alloc(0))).toHaveLength(256);
    const higher = await tileAt("1/000", SIZE, store);
    expect(hashes(higher?.bytes ?? Buffer.alloc(0)).slice(0, 2)).toEqual(["8/0", "8/1"]);
  });

  test("places beyond 999 are written in groups", async () => {
    expect(hashes((await tileAt("0/x000/272", SIZE, store))?.bytes ?? Buffer.alloc(0))).toEqual([]);
    expect((await tileAt("0/273.p/112", SIZE, store))?.bytes).toHaveLength(112 * 32);
    expect(hashes((await tileAt("0/x001/x234/567", 1_234_567 * 256 + 256, store))?.bytes ?? Buffer.alloc(0))[0]).toBe(`0/${1_234_567 * 256}`);
  });

  test("a partial tile is what there is, or less", async () => {
    const last = SIZE % 256;
    expect(hashes((await tileAt(`0/273.p/${last}`, SIZE, store))?.bytes ?? Buffer.alloc(0))).toHaveLength(last);
    expect(hashes((await tileAt("2/000.p/1", SIZE, store))?.bytes ?? Buffer.alloc(0))).toEqual(["16/0"]);
    expect(await tileAt(`0/273.p/${last + 1}`, SIZE, store)).toBeUndefined();
    expect(await tileAt("0/273", SIZE, store)).toBeUndefined();
  });

  test("entries that are missing are no shorter tile, nor are others in their place", async () => {
    const short = { ...store, entries: async (from: number, count: number) => (await store.entries(from, count)).slice(0, -1) };
    const shifted = { ...store, entries: (from: number, count: number) => store.entries(from + 1, count) };
    for (const damaged of [short, shifted]) await expect(tileAt("entries/000.p/2", SIZE, damaged)).rejects.toMatchObject({ code: "damaged" });
  });

  test("leaves stand behind their lengths", async () => {
    const tile = await tileAt("entries/000.p/2", SIZE, store);
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
  )("%p is no tile", async (path) => expect(await tileAt(path, SIZE, store)).toBeUndefined());
});
