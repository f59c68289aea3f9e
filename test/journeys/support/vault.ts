/** A Vault to keep keys by: a real one where VAULT_BINARY names `vault` or `bao` (OpenBao), in its development mode; else a stand-in as the API's documentation has it. */
import { spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { ROLE, VaultStandIn } from "../../adapters/key-service/vault-stand-in.ts";

export interface TestVault {
  readonly url: string;
  /** Secrets that are to stand nowhere. */
  readonly secrets: readonly string[];
  readonly token: string;
  readonly role: { readonly id: string; readonly secret: string };
  /** Makes a transit key, or its next version. */
  rotate(key: string): Promise<void>;
  /** What was wrapped by versions before is unwrapped no more. */
  giveUp(key: string, before: number): Promise<void>;
  /** It answers nobody until it is back. */
  away(): Promise<void>;
  back(): Promise<void>;
  close(): Promise<void>;
}

const BINARY = process.env["VAULT_BINARY"];
export const VAULT_KIND = BINARY === undefined ? "a stand-in" : "a real one";

export function startVault(): Promise<TestVault> {
  return BINARY === undefined ? startStandIn() : startReal(BINARY);
}

async function startStandIn(): Promise<TestVault> {
  const vault = new VaultStandIn();
  vault.keys.clear();
  const url = await vault.open();
  return {
    ...{ url, token: "s.token", role: ROLE, secrets: ["s.token", ROLE.secret] },
    rotate: (key) => Promise.resolve(vault.rotate(key)),
    giveUp: (key, before) => Promise.resolve(vault.giveUp(key, before)),
    away: () => Promise.resolve(void (vault.isSealed = true)),
    back: () => Promise.resolve(void (vault.isSealed = false)),
    close: () => vault.close(),
  };
}

async function startReal(binary: string): Promise<TestVault> {
  const root = "root-token-of-the-test";
  const port = 20_000 + (process.pid % 10_000);
  const url = `http://127.0.0.1:${port}`;
  const child = spawn(binary, ["server", "-dev", "-dev-no-store-token", `-dev-root-token-id=${root}`, `-dev-listen-address=127.0.0.1:${port}`], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  let printed = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (printed += text));
  const ask = async (
    method: string,
    path: string,
    body?: object,
  ): Promise<{ readonly data?: Record<string, string>; readonly auth?: Record<string, string> }> => {
    const answer = await fetch(`${url}/v1/${path}`, { method, headers: { "X-Vault-Token": root }, ...(body && { body: JSON.stringify(body) }) });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text}`);
    return (text === "" ? {} : JSON.parse(text)) as { readonly data?: Record<string, string>; readonly auth?: Record<string, string> };
  };
  while (!printed.includes("Root Token")) {
    if (child.exitCode !== null) throw new Error(`${binary} ended: ${printed}`);
    await sleep(100);
  }
  const [, unsealKey] = /Unseal Key: (\S+)/.exec(printed) ?? [];
  await ask("POST", "sys/mounts/transit", { type: "transit" });
  await ask("POST", "sys/auth/approle", { type: "approle" });
  const paths = ["encrypt", "decrypt"].map((action) => `path "transit/${action}/*" { capabilities = ["update"] }`);
  await ask("PUT", "sys/policies/acl/chartulary", { policy: paths.join("\n") });
  await ask("POST", "auth/approle/role/chartulary", { token_policies: "chartulary", token_ttl: "5m" });
  const id = (await ask("GET", "auth/approle/role/chartulary/role-id")).data?.["role_id"] ?? "";
  const secret = (await ask("POST", "auth/approle/role/chartulary/secret-id", {})).data?.["secret_id"] ?? "";
  const token = (await ask("POST", "auth/token/create", { policies: ["chartulary"], ttl: "1h" })).auth?.["client_token"] ?? "";
  const made = new Set<string>();
  return {
    ...{ url, token, role: { id, secret }, secrets: [root, token, secret] },
    rotate: async (key) => {
      const name = key.replace("transit/", "transit/keys/");
      await ask("POST", made.has(key) ? `${name}/rotate` : name, {});
      made.add(key);
    },
    giveUp: async (key, before) => void (await ask("POST", `${key.replace("transit/", "transit/keys/")}/config`, { min_decryption_version: before })),
    away: async () => void (await ask("PUT", "sys/seal")),
    back: async () => void (await ask("PUT", "sys/unseal", { key: unsealKey })),
    close: async () => {
      const ended = new Promise((done) => child.once("exit", done));
      child.kill("SIGTERM");
      await ended;
    },
  };
}
