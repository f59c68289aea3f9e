import { beforeAll, describe, expect, test } from "@jest/globals";
import type { Keys } from "../../../src/core/crypto/keys.ts";
import { protectedHeaderOf, signingInput } from "../../../src/core/signatures/jws.ts";
import { checkSeal, completeSeal, makeSeal, readSeal } from "../../../src/core/signatures/seal.ts";
import { temporaryKeys } from "../../pipeline/sign/deposited.ts";

const CONTENT = new TextEncoder().encode('{"resourceType":"Bundle"}');
const AT = new Date("2026-03-14T08:31:00.999Z");
let keys: Keys;
let seal: string;

beforeAll(async () => {
  keys = await temporaryKeys();
  seal = await makeSeal(CONTENT, keys.seal, AT);
});

describe("seal", () => {
  test("says whose it is and when it was made", () => {
    expect(readSeal(seal)).toMatchObject({ sealedAt: "2026-03-14T08:31:00Z", name: expect.stringContaining("Chartulary seal") });
    expect(readSeal("")).toBeUndefined();
    expect(readSeal("e30..AA")).toBeUndefined();
  });

  test("is good for its content alone", async () => {
    expect(await checkSeal(seal, CONTENT, keys.sealCertificates)).toMatchObject({
      place: "seal",
      block: "valid",
      content: "valid",
      certificate: "valid",
      signer: "valid",
      signedAt: "2026-03-14T08:31:00Z",
    });
    expect(await checkSeal(seal, CONTENT.with(5, 65), keys.sealCertificates)).toMatchObject({ block: "invalid" });
    expect(await checkSeal("no seal", CONTENT, keys.sealCertificates)).toMatchObject({ block: "invalid", certificate: "not-checked" });
  });

  test("counts for nothing under a certificate that is not known, or outside of its period", async () => {
    const others = await temporaryKeys();
    expect(await checkSeal(seal, CONTENT, others.sealCertificates)).toMatchObject({
      block: "valid",
      certificate: "not-checked",
      standing: "not-trusted",
    });
    expect(await checkSeal(seal, CONTENT, [])).toMatchObject({ certificate: "not-checked", standing: "not-trusted" });
    expect(await checkSeal(seal, CONTENT, undefined)).toMatchObject({ certificate: "not-checked", standing: "unknown" });
    const late = await makeSeal(CONTENT, keys.seal, new Date("2036-06-01T00:00:00Z"));
    expect(await checkSeal(late, CONTENT, keys.sealCertificates)).toMatchObject({ block: "valid", certificate: "invalid", standing: "expired" });
  });

  test("does not carry its content", async () => {
    const [header, , signature] = seal.split(".");
    const embedded = `${header}.${Buffer.from(CONTENT).toString("base64url")}.${signature}`;
    expect(await checkSeal(embedded, CONTENT, keys.sealCertificates)).toMatchObject({ block: "invalid" });
  });
});

describe("a seal of the first number", () => {
  test("tells its time by sigT, and counts as it always did", async () => {
    const [header = ""] = seal.split(".");
    const { iat: _, ...rest } = JSON.parse(Buffer.from(header, "base64url").toString()) as Record<string, unknown>;
    const made = async (parameters: object): Promise<string> => {
      const before = protectedHeaderOf({ ...rest, ...parameters });
      return completeSeal(before, signingInput(before, CONTENT), keys.seal);
    };
    const first = await made({ sigT: "2026-03-14T08:31:00Z" });
    expect(await checkSeal(first, CONTENT, keys.sealCertificates)).toMatchObject({
      content: "valid",
      certificate: "valid",
      signedAt: "2026-03-14T08:31:00Z",
    });
    // Two times would be two statements; one that is none is no seal.
    for (const odd of [{ sigT: "2026-03-14T08:31:00Z", iat: 1 }, {}, { iat: "1" }, { iat: 1.5 }, { iat: -1 }])
      expect(await checkSeal(await made(odd), CONTENT, keys.sealCertificates)).toMatchObject({ block: "invalid" });
  });
});
