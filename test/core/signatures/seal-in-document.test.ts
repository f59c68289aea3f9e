import { beforeAll, describe, expect, test } from "@jest/globals";
import type { Keys } from "../../../src/core/crypto/keys.ts";
import { makeSeal } from "../../../src/core/signatures/seal.ts";
import { sealIn } from "../../../src/core/signatures/seal-in-document.ts";
import { servedSignature } from "../../../src/pipeline/sign/seal-resources.ts";
import { sampleDocument, temporaryKeys, treeOfText } from "../../pipeline/sign/deposited.ts";

const CONTENT = new TextEncoder().encode("{}");
let ours: Keys;
let others: Keys;
let seal: string;

beforeAll(async () => {
  [ours, others] = await Promise.all([temporaryKeys(), temporaryKeys()]);
  seal = await makeSeal(CONTENT, ours.seal, new Date("2026-03-14T08:31:00Z"));
});

describe("sealIn", () => {
  const carrying = () => treeOfText(sampleDocument("urn:uuid:1")).add("signature", servedSignature(seal));

  test("knows our seal by its certificate, from the trust file or the receipt", async () => {
    const otherSealOfOurs = await makeSeal(new TextEncoder().encode("[]"), ours.seal, new Date("2026-03-15T08:31:00Z"));
    expect(sealIn(carrying(), undefined, ours.sealCertificates)).toBe(seal);
    expect(sealIn(carrying(), [otherSealOfOurs], undefined)).toBe(seal);
  });

  test("takes another repository's seal for a sender's signature", async () => {
    expect(sealIn(carrying(), undefined, others.sealCertificates)).toBeUndefined();
    expect(sealIn(carrying(), [await makeSeal(CONTENT, others.seal, new Date("2026-03-15T08:31:00Z"))], undefined)).toBeUndefined();
  });

  test("believes what it says of itself only where nothing else is known", () => {
    expect(sealIn(carrying(), undefined, undefined)).toBe(seal);
    const author = carrying().object("signature")!.without("type");
    expect(sealIn(carrying().without("signature").add("signature", author), undefined, undefined)).toBeUndefined();
  });

  test("finds none where there is none", () => {
    expect(sealIn(treeOfText(sampleDocument("urn:uuid:1")), [seal], ours.sealCertificates)).toBeUndefined();
    expect(sealIn(treeOfText(sampleDocument("urn:uuid:1", { signature: { data: "AAAA" } })), [seal], ours.sealCertificates)).toBeUndefined();
  });
});
