import { describe, expect, test } from "@jest/globals";
import { formatDepositRecord, parseDepositRecord } from "../../../src/core/formats/deposit-record.ts";
import { canonicalJson } from "../../../src/core/fhir/canonical.ts";
import { DEPOSIT } from "./samples.ts";

describe("deposit record (chartulary-deposit/1)", () => {
  test("is read as it was written", () => {
    const read = parseDepositRecord(formatDepositRecord(DEPOSIT));
    expect({ ...read, outcome: canonicalJson(read.outcome) }).toEqual({ ...DEPOSIT, outcome: canonicalJson(DEPOSIT.outcome) });
  });

  test("is canonical JSON, which begins thus", () => {
    expect(formatDepositRecord(DEPOSIT)).toMatch(/^\{"format":"chartulary-deposit\/1","id":"3f1c1c3e-/);
    expect(formatDepositRecord(DEPOSIT)).toContain('"versions":{"policy":"default/1","rules":"r4/1","software":"chartulary/0.1.0"}');
  });

  test.each([
    ["without a version", '"rules":"r4/1",', ""],
    ["with an unknown integrity", '"integrity":"valid"', '"integrity":"perfect"'],
    ["without an outcome", /"outcome":\{.*\},"receivedAt/, '"outcome":null,"receivedAt'],
    ["with something unknown in a signature's results", '"place"', '"pluck":1,"place"'],
  ])("%s it is malformed", (_, from, to) => {
    expect(() => parseDepositRecord(formatDepositRecord(DEPOSIT).replace(from, to))).toThrow(expect.objectContaining({ code: "malformed" }));
  });
});
