import { expect, test } from "@jest/globals";
import { loadConfig } from "../../src/config.ts";

const config = (environment: Record<string, string>) => loadConfig({ environment });
const URL_AND_TOKEN = { VAULT_URL: "https://vault.example.org:8200/", VAULT_TOKEN_FILE: "/run/token" };
const faultOf = (environment: Record<string, string>): string => {
  try {
    config(environment);
    return "";
  } catch (error) {
    return (error as Error).message;
  }
};

test("a Vault by its token or a role, with mounts and namespaces of several parts", () => {
  expect(config({}).vault).toBeUndefined();
  expect(config({ ...URL_AND_TOKEN, VAULT_TRANSIT_KEY: "team/transit/chartulary", VAULT_NAMESPACE: "a/b/" }).vault).toMatchObject({
    service: { url: "https://vault.example.org:8200", tokenFile: "/run/token" },
    transitKey: "team/transit/chartulary",
    namespace: "a/b",
    role: undefined,
  });
  const role = { VAULT_URL: "http://127.0.0.1:8200", VAULT_ROLE_ID: "r", VAULT_SECRET_ID_FILE: "/run/secret" };
  expect(config(role).vault).toMatchObject({ transitKey: undefined, role: { mount: "approle", id: "r", secretFile: "/run/secret" } });
});

test.each<[Record<string, string>, RegExp]>([
  [{ VAULT_TRANSIT_KEY: "transit/a" }, /VAULT_URL, which is not set/],
  [{ VAULT_URL: "https://v.example.org" }, /VAULT_TOKEN_FILE.*VAULT_ROLE_ID/],
  [{ ...URL_AND_TOKEN, VAULT_ROLE_ID: "r", VAULT_SECRET_ID_FILE: "/s" }, /one of them/],
  [{ VAULT_URL: "https://v.example.org", VAULT_ROLE_ID: "r" }, /VAULT_ROLE_ID and VAULT_SECRET_ID_FILE are set together/],
  [{ ...URL_AND_TOKEN, VAULT_CLIENT_CERT: "/c" }, /VAULT_CLIENT_CERT and VAULT_CLIENT_KEY are set together/],
  [{ ...URL_AND_TOKEN, VAULT_URL: "http://vault.example.org" }, /VAULT_URL must be an https address/],
  [{ ...URL_AND_TOKEN, VAULT_URL: "https://me:hunter2@vault.example.org" }, /VAULT_URL must be/],
  ...["chartulary", "transit/", "/transit/a", "transit/../sys/a", "transit/a?b", "transit/a b", "a/b/c/d/e/f/g"].map(
    (key): [Record<string, string>, RegExp] => [{ ...URL_AND_TOKEN, VAULT_TRANSIT_KEY: key }, /VAULT_TRANSIT_KEY must be the mount and the name/],
  ),
  [{ ...URL_AND_TOKEN, VAULT_NAMESPACE: "a\r\nX-Other: b" }, /VAULT_NAMESPACE must be/],
  [{ ...URL_AND_TOKEN, VAULT_APPROLE_MOUNT: "../x" }, /VAULT_APPROLE_MOUNT must be/],
])("%j is refused", (environment, words) => {
  expect(faultOf(environment)).toMatch(words);
  expect(faultOf(environment)).not.toContain("hunter2");
});
