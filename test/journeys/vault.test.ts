/** An operator takes the keys out of files while the service runs: Vault wraps them from now on, by one key, by its next version, by another; and back. */
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { documentJson } from "./documents.ts";
import { expectAllServed, get, idOf, submit } from "./support/requests.ts";
import { chartulary, startService, temporaryFolder, type Service } from "./support/service.ts";
import { startVault, VAULT_KIND, type TestVault } from "./support/vault.ts";

const IN_CLEAR = /^[A-Za-z0-9+/]{43}=\s*$|PRIVATE[+ ]KEY/;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let vault: TestVault;
let service: Service;
/** Secrets as they stood in their files, before they were wrapped. */
const secrets: string[] = [];
/** All that was ever said. */
const said: string[] = [];
const kept = new Map<string, string>();
const at = (name: string): string => join(folder.path, name);
let key = "transit/chartulary";
const byToken = () => ({ VAULT_URL: vault.url, VAULT_TRANSIT_KEY: key, VAULT_TOKEN_FILE: at("token") });
const byRole = () => ({ VAULT_URL: vault.url, VAULT_TRANSIT_KEY: key, VAULT_ROLE_ID: vault.role.id, VAULT_SECRET_ID_FILE: at("secret-id") });

async function run(args: readonly string[], environment: Readonly<Record<string, string>> = byToken()) {
  const ran = await chartulary(args, { DATA_DIR: at("data"), ...environment });
  said.push(ran.output, ran.errors);
  return ran;
}
async function ok(...args: readonly string[]): Promise<string> {
  const { code, output, errors } = await run(args);
  expect([args, code, code === 0 ? "" : errors + output]).toEqual([args, 0, ""]);
  return output;
}
const start = async (environment: Readonly<Record<string, string>>) =>
  startService({ dataFolder: at("data"), environment: { LOG_LEVEL: "debug", ...environment } });
async function stop(): Promise<void> {
  await service.stop();
  said.push(service.log());
}
const put = async (): Promise<void> => {
  const body = documentJson();
  const answer = await submit(service.url, body, "application/fhir+json");
  expect([answer.status, answer.status === 201 ? "" : answer.text]).toEqual([201, ""]);
  kept.set(idOf(answer), body);
};
const keyTexts = (): [string, string][] =>
  readdirSync(at("data/keys")).filter((name) => /key|pem/.test(name)).map((name) => [name, readFileSync(at(`data/keys/${name}`), "utf8")]); // prettier-ignore
const inClear = (): string[] => keyTexts().flatMap(([name, text]) => (IN_CLEAR.test(text) ? [name] : []));

beforeAll(async () => {
  folder = await temporaryFolder();
  vault = await startVault();
  writeFileSync(at("token"), `${vault.token}\n`);
  writeFileSync(at("secret-id"), `${vault.role.secret}\n`);
  await vault.rotate(key);
  service = await start({});
  for (let count = 0; count < 3; count++) await put();
  secrets.push(...keyTexts().flatMap(([, text]) => /(?:[A-Za-z0-9+/=]{40,})/g.exec(text.replace(/-----BEGIN CERTIFICATE[^]*END CERTIFICATE-----/, "").replace(/-----[^-]+-----/g, ""))?.[0] ?? [])); // prettier-ignore
  expect(secrets).toHaveLength(4);
});

afterAll(async () => {
  await service.stop();
  await vault.close();
  await folder.remove();
});

test(`the keys leave their files while documents come (Vault: ${VAULT_KIND})`, async () => {
  expect((await run(["doctor", "--quick"], {})).output).toMatch(/NOTICE {2}files of keys: keys lie in clear in .*identity\.key, log\.key, master\.key, seal-0001\.pem/);
  await stop();
  service = await start(byRole());
  expect((await run(["doctor", "--quick"])).output).toMatch(/WRONG {3}files of keys: .*VAULT_TRANSIT_KEY/);
  const done = new AbortController();
  const depositing = (async () => {
    while (!done.signal.aborted) await put();
  })();
  const output = await ok("keys", "rewrap", "--json");
  done.abort();
  await depositing;
  expect(JSON.parse(output)).toMatchObject({ epoch: 2, left: 0, toEnd: [1] });
  await put();
  expect(inClear()).toEqual([]);
  const files = (JSON.parse(await ok("keys", "--json")) as { files: { name: string; by?: string; version?: string }[] }).files;
  expect(files.map(({ name, by, version }) => [name, by, version])).toEqual(["identity.key", "log.key", "master-0002.key", "master.key", "seal-0001.pem"].map((name) => [name, "vault transit/chartulary", "1"]));
  await ok("keys", "end", "1");
  await expectAllServed(service.url, kept, "");
  expect((await run(["doctor", "--quick"])).output).not.toMatch(/(?:NOTICE|WRONG) +files of keys/);
}); // prettier-ignore

test("while Vault is away a service runs on, and none starts, which says why", async () => {
  await vault.away();
  await put();
  await expectAllServed(service.url, kept, "");
  expect((await get(`${service.url}/readyz`, "*/*")).status).toBe(200);
  await stop();
  const began = performance.now();
  await expect(start(byToken())).rejects.toThrow(/master\.key|identity\.key|master-0002\.key/);
  const refused = await run(["audit"]);
  expect(refused).toMatchObject({ code: 2, errors: expect.stringMatching(/master-0002\.key in .* cannot be unwrapped: Vault \(VAULT_URL\) answers with 503: it is sealed, or away/) });
  expect(performance.now() - began).toBeLessThan(60_000);
  expect(await run(["audit"], {})).toMatchObject({ code: 2, errors: expect.stringMatching(/is wrapped by vault transit\/chartulary, and nobody who unwraps it is named \(VAULT_URL\)/) });
  await vault.back();
  service = await start(byToken());
  await put();
  await expectAllServed(service.url, kept, "");
}); // prettier-ignore

test("the next version of its key, another of its keys, and a service that notices nothing of it", async () => {
  await vault.rotate(key);
  expect(await ok("keys", "rewrap", "--files")).toMatch(/master-0002\.key +wrapped by vault transit\/chartulary, version 2/);
  await vault.giveUp(key, 2);
  await stop();
  service = await start(byRole());
  key = "transit/other";
  await vault.rotate(key);
  expect(await ok("keys", "rewrap")).toMatch(/epoch 3/);
  await put();
  await ok("keys", "end", "2");
  // It was started by the settings from before, and goes on.
  await put();
  expect(keyTexts().filter(([, text]) => text.includes("transit/chartulary"))).toEqual([]);
  await ok("audit");
});

test("keys of seal and log that are made are wrapped, and backups hold none in clear", async () => {
  await ok("keys", "rotate");
  await ok("keys", "rotate", "log");
  expect(keyTexts().filter(([, text]) => text.startsWith("chartulary-wrapped-key/1")).map(([name]) => name)).toEqual(expect.arrayContaining(["log-0002.key", "seal-0002.pem"])); // prettier-ignore
  expect(inClear()).toEqual([]);
  await put();
  await ok("backup", at("backup"), "--with-keys");
  const tar = execFileSync("tar", ["-xOf", at("backup/repository-keys.tar")], { encoding: "utf8" });
  expect(tar).toMatch(/chartulary-wrapped-key\/1/);
  expect(tar).not.toMatch(/PRIVATE[+ ]KEY/);
  expect(secrets.filter((secret) => tar.includes(secret))).toEqual([]);
  const restored = await run(["restore", at("backup")], { ...byToken(), DATA_DIR: at("restored") });
  expect([restored.code, restored.code === 0 ? "" : restored.errors]).toEqual([0, ""]);
  await vault.away();
  const refused = await run(["restore", at("backup")], { ...byToken(), DATA_DIR: at("not-restored") });
  expect([refused.code, refused.errors]).toEqual([2, expect.stringMatching(/cannot be unwrapped: Vault/)]);
  await vault.back();
});

test("and back into files; nothing of Vault's secrets, and no key, was ever said or left", async () => {
  const files = readdirSync(folder.path, { recursive: true, encoding: "utf8" }).map((name) => join(folder.path, name));
  const holding = files.filter((file) => statSync(file).isFile() && !/token$|secret-id$/.test(file)).filter((file) => {
    const bytes = readFileSync(file);
    return [...secrets, ...vault.secrets].some((secret) => bytes.includes(secret));
  });
  expect(holding).toEqual([]);
  key = "";
  expect(await ok("keys", "rewrap")).toMatch(/epoch 4/);
  expect(inClear()).toEqual(expect.arrayContaining(["identity.key", "log-0002.key", "master-0003.key", "master-0004.key", "seal-0002.pem"]));
  await stop();
  service = await start({});
  await put();
  await expectAllServed(service.url, kept, "");
  expect((await run(["audit"], {})).code).toBe(0);
  said.push(service.log());
  expect([...secrets, ...vault.secrets].filter((secret) => said.some((text) => text.includes(secret)))).toEqual([]);
}); // prettier-ignore

test("at a first start with Vault no key is ever in clear", async () => {
  key = "transit/chartulary";
  const first = await startService({ dataFolder: at("fresh"), environment: byRole() });
  const made = readdirSync(at("fresh/keys")).map((name) => readFileSync(at(`fresh/keys/${name}`), "utf8"));
  await first.stop();
  expect(made.filter((text) => IN_CLEAR.test(text))).toEqual([]);
  expect(made.filter((text) => text.startsWith("chartulary-wrapped-key/1\n"))).toHaveLength(4);
});
