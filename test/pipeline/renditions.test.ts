import { beforeEach, describe, expect, test } from "@jest/globals";
import { newDocumentKey } from "../../src/core/envelope.ts";
import { createRenditions, type Renditions } from "../../src/pipeline/renditions.ts";
import { MemoryRenditions } from "../contracts/memory-renditions.ts";
import { nameOf } from "../contracts/rendition-shelf.ts";

const PDF = new TextEncoder().encode("%PDF-1.7 Ada Brandt");
let keys: Map<string, Uint8Array>;
let shelf: MemoryRenditions;
let renditions: Renditions;

beforeEach(() => {
  keys = new Map([
    ["one", newDocumentKey()],
    ["two", newDocumentKey()],
  ]);
  shelf = new MemoryRenditions();
  renditions = createRenditions(shelf, { read: (id) => Promise.resolve(keys.get(id)) });
});

const text = async (id: string, name: string): Promise<string | undefined> => {
  const bytes = await renditions.read(id, name);
  return bytes && new TextDecoder().decode(bytes);
};

describe("what is kept of a document", () => {
  test("is had back, and nothing of it can be read where it lies", async () => {
    await renditions.keep("one", nameOf(1), PDF);
    expect(await text("one", nameOf(1))).toBe("%PDF-1.7 Ada Brandt");
    expect(Buffer.from(shelf.kept.get(nameOf(1)) ?? []).toString("latin1")).not.toMatch(/PDF|Brandt/);
  });

  test("no byte of it can be changed, and it cannot be cut: it is dropped, and made again", async () => {
    await renditions.keep("one", nameOf(1), PDF);
    const whole = shelf.kept.get(nameOf(1)) ?? new Uint8Array();
    const altered = [...whole.keys()].map((at) => whole.map((byte, place) => (place === at ? byte ^ 1 : byte)));
    for (const sealed of [...altered, whole.subarray(1), whole.subarray(0, 20), whole.subarray(0, 0), Buffer.concat([whole, whole])]) {
      shelf.kept.set(nameOf(1), sealed);
      expect([await text("one", nameOf(1)), shelf.kept.size]).toEqual([undefined, 0]);
    }
  });

  test("opens under no other name and for no other document, wherever it is put", async () => {
    await renditions.keep("one", nameOf(1), PDF);
    const sealed = shelf.kept.get(nameOf(1)) ?? new Uint8Array();
    shelf.kept.set(nameOf(2), sealed);
    expect(await text("one", nameOf(2))).toBeUndefined();
    expect(await text("two", nameOf(1))).toBeUndefined();
    keys.set("two", keys.get("one") ?? new Uint8Array());
    shelf.kept.set(nameOf(1), sealed);
    expect(await text("two", nameOf(1))).toBeUndefined();
  });

  test("ends with the document's key", async () => {
    await renditions.keep("one", nameOf(1), PDF);
    keys.delete("one");
    await expect(renditions.read("one", nameOf(1))).rejects.toMatchObject({ code: "gone" });
    await expect(renditions.keep("one", nameOf(1), PDF)).rejects.toMatchObject({ code: "gone" });
    keys.set("one", newDocumentKey());
    expect(await text("one", nameOf(1))).toBeUndefined();
  });
});
