import { describe, expect, test } from "@jest/globals";
import { loadConfig } from "../../src/config.ts";
import type { ProofSettings } from "../../src/config/access-settings.ts";

const access = (environment: Record<string, string>): ProofSettings => loadConfig({ environment }).proof;
const faultsOf = (environment: Record<string, string>): string[] => {
  try {
    loadConfig({ environment });
    return [];
  } catch (error) {
    return (error as Error).message.split("\n");
  }
};

const ISSUERS = { ACCESS: "oidc", OIDC_ISSUER: "https://one.example.org/realms/care  http://localhost:8090/" };

describe("issuers", () => {
  test("are kept as they are written, each with what we are to it", () => {
    expect(access(ISSUERS).issuers).toEqual([
      { issuer: "https://one.example.org/realms/care", clientId: undefined, clientSecret: undefined },
      { issuer: "http://localhost:8090/", clientId: undefined, clientSecret: undefined },
    ]);
    expect(access({ ...ISSUERS, OIDC_CLIENT_ID: "a b", OIDC_CLIENT_SECRET: "- hunter2" }).issuers).toMatchObject([
      { clientId: "a", clientSecret: undefined },
      { clientId: "b", clientSecret: "hunter2" },
    ]);
  });

  test.each([
    [{ ACCESS: "oidc" }, /names nobody/],
    [{ OIDC_ISSUER: "https://one.example.org" }, /ACCESS is not/],
    [{ ACCESS: "embedded", OIDC_ISSUER: "https://one.example.org" }, /ACCESS is embedded/],
    [{ ...ISSUERS, OIDC_CLIENT_ID: "a" }, /1 ids and OIDC_ISSUER 2/],
    [{ ...ISSUERS, OIDC_CLIENT_ID: "a b", OIDC_CLIENT_SECRET: "hunter2" }, /as many words/],
    [{ ACCESS: "oidc", OIDC_ISSUER: "https://one.example.org https://one.example.org" }, /twice/],
  ])("%j is refused", (environment, words) => {
    expect(faultsOf(environment)).toEqual([expect.stringMatching(words)]);
    expect(faultsOf(environment).join()).not.toContain("hunter2");
  });

  test.each([
    ["http://login.example.org"],
    ["https://user@login.example.org"],
    ["https://login.example.org/?realm=x"],
    ["https://login.example.org/#x"],
    ["login.example.org"],
    ["http://127.0.0.1.example.org"],
  ])("OIDC_ISSUER %s is refused", (OIDC_ISSUER) => expect(faultsOf({ ACCESS: "oidc", OIDC_ISSUER })[0]).toMatch(/^OIDC_ISSUER must be/));
});

test.each([
  [{ ACCESS: "oidc", OIDC_ISSUER: "https://a.example.org,https://b.example.org" }],
  [{ TOKEN_TYPES: "at+jwt,JWT" }],
  [{ PATIENT_SYSTEMS: "https://a.example.org,https://b.example.org" }],
  [{ PATIENT_SYSTEMS: "urn:oid:1.2, urn:oid:1.3" }],
])("commas between several are refused where blanks are meant: %j", (environment) => expect(faultsOf(environment)[0]).toContain("without commas"));

test("TLS has certificate and key, and authorities of clients only with them", () => {
  expect(access({ TLS_CERT: "/c.pem", TLS_KEY: "/k.pem", TLS_CLIENT_CA: "/a.pem" }).tls).toEqual({
    certificate: "/c.pem",
    key: "/k.pem",
    clientCa: "/a.pem",
  });
  for (const half of [{ TLS_CERT: "/c.pem" }, { TLS_KEY: "/k.pem" }, { TLS_CLIENT_CA: "/a.pem" }]) expect(faultsOf(half)).toHaveLength(1);
});

describe("proxies", () => {
  test("are addresses and ranges", () => {
    const { addresses, certificateHeader } =
      access({ PROXY_ADDRESSES: "10.0.0.5 10.1.0.0/16 fd00::/8", PROXY_CERTIFICATE_HEADER: "Client-Cert" }).proxies ?? {};
    expect(certificateHeader).toBe("client-cert");
    const isOne = (address: string): boolean | undefined => addresses?.check(address, address.includes(":") ? "ipv6" : "ipv4");
    expect(["10.0.0.5", "10.1.2.3", "fd00::1"].map(isOne)).toEqual([true, true, true]);
    expect(["10.0.0.6", "10.2.0.1", "fe80::1", "127.0.0.1"].map(isOne)).toEqual([false, false, false, false]);
    expect(access({}).proxies).toBeUndefined();
  });

  test.each([
    [{ PROXY_ADDRESSES: "proxy.example.org" }],
    [{ PROXY_ADDRESSES: "10.0.0.0/33" }],
    [{ PROXY_ADDRESSES: "10.0.0.0/8/8" }],
    [{ PROXY_ADDRESSES: "10.0.0.0/" }],
    [{ PROXY_CERTIFICATE_HEADER: "Client-Cert" }],
    [{ PROXY_ADDRESSES: "10.0.0.5", PROXY_CERTIFICATE_HEADER: "Authorization" }],
    [{ PROXY_ADDRESSES: "10.0.0.5", PROXY_CERTIFICATE_HEADER: "a b" }],
  ])("%j is refused", (environment) => expect(faultsOf(environment)).toHaveLength(1));
});

test.each([
  [{ CORS_ORIGINS: "https://app.example.org/" }],
  [{ CORS_ORIGINS: "*" }],
  [{ CORS_ORIGINS: "null" }],
  [{ SESSION_SECONDS: "0" }],
  [{ SESSION_IDLE_SECONDS: "1e9" }],
  [{ CLAIM_ROLES: "a..b" }],
])("%j is refused", (environment) => expect(faultsOf(environment)).toHaveLength(1));
