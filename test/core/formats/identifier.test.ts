import { createHash } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import { commitmentTo, identityKey } from "../../../src/core/formats/identifier.ts";

const SALT = new Uint8Array(32).fill(1);

describe("identifier commitment (chartulary-identifier/1)", () => {
  test("is the digest of these bytes", () => {
    const text = '{"format":"chartulary-identifier/1","salt":"AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=","system":"urn:oid:1.2","value":"a\\"b"}';
    expect(commitmentTo({ system: "urn:oid:1.2", value: 'a"b' }, SALT)).toBe(`sha256:${createHash("sha256").update(text).digest("hex")}`);
  });

  test("differs by salt, system and value", () => {
    const made = [
      commitmentTo({ value: "1" }, SALT),
      commitmentTo({ system: "urn:a", value: "1" }, SALT),
      commitmentTo({ system: "urn:a", value: "2" }, SALT),
      commitmentTo({ value: "1" }, new Uint8Array(32)),
    ];
    expect(new Set(made).size).toBe(made.length);
  });
});

describe("identity key (chartulary-identity/1)", () => {
  test("has this value, for ever", () => {
    expect(identityKey({ system: "urn:oid:1.2", value: "1" }, SALT)).toBe("0c0eb9edf7fa4094f0b4869b6267abf793139b7d6472acf64dede9a476a9a253");
  });
});
