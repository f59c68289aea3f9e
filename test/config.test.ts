import { describe, expect, test } from "@jest/globals";
import { existsSync, readFileSync } from "node:fs";
import { isAbsolute } from "node:path";
import { isLoopback, loadConfig } from "../src/config.ts";
import { SETTINGS } from "../src/config/settings.ts";

const load = (environment: Record<string, string>, forListening = false) => loadConfig({ environment, forListening });
const faultsOf = (environment: Record<string, string>, forListening = false): string[] => {
  try {
    load(environment, forListening);
  } catch (error) {
    return (error as Error).message.split("\n");
  }
  return [];
};

describe("settings", () => {
  test.each(["BASE_URL", "TSA_URL", "OIDC_ISSUER", "OTEL_EXPORTER_OTLP_ENDPOINT", "MONGODB_URL", "CORS_ORIGINS", "CALLBACK_ALLOW"])(
    "%s with a password is refused without saying it back",
    (name) => {
      const faults = faultsOf({ [name]: "https://anna:hunter2@documents.example", ...(name === "OIDC_ISSUER" && { ACCESS: "oidc" }) });
      expect([faults.some((fault) => fault.startsWith(name)), faults.join()]).toEqual([true, expect.not.stringContaining("hunter2")]);
    },
  );

  test("have defaults that need no thought", () => {
    const config = load({});
    expect(config).toMatchObject({
      host: "127.0.0.1",
      port: 8080,
      baseUrl: undefined,
      maxDocumentBytes: 50_000_000,
      maxInFlightBytes: 200_000_000,
      maxSpoolBytes: 2_000_000_000,
      maxConnections: 1000,
      rateLimit: 0,
      admin: undefined,
      logLevel: "info",
      access: "open",
      proof: { issuers: [], tokenTypes: ["at+jwt"], tls: undefined, proxies: undefined, session: { idle: 900_000, longest: 28_800_000 } },
      ended: [],
      isProduction: false,
    });
    expect(isAbsolute(config.dataFolder) && isAbsolute(config.cacheFolder)).toBe(true);
    expect(Object.isFrozen(config)).toBe(true);
  });

  test("are read from the environment; an empty one counts as not set", () => {
    const config = load({
      HOST: " ::1 ",
      PORT: "0",
      BASE_URL: "https://Documents.example.org/",
      MAX_DOCUMENT_BYTES: "1.5 MiB",
      LOG_LEVEL: "WARN",
      NODE_ENV: "production",
      TRUST_FILE: "",
      POLICY_FILE: "",
    });
    expect(config).toMatchObject({
      host: "::1",
      port: 0,
      baseUrl: "https://documents.example.org",
      maxDocumentBytes: 1_572_864,
      logLevel: "warn",
      isProduction: true,
      trustFile: undefined,
      policyFile: undefined,
      signaturePolicy: "record",
    });
  });

  test.each([
    ["1000", 1000],
    ["50MB", 50_000_000],
    ["20 kb", 20_000],
    ["2KiB", 2048],
  ])("a size of %s is %d bytes", (text, bytes) => expect(load({ MAX_DOCUMENT_BYTES: text }).maxDocumentBytes).toBe(bytes));

  test("tell all faults at once, each by its name", () => {
    const faults = faultsOf({ PORT: "http", BASE_URL: "ftp://x", MAX_DOCUMENT_BYTES: "lots", LOG_LEVEL: "loud", ACCESS: "perhaps" });
    expect(faults.map((fault) => fault.split(" ")[0])).toEqual(["PORT", "BASE_URL", "MAX_DOCUMENT_BYTES", "LOG_LEVEL", "ACCESS"]);
  });

  test("what is asked about revocations is about TRUST_FILE, and hosts are hosts", () => {
    const trusting = { TRUST_FILE: "/etc/trust.pem" };
    expect(load(trusting).revocation).toEqual({ folder: undefined, hosts: new Set(), isRequired: false });
    const asked = { REVOCATION_HOSTS: "CRL.example.org ocsp.example.org:8080  [::1]:80", REVOCATION_REQUIRED: "1", REVOCATION_DIR: "/etc/crls" };
    const hosts = new Set(["crl.example.org", "ocsp.example.org:8080", "[::1]:80"]);
    expect(load({ ...trusting, ...asked }).revocation).toEqual({ folder: "/etc/crls", hosts, isRequired: true });
    for (const [name, value] of Object.entries(asked)) expect(faultsOf({ [name]: value })).toEqual([expect.stringMatching(/^REVOCATION_/)]);
    for (const REVOCATION_HOSTS of ["http://crl.example.org", "https://anna:secret@crl.example.org", "crl.example.org/x", "*"])
      expect(faultsOf({ ...trusting, REVOCATION_HOSTS })).toEqual([expect.not.stringContaining("secret")]);
  });

  test("a time-stamp authority needs the certificates that its stamps are held against, and they need it", () => {
    const authority = { TSA_URL: "http://time.example/tsa", TSA_TRUST_FILE: "/etc/tsa.pem" };
    expect(load(authority).timeAuthority).toEqual({ url: "http://time.example/tsa", trustFile: "/etc/tsa.pem", policy: undefined });
    expect(load({ ...authority, TSA_POLICY: "1.3.6.1.4.1.99999.1" }).timeAuthority?.policy).toBe("1.3.6.1.4.1.99999.1");
    for (const wrong of [{ TSA_URL: authority.TSA_URL }, { TSA_TRUST_FILE: "/etc/tsa.pem" }, { TSA_POLICY: "1.2.3" }])
      expect(faultsOf(wrong)).toEqual([expect.stringMatching(/^TSA_/)]);
    for (const TSA_URL of ["time.example", "ftp://time.example", "https://me:secret@time.example/"])
      expect(faultsOf({ ...authority, TSA_URL }).length).toBeGreaterThan(0);
    for (const TSA_POLICY of ["1", "3.1.1", "1.40.1", "1.2.", "1.02.3", "policy"]) expect(faultsOf({ ...authority, TSA_POLICY })).toHaveLength(1);
  });

  test("the audit trail is fed over https, or where plain http is permitted; what belongs to the feed needs it", () => {
    const feeds = (AUDIT_FEED_URL: string, more: Record<string, string> = {}) => load({ AUDIT_FEED_URL, ...more }).auditFeed?.base;
    expect([load({}).auditFeed, feeds("https://arr.example/fhir/"), feeds("http://127.0.0.1:9000")]).toEqual([
      ...[undefined, "https://arr.example/fhir", "http://127.0.0.1:9000"],
    ]);
    expect(feeds("http://arr.hospital/fhir", { CALLBACK_ALLOW: "arr.hospital" })).toBe("http://arr.hospital/fhir");
    expect(feeds("http://10.1.2.3", { CALLBACK_ALLOW: "10.1.0.0/16" })).toBe("http://10.1.2.3");
    for (const AUDIT_FEED_URL of ["http://arr.hospital", "ftp://x", "https://me:secret@x", "https://x?a=b", "http://10.1.2.3"])
      expect(faultsOf({ AUDIT_FEED_URL })).toHaveLength(1);
    for (const wrong of [{ AUDIT_FEED_TOKEN_FILE: "/t" }, { AUDIT_FEED_CA: "/c" }, { AUDIT_FEED_URL: "https://x", AUDIT_FEED_CERT: "/c" }])
      expect(faultsOf(wrong)).toHaveLength(1);
  });

  test("a terminology server is asked over https, or where plain http is permitted, for a time that ends", () => {
    const asks = (TERMINOLOGY_URL: string, more: Record<string, string> = {}) => load({ TERMINOLOGY_URL, ...more }).terminologyServer;
    expect([load({}).terminologyServer, asks("https://tx.example/r4/")?.base, asks("http://[::1]:9000")?.base]).toEqual([
      ...[undefined, "https://tx.example/r4", "http://[::1]:9000"],
    ]);
    expect([asks("https://tx")?.time, asks("https://tx", { TERMINOLOGY_TIMEOUT_SECONDS: "0.5" })?.time]).toEqual([2_000, 500]);
    const certificate = { TERMINOLOGY_CERT: "/c", TERMINOLOGY_KEY: "/k" };
    expect(asks("http://tx.hospital", { CALLBACK_ALLOW: "tx.hospital", ...certificate })?.certificate).toEqual({ file: "/c", keyFile: "/k" });
    for (const TERMINOLOGY_URL of ["http://tx.hospital", "ftp://x", "https://me:secret@x", "https://x?a=b"])
      expect(faultsOf({ TERMINOLOGY_URL })).toHaveLength(1);
    for (const wrong of [{ TERMINOLOGY_TOKEN_FILE: "/t" }, { TERMINOLOGY_URL: "https://x", TERMINOLOGY_KEY: "/k" }])
      expect(faultsOf(wrong)).toHaveLength(1);
    for (const TERMINOLOGY_TIMEOUT_SECONDS of ["0", "31", "1e1", "two"]) expect(faultsOf({ TERMINOLOGY_TIMEOUT_SECONDS })).toHaveLength(1);
  });

  test.each([["65536"], ["-1"], ["8080x"], ["1e3"]])("PORT %s is refused", (PORT) => expect(faultsOf({ PORT })).toHaveLength(1));
  test.each([
    ["https://example.org/a path"],
    ["https://example.org/a//b"],
    ["https://example.org/a%2Fb"],
    ["https://user:secret@example.org"],
    ["example.org"],
    ["https://example.org?x=1"],
  ])("BASE_URL %s is refused", (BASE_URL) => expect(faultsOf({ BASE_URL })).toHaveLength(1));
  test.each([["0"], ["1GB"], ["50 apples"]])("MAX_DOCUMENT_BYTES %s is refused", (MAX_DOCUMENT_BYTES) =>
    expect(faultsOf({ MAX_DOCUMENT_BYTES })).toHaveLength(1),
  );

  test("BASE_URL may have a path", () => {
    expect(load({ BASE_URL: "https://example.org/care/documents/" }).baseUrl).toBe("https://example.org/care/documents");
    expect(load({ BASE_URL: "https://example.org" }).baseUrl).toBe("https://example.org");
  });

  test("what is held at once follows the largest document, and never excludes it", () => {
    expect(load({ MAX_DOCUMENT_BYTES: "1MB" })).toMatchObject({ maxInFlightBytes: 4_000_000, maxSpoolBytes: 40_000_000 });
    expect(load({ MAX_IN_FLIGHT_BYTES: "1GB", MAX_SPOOL_BYTES: "2 GiB" })).toMatchObject({ maxInFlightBytes: 1e9, maxSpoolBytes: 2 ** 31 });
    expect(faultsOf({ MAX_IN_FLIGHT_BYTES: "1MB", MAX_SPOOL_BYTES: "1MB" }).map((fault) => fault.split(" ")[0])).toEqual([
      "MAX_IN_FLIGHT_BYTES",
      "MAX_SPOOL_BYTES",
    ]);
  });

  test("the listener for operators has a port of its own", () => {
    expect(load({ ADMIN_PORT: "9090" }).admin).toEqual({ host: "127.0.0.1", port: 9090 });
    expect(load({ ADMIN_PORT: "9090", ADMIN_HOST: "::1" }).admin).toEqual({ host: "::1", port: 9090 });
    expect(faultsOf({ ADMIN_PORT: "8080" })).toHaveLength(1);
  });

  test.each([["-1"], ["1.5"], ["lots"]])("RATE_LIMIT %s is refused", (RATE_LIMIT) => expect(faultsOf({ RATE_LIMIT })).toHaveLength(1));

  test("the addresses of MongoDB are those of MongoDB; a fault does not tell the password", () => {
    const url = "mongodb://user:secret@one,two:27018/chartulary?replicaSet=rs0&authSource=admin";
    expect(load({ MONGODB_URL: url, MONGODB_ADMIN_URL: "mongodb+srv://cluster.example.org" })).toMatchObject({
      mongodbUrl: url,
      mongodbAdminUrl: "mongodb+srv://cluster.example.org",
    });
    expect(load({}).mongodbUrl).toBeUndefined();
    for (const wrong of ["postgres://user:secret@localhost/x", "mongodb://", "user:secret@localhost"])
      expect(faultsOf({ MONGODB_URL: wrong })).toEqual([expect.not.stringContaining("secret")]);
  });

  test("without access control only a loopback address is listened on, and nothing in production", () => {
    for (const environment of [
      { HOST: "0.0.0.0" },
      { HOST: "0.0.0.0", ACCESS: "open" },
      { NODE_ENV: "production" },
      { NODE_ENV: "production", ACCESS: "open" },
    ]) {
      expect(faultsOf(environment, true)).toEqual([expect.stringMatching(/ACCESS.*ACCESS=embedded.*ACCESS=oidc/)]);
      expect(faultsOf(environment, false)).toEqual([]);
      expect(faultsOf({ ...environment, ACCESS: "embedded" }, true)).toEqual([]);
      expect(faultsOf({ ...environment, ACCESS: "oidc", OIDC_ISSUER: "https://login.example.org" }, true)).toEqual([]);
    }
    expect(faultsOf({ HOST: "localhost" }, true)).toEqual([]);
  });

  test("a setting that ended opens nothing, and is told of", () => {
    const ended = { HOST: "0.0.0.0", ALLOW_UNAUTHENTICATED: "1" };
    expect(faultsOf(ended, true)).toEqual([expect.stringContaining("ALLOW_UNAUTHENTICATED does nothing any more")]);
    expect(load({ ALLOW_UNAUTHENTICATED: "1" }).ended).toEqual([expect.stringContaining("ACCESS=embedded")]);
  });
});

test.each([
  ["127.0.0.1", true],
  ["127.1.2.3", true],
  ["::1", true],
  ["[::1]", true],
  ["localhost", true],
  ["app.localhost", true],
  ["0.0.0.0", false],
  ["127.example.org", false],
  ["localhost.example.org", false],
  ["10.0.0.1", false],
])("%s is loopback: %s", (host, expected) => expect(isLoopback(host)).toBe(expected));

const README = new URL("../README.md", import.meta.url);
(existsSync(README) ? test : test.skip)("the README lists every setting with its default", () => {
  const readme = readFileSync(README, "utf8");
  const missing = Object.entries(SETTINGS).filter(
    ([name, setting]) => !new RegExp(`\\| *\`${name}\` *\\|`).test(readme) || !readme.includes(setting.meaning),
  );
  expect(
    missing.map(([name, setting]) => `| \`${name}\` | ${setting.default === "" ? "" : `\`${setting.default}\``} | ${setting.meaning} |`),
  ).toEqual([]);
});
