import { describe, expect, test } from "@jest/globals";
import { closeEnvelope, newDocumentKey, openEnvelope, unwrapKey, wrapKey } from "../../src/core/envelope.ts";

const ID = "3f1c1c3e-7f0e-4c5e-9a63-1f2a3b4c5d6e";
const damaged = expect.objectContaining({ code: "damaged" });

function flipped(bytes: Uint8Array, at: number): Uint8Array {
  return bytes.with(at, (bytes[at] as number) ^ 1);
}

describe("envelope", () => {
  test.each([0, 1, 31, 100_000])("gives back %d bytes as they were, whether they compress or not", (length) => {
    const key = newDocumentKey();
    for (const bytes of [new Uint8Array(length).fill(65), crypto.getRandomValues(new Uint8Array(Math.min(length, 65_536)))]) {
      expect(openEnvelope(closeEnvelope(bytes, key, "content", ID), key, "content", ID)).toEqual(bytes);
    }
  });

  test("hides what is in it and never looks the same twice", () => {
    const key = newDocumentKey();
    const bytes = new TextEncoder().encode("a patient's name");
    const one = closeEnvelope(bytes, key, "content", ID);
    expect(Buffer.from(one).includes("patient")).toBe(false);
    expect(closeEnvelope(bytes, key, "content", ID)).not.toEqual(one);
  });

  test("any changed byte, a missing one, another key, purpose or id is damage", () => {
    const key = newDocumentKey();
    const envelope = closeEnvelope(new TextEncoder().encode("content, content, content, content"), key, "content", ID);
    for (let at = 0; at < envelope.length; at += 1) expect(() => openEnvelope(flipped(envelope, at), key, "content", ID)).toThrow(damaged);
    expect(() => openEnvelope(envelope.subarray(0, -1), key, "content", ID)).toThrow(damaged);
    expect(() => openEnvelope(new Uint8Array(), key, "content", ID)).toThrow(damaged);
    expect(() => openEnvelope(envelope, newDocumentKey(), "content", ID)).toThrow(damaged);
    expect(() => openEnvelope(envelope, key, "evidence", ID)).toThrow(damaged);
    expect(() => openEnvelope(envelope, key, "content", ID.replace("3", "4"))).toThrow(damaged);
  });
});

describe("wrapped key", () => {
  const master = newDocumentKey();
  const key = newDocumentKey();

  test("is 65 bytes and unwraps to the key", () => {
    expect(wrapKey(key, master, ID).length).toBe(65);
    expect(unwrapKey(wrapKey(key, master, ID), master, ID)).toEqual(key);
  });

  test("any changed byte, another id or another master key is damage", () => {
    const wrapped = wrapKey(key, master, ID);
    for (let at = 0; at < wrapped.length; at += 1) expect(() => unwrapKey(flipped(wrapped, at), master, ID)).toThrow(damaged);
    expect(() => unwrapKey(wrapped, master, ID.replace("3", "4"))).toThrow(damaged);
    expect(() => unwrapKey(wrapped, newDocumentKey(), ID)).toThrow(/another master key/);
    expect(() => unwrapKey(new Uint8Array(), master, ID)).toThrow(damaged);
  });
});
