import { createPublicKey, generateKeyPairSync } from "node:crypto";
import { describe, expect, jest, test } from "@jest/globals";
import { CheckedSums, certificateState, checkPath, isUsableKey } from "../../../src/core/crypto/certificate-path.ts";
import { certifiedKey, person, type Person } from "../signatures/people.ts";

const NOW = new Date("2026-03-14T09:00:00Z");
const root = person("Test root", { isAuthority: true });
const intermediate = person("Test intermediate", { by: root, isAuthority: true });
const doctor = person("Dr A. Meyer", { by: intermediate });

function state(
  people: readonly { certificate: typeof root.certificate }[],
  anchors: readonly { certificate: typeof root.certificate }[],
  moment = NOW,
) {
  return certificateState(
    people.map(({ certificate }) => certificate),
    anchors.map(({ certificate }) => certificate),
    moment,
  );
}

/** How many signatures of certificates are computed. */
async function sumsOf<T>(run: () => Promise<T>): Promise<{ readonly result: T; readonly sums: number }> {
  const prototype = Object.getPrototypeOf(root.certificate) as typeof root.certificate;
  const spy = jest.spyOn(prototype, "isSignedBy");
  const result = await run();
  const sums = spy.mock.calls.length;
  spy.mockRestore();
  return { result, sums };
}

describe("certificateState", () => {
  test("a certificate on the list itself is trusted", async () => {
    expect(await state([doctor], [doctor])).toBe("trusted");
    expect(await state([person("Self")], [doctor])).toBe("not-trusted");
  });

  test("one that leads to the list by authorities is trusted, with the way shown or listed", async () => {
    expect(await state([doctor, intermediate], [root])).toBe("trusted");
    expect(await state([doctor, intermediate, root], [root])).toBe("trusted");
    expect(await state([doctor], [intermediate])).toBe("trusted");
    expect(await state([doctor], [root, intermediate])).toBe("trusted");
    expect(await state([doctor], [root])).toBe("not-trusted");
  });

  test("one that was issued by somebody who is no authority is not", async () => {
    const friend = person("Friend", { by: doctor });
    expect(await state([friend, doctor, intermediate], [root])).toBe("not-trusted");
    expect(await state([friend], [doctor])).toBe("not-trusted");
  });

  test("an authority of the same name with another key is another authority", async () => {
    const impostor = person("Test intermediate", { isAuthority: true });
    const forged = person("Dr A. Meyer", { by: impostor });
    expect(await state([forged, impostor], [root])).toBe("not-trusted");
    expect(await state([forged, intermediate], [root])).toBe("not-trusted");
    expect(await state([forged], [intermediate])).toBe("not-trusted");
  });

  test("outside of the period of one on the way it is expired", async () => {
    const brief = person("Brief", { by: intermediate, validFrom: new Date("2025-01-01"), validTo: new Date("2026-01-01") });
    expect(await state([brief, intermediate], [root])).toBe("expired");
    expect(await state([brief, intermediate], [root], new Date("2025-06-01"))).toBe("trusted");
    expect(await state([brief, intermediate], [root], new Date("2024-12-31"))).toBe("expired");
    const lapsed = person("Lapsed", { by: root, isAuthority: true, validTo: new Date("2026-01-01") });
    expect(await state([person("Late", { by: lapsed }), lapsed], [root])).toBe("expired");
    expect(await state([doctor], [doctor], new Date(Number.NaN))).toBe("expired");
  });

  test("a chain that goes in circles or has nobody in it comes to an end", async () => {
    expect(await state([], [root])).toBe("not-trusted");
    expect(await state([doctor, intermediate, intermediate, doctor, intermediate], [])).toBe("not-trusted");
  });

  test("a way through what was valid is found beside one through what was not, and each certificate is taken once", async () => {
    const lapsed = person("Test intermediate", { by: root, isAuthority: true, key: intermediate.key, validTo: new Date("2026-01-01") });
    expect(await state([doctor, lapsed], [root])).toBe("expired");
    expect(await state([doctor, lapsed, intermediate], [root])).toBe("trusted");
    expect(await state([doctor, intermediate, lapsed], [root])).toBe("trusted");
  });

  test("fourteen authorities that sign each other cost a bounded number of sums, and a path among them is found all the same", async () => {
    const names = Array.from({ length: 14 }, (_, at) => `Authority ${at}`);
    const own = names.map((name) => person(name, { isAuthority: true }));
    const crossed = own.flatMap((by) => own.filter((to) => to !== by).map((to) => person(to.name, { by, isAuthority: true, key: to.key })));
    const [first, last] = [own[0] as Person, own.at(-1) as Person];
    const signer = person("Dr A. Meyer", { by: first });
    expect(crossed.length).toBe(182);
    const counted = await sumsOf(() => state([signer, ...crossed], [root]));
    expect(counted).toEqual({ result: "undecided", sums: 30 });
    expect(await sumsOf(() => state([signer, ...crossed], [last]))).toEqual({ result: "trusted", sums: expect.any(Number) });
  });

  test("a signature that the same authorities vouch for again costs no sum", async () => {
    const sums = new CheckedSums();
    const chain = [doctor, intermediate].map(({ certificate }) => certificate);
    const ask = () => checkPath({ chain, anchors: [root.certificate], moment: NOW, sums });
    expect((await sumsOf(ask)).sums).toBe(2);
    expect((await sumsOf(ask)).sums).toBe(0);
  });

  test("an authority on the list signs certificates, not documents", async () => {
    expect(await state([root], [root])).toBe("refused");
    expect(await state([intermediate], [root])).toBe("refused");
  });

  test("authorities that all issue each other are no reason to try every way", async () => {
    const first = person("Everybody", { isAuthority: true });
    const crowd = Array.from({ length: 9 }, () => person("Everybody", { isAuthority: true, by: first, key: first.key }));
    expect(await state([person("Dr A. Meyer", { by: first }), ...crowd], [root])).toBe("not-trusted");
    const strangers = Array.from({ length: 9 }, () => person("Everybody", { isAuthority: true }));
    expect(await state([person("Dr A. Meyer", { by: first }), ...strangers], [root])).toBe("not-trusted");
  });
});

describe("isUsableKey", () => {
  const keyOf = (type: "rsa" | "dsa" | "ec" | "ed25519", options: object) =>
    createPublicKey(generateKeyPairSync(type as "rsa", options as { modulusLength: number }).privateKey);
  test.each<[string, "rsa" | "dsa" | "ec" | "ed25519", object, boolean]>([
    ["RSA of 2048 bits", "rsa", { modulusLength: 2048 }, true],
    ["RSA of 1024 bits", "rsa", { modulusLength: 1024 }, false],
    ["a named curve", "ec", { namedCurve: "brainpoolP256r1" }, true],
    ["a curve of 192 bits", "ec", { namedCurve: "prime192v1" }, false],
    ["Ed25519", "ed25519", {}, true],
    ["DSA", "dsa", { modulusLength: 1024, divisorLength: 160 }, false],
  ])("%s", (_, type, options, isUsable) => {
    expect(isUsableKey(certifiedKey(keyOf(type, options)))).toBe(isUsable);
  });
});
