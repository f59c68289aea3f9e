import { beforeAll, describe, expect, test } from "@jest/globals";
import { exportJWK, generateKeyPair, type JWK } from "jose";
import { allowedScopes } from "../../src/accounts/allowed-scopes.ts";
import { readKeys } from "../../src/accounts/client-keys.ts";
import { faultOfRedirect, originOfRedirect } from "../../src/accounts/redirects.ts";

describe("redirects", () => {
  test.each(["https://app.example.org/back", "http://localhost:3000/", "http://127.0.0.1/back?a=b", "org.example.app:/back"])(
    "%s can be one",
    (text) => expect(faultOfRedirect(text)).toBeUndefined(),
  );
  test.each([
    "",
    "/back",
    "http://app.example.org/",
    "https://*.example.org/",
    "https://a@example.org/",
    "https://app.example.org/#x",
    "javascript:alert(1)",
    "myapp://back",
    "data:text/html,x",
  ])("%s cannot", (text) => expect(faultOfRedirect(text)).toBeDefined());
  test("a page's policy names their origin, or the scheme of an app", () => {
    expect(originOfRedirect("https://app.example.org/back?x")).toBe("https://app.example.org");
    expect(originOfRedirect("org.example.app:/back")).toBe("org.example.app:");
  });
});

describe("scopes", () => {
  test.each([
    ["system/*.rs", "system/Patient.rs system/Observation.s", "system/Patient.rs system/Observation.s"],
    ["system/*.rs", "system/*.cruds user/*.rs patient/*.rs system/Patient.u", ""],
    [
      "system/Observation.rs?category=laboratory",
      "system/Observation.rs system/Observation.r?category=laboratory&status=final",
      "system/Observation.r?category=laboratory&status=final",
    ],
    ["system/*.rs", "system/*.sr system/patient.rs Patient.rs", ""],
    [
      "patient/*.read",
      "patient/Observation.rs patient/Observation.read patient/Observation.write",
      "patient/Observation.rs patient/Observation.read",
    ],
    ["", "system/*.rs", ""],
  ])("of %s, %s gives %s", (allowed, asked, given) => expect(allowedScopes(asked, allowed).join(" ")).toBe(given));
});

describe("keys", () => {
  let ec: JWK;
  let hidden: JWK;
  beforeAll(async () => {
    const { publicKey, privateKey } = await generateKeyPair("ES384", { extractable: true });
    ec = { ...(await exportJWK(publicKey)), kid: "one" };
    hidden = { ...(await exportJWK(privateKey)), kid: "one" };
  });
  test("a set, or one by itself, is read", () => {
    expect(readKeys(JSON.stringify({ keys: [ec] }))).toEqual({ keys: [ec] });
    expect(readKeys(JSON.stringify(ec))).toEqual({ keys: [ec] });
  });
  test("a private key is refused, and so is what is no key, weak, without a name, or named twice", () => {
    expect(readKeys(JSON.stringify(hidden))).toMatch(/private key/);
    const others: unknown[] = [
      { keys: [] },
      { keys: [ec, ec] },
      { keys: ["x"] },
      { ...ec, kid: undefined },
      { ...ec, crv: "P-256" },
      { kty: "RSA", n: "AQAB", e: "AQAB", kid: "a" },
      { kty: "oct", k: "AA", kid: "a" },
      null,
      5,
    ];
    for (const one of others) expect(typeof readKeys(JSON.stringify(one))).toBe("string");
    expect(readKeys("no JSON")).toBe("the file is no JSON");
  });
});
