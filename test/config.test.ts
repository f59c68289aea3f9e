import { describe, expect, test } from "@jest/globals";
import { existsSync, readFileSync } from "node:fs";
import { isAbsolute } from "node:path";
import { isLoopback, loadConfig, SETTINGS } from "../src/config.ts";

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
  test("have defaults that need no thought", () => {
    const config = load({});
    expect(config).toMatchObject({
      host: "127.0.0.1",
      port: 8080,
      baseUrl: undefined,
      maxDocumentBytes: 50_000_000,
      logLevel: "info",
      allowUnauthenticated: false,
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
    });
  });

  test.each([
    ["1000", 1000],
    ["50MB", 50_000_000],
    ["20 kb", 20_000],
    ["2KiB", 2048],
  ])("a size of %s is %d bytes", (text, bytes) => expect(load({ MAX_DOCUMENT_BYTES: text }).maxDocumentBytes).toBe(bytes));

  test("tell all faults at once, each by its name", () => {
    const faults = faultsOf({ PORT: "http", BASE_URL: "ftp://x", MAX_DOCUMENT_BYTES: "lots", LOG_LEVEL: "loud", ALLOW_UNAUTHENTICATED: "perhaps" });
    expect(faults.map((fault) => fault.split(" ")[0])).toEqual(["PORT", "BASE_URL", "MAX_DOCUMENT_BYTES", "LOG_LEVEL", "ALLOW_UNAUTHENTICATED"]);
  });

  test.each([["65536"], ["-1"], ["8080x"], ["1e3"]])("PORT %s is refused", (PORT) => expect(faultsOf({ PORT })).toHaveLength(1));
  test.each([["https://example.org/path"], ["https://user:secret@example.org"], ["example.org"], ["https://example.org?x=1"]])(
    "BASE_URL %s is refused",
    (BASE_URL) => expect(faultsOf({ BASE_URL })).toHaveLength(1),
  );
  test.each([["0"], ["1GB"], ["50 apples"]])("MAX_DOCUMENT_BYTES %s is refused", (MAX_DOCUMENT_BYTES) =>
    expect(faultsOf({ MAX_DOCUMENT_BYTES })).toHaveLength(1),
  );

  test("MONGODB_URL is refused while there is no MongoDB, rather than ignored", () => {
    expect(faultsOf({ MONGODB_URL: "mongodb://localhost" })[0]).toMatch(/^MONGODB_URL .*SQLite/);
  });

  test("only a loopback address is listened on, unless the operator says that anybody may come", () => {
    expect(faultsOf({ HOST: "0.0.0.0" }, true)[0]).toContain("ALLOW_UNAUTHENTICATED=1");
    expect(faultsOf({ HOST: "0.0.0.0" }, false)).toEqual([]);
    expect(faultsOf({ HOST: "0.0.0.0", ALLOW_UNAUTHENTICATED: "1" }, true)).toEqual([]);
    expect(faultsOf({ HOST: "localhost" }, true)).toEqual([]);
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
