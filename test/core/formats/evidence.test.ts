import { describe, expect, test } from "@jest/globals";
import { formatEvidence, parseEvidence } from "../../../src/core/formats/evidence.ts";

const EVIDENCE = {
  deposit: "{}",
  seal: "header..signature",
  salt: new Uint8Array(32).fill(7),
  identifier: { system: "urn:ietf:rfc:3986", value: "urn:uuid:1" },
};

describe("evidence (chartulary-evidence/1)", () => {
  test("is read as it was written, with and without a system", () => {
    expect(parseEvidence(formatEvidence(EVIDENCE))).toEqual(EVIDENCE);
    const plain = { ...EVIDENCE, identifier: { value: "4711" } };
    expect(parseEvidence(formatEvidence(plain))).toEqual(plain);
  });

  test("with a salt of another length it is malformed", () => {
    expect(() => parseEvidence(formatEvidence({ ...EVIDENCE, salt: new Uint8Array(31) }))).toThrow(expect.objectContaining({ code: "malformed" }));
  });
});
