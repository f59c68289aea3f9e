/**
 * Keys that Vault wraps, on both engines, by the real command line: a repository is copied with them to MongoDB and back, and in between two instances whose folders of keys are their own, as on two machines, serve
 * while keys of seal, log and documents are changed, and Vault's own key.
 */
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { copyFileSync, cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { initialise } from "../../src/adapters/mongo/init.ts";
import { describeOnMongo, newDatabase } from "../adapters/mongo/server.ts";
import { documentJson } from "./documents.ts";
import { until } from "./program.ts";
import { expectAllServed, get, idOf, submit } from "./support/requests.ts";
import { chartulary, startService, temporaryFolder, type Service } from "./support/service.ts";
import { startVault, VAULT_KIND, type TestVault } from "./support/vault.ts";

const KEY = "transit/chartulary";
const FOLDERS = ["keys", "others"] as const;

describeOnMongo(`keys that are wrapped by Vault (${VAULT_KIND}), on both engines`, (server) => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let vault: TestVault;
  let url: string;
  const running: Service[] = [];
  /** What was acknowledged, by the id that was answered. */
  const kept = new Map<string, string>();
  const at = (name: string): string => join(folder.path, name);
  const settings = (keys: string, data: string): Record<string, string> => ({
    ...{ KEYS_DIR: at(keys), DATA_DIR: at(data), MAX_CLOCK_SKEW_SECONDS: "1" },
    ...{ VAULT_URL: vault.url, VAULT_TRANSIT_KEY: KEY, VAULT_TOKEN_FILE: at("token") },
  });
  const start = async (keys: string, data: string, more: Record<string, string> = {}): Promise<Service> => {
    const service = await startService({ dataFolder: at(data), environment: { ...settings(keys, data), ...more } });
    running.push(service);
    return service;
  };
  const stop = async (): Promise<void> => void (await Promise.all(running.splice(0).map((service) => service.stop())));
  const run = (args: readonly string[], more: Record<string, string> = {}) => chartulary(args, { ...settings("keys", "data"), ...more });
  const ok = async (args: readonly string[], more: Record<string, string> = {}): Promise<string> => {
    const { code, output, errors } = await run(args, more);
    expect([args, code, code === 0 ? "" : errors + output]).toEqual([args, 0, ""]);
    return output;
  };
  const put = async ({ url: to }: Service): Promise<string> => {
    const body = documentJson();
    const answer = await submit(to, body, "application/fhir+json");
    expect([answer.status, answer.status === 201 ? "" : answer.text]).toEqual([201, ""]);
    kept.set(idOf(answer), body);
    return idOf(answer);
  };
  const sealKeyOf = async (service: Service): Promise<string> => {
    const { text } = await get(`${service.url}/documents/${await put(service)}/receipt`, "*/*");
    const [{ jws }] = (JSON.parse(text) as { seals: [{ jws: string }] }).seals;
    return (JSON.parse(Buffer.from(jws.split(".")[0] ?? "", "base64url").toString()) as { kid: string }).kid;
  };
  /** Files of keys, whether one holds a wrapped key, and which hold one in clear. */
  const keyFiles = (keys: string): string[] => readdirSync(at(keys)).filter((name) => /key$|pem$/.test(name));
  const isWrapped = (name: string): boolean => readFileSync(at(name), "utf8").includes("chartulary-wrapped-key/1");
  const inClear = (): string[] =>
    FOLDERS.filter((keys) => existsSync(at(keys))).flatMap((keys) =>
      keyFiles(keys).filter((name) => /^[A-Za-z0-9+/]{43}=\s*$|PRIVATE[+ ]KEY/.test(readFileSync(at(`${keys}/${name}`), "utf8"))),
    );
  /** Runs a command on the first machine that makes a key: the other one is named until an operator has brought it the file. */
  const everywhere = async (args: readonly string[], file: string): Promise<void> => {
    const refused = await run(args, { MONGODB_URL: url });
    expect([refused.code, refused.errors]).toEqual([1, expect.stringContaining(file)]);
    copyFileSync(at(`keys/${file}`), at(`others/${file}`));
    await ok(args, { MONGODB_URL: url });
  };

  beforeAll(async () => {
    folder = await temporaryFolder();
    vault = await startVault();
    writeFileSync(at("token"), `${vault.token}\n`);
    await vault.rotate(KEY);
    url = newDatabase(server);
    await initialise(url, undefined);
    const service = await start("keys", "data");
    for (let count = 0; count < 3; count++) await put(service);
    await ok(["keys", "rewrap"]);
    await put(service);
    await ok(["keys", "end", "1"]);
    await put(service);
    expect(inClear()).toEqual([]);
    await stop();
  });

  afterAll(async () => {
    await stop();
    await vault.close();
    await folder.remove();
  });

  test("a repository is copied to MongoDB with them, and two instances serve all of it", async () => {
    await ok(["copy", "--to", url]);
    cpSync(at("keys"), at("others"), { recursive: true });
    for (const keys of FOLDERS) await start(keys, `instance-${keys}`, { MONGODB_URL: url });
    for (const service of running) {
      await put(service);
      await expectAllServed(service.url, kept);
    }
    expect(inClear()).toEqual([]);
    await ok(["audit"], { MONGODB_URL: url });
  });

  /** Both take documents while something is done; none is refused. */
  const whileDepositing = async (work: () => Promise<void>): Promise<void> => {
    const done = new AbortController();
    const depositing = running.map(async (service) => {
      while (!done.signal.aborted) {
        await put(service);
        await sleep(500);
      }
    });
    await work().finally(() => done.abort());
    await Promise.all(depositing);
  };

  test("keys of seal and log follow others while both take documents", () =>
    whileDepositing(async () => {
      const [first] = running as [Service];
      const before = await sealKeyOf(first);
      await everywhere(["keys", "rotate"], "seal-0002.pem");
      await everywhere(["keys", "rotate", "log"], "log-0002.key");
      for (const service of running) await until(async () => (await sealKeyOf(service)) !== before);
      expect(inClear()).toEqual([]);
    }));

  test("and so do the master key, and Vault's own; what is over is destroyed on both machines", async () => {
    await whileDepositing(async () => {
      await everywhere(["keys", "rewrap"], "master-0003.key");
      await ok(["keys", "end", "2"], { MONGODB_URL: url });
      await vault.rotate(KEY);
      for (const keys of FOLDERS) await ok(["keys", "rewrap", "--files"], { MONGODB_URL: url, KEYS_DIR: at(keys) });
      await vault.giveUp(KEY, 2);
    });
    // The log's key before signs beside its follower for a while.
    const left = ["identity.key", "log-0002.key", "log.key", "master-0003.key", "seal-0002.pem"];
    for (const keys of FOLDERS)
      await until(() =>
        Promise.resolve(
          keyFiles(keys)
            .filter((name) => isWrapped(`${keys}/${name}`))
            .join() === left.join(),
        ),
      );
    expect(inClear()).toEqual([]);
  });

  test("instances that start now serve all of it, by what Vault's new key wrapped", async () => {
    await stop();
    for (const keys of FOLDERS) await start(keys, `instance-${keys}`, { MONGODB_URL: url });
    for (const service of running) {
      await put(service);
      await expectAllServed(service.url, kept);
    }
    await ok(["audit"], { MONGODB_URL: url });
  });

  test("and back to SQLite, where nothing is begun while Vault is away", async () => {
    await stop();
    await vault.away();
    const refused = await run(["copy", "--from", url, "--to", at("back")]);
    expect([refused.code, refused.errors]).toEqual([2, expect.stringMatching(/cannot be unwrapped: Vault \(VAULT_URL\)/)]);
    expect(existsSync(at("back/chartulary.db"))).toBe(false);
    await vault.back();
    await ok(["copy", "--from", url, "--to", at("back")]);
    const service = await start("keys", "back");
    await expectAllServed(service.url, kept);
    await put(service);
    expect(inClear()).toEqual([]);
    await ok(["audit"], { DATA_DIR: at("back") });
  });
});
