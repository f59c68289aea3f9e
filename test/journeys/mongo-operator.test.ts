/** The operator's commands on MongoDB, by the real command line beside two instances: audit, backup, restore into either engine, retention. */
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { spawn } from "node:child_process";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { initialise } from "../../src/adapters/mongo/init.ts";
import { asStranger, describeOnMongo, newDatabase } from "../adapters/mongo/server.ts";
import { documentJson } from "./documents.ts";
import { expectAllServed, get, idOf, submit } from "./support/requests.ts";
import { chartulary, PROJECT_ROOT, startService, temporaryFolder, type Service } from "./support/service.ts";

const JSON_TYPE = "application/fhir+json";

describeOnMongo("the operator's commands", (server) => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let url: string;
  let services: readonly [Service, Service];
  const kept = new Map<string, string>();
  let erased = "";
  const at = (name: string): string => join(folder.path, name);
  const settings = (): Record<string, string> => ({ DATA_DIR: at("data"), KEYS_DIR: at("keys"), MONGODB_URL: url });
  const run = (args: readonly string[], more: Record<string, string> = {}) => chartulary(args, { ...settings(), ...more });
  const put = async (count: number): Promise<void> => {
    for (let n = 0; n < count; n++) {
      const body = documentJson();
      kept.set(idOf(await submit(services[n % 2]?.url ?? "", body, JSON_TYPE)), body);
    }
  };
  const newReady = async (): Promise<string> => {
    const made = newDatabase(server);
    await initialise(made, undefined);
    return made;
  };
  const expectServed = async (more: Record<string, string>): Promise<void> => {
    const { DATA_DIR: dataFolder = at("other"), ...environment } = { KEYS_DIR: at("keys"), WATERMARK_FILE: at("other-mark"), ...more };
    const service = await startService({ dataFolder, environment });
    try {
      await expectAllServed(service.url, kept, erased);
      expect((await submit(service.url, documentJson(), JSON_TYPE)).status).toBe(201);
    } finally {
      await service.stop();
    }
  };

  beforeAll(async () => {
    folder = await temporaryFolder();
    url = await newReady();
    const start = (): Promise<Service> => startService({ dataFolder: at("data"), environment: { KEYS_DIR: at("keys"), MONGODB_URL: url } });
    services = [await start(), await start()];
    await put(12);
    [erased = ""] = kept.keys();
  });

  afterAll(async () => {
    await Promise.all(services.map((service) => service.stop()));
    await folder.remove();
  });

  test("audit passes while documents come, and names what was altered", async () => {
    writeFileSync(at("checkpoint"), (await get(`${services[0].url}/log/checkpoint`, "*/*")).bytes);
    const [passed] = await Promise.all([run(["audit", "--against", at("checkpoint"), "--json"]), put(4)]);
    expect([passed.code, JSON.parse(passed.output)]).toEqual([0, expect.objectContaining({ verdict: "intact", isIndexAudited: true, findings: [] })]);
    const [, second = ""] = kept.keys();
    const staged = (client: Parameters<Parameters<typeof asStranger>[1]>[0]) =>
      client.db().collection<{ _id: string; content: Uint8Array }>("staged");
    const before = await asStranger(url, (client) => staged(client).findOne({ _id: second }));
    await asStranger(url, (client) => staged(client).updateOne({ _id: second }, { $set: { content: new Uint8Array(50) } }));
    const found = await run(["audit", "--json"]);
    const { findings } = JSON.parse(found.output) as { findings: readonly { id: string }[] };
    expect([found.code, new Set(findings.map(({ id }) => id))]).toEqual([1, new Set([second])]);
    await asStranger(url, (client) => staged(client).updateOne({ _id: second }, { $set: { content: before?.content ?? new Uint8Array() } }));
    expect((await run(["audit"])).code).toBe(0);
  });

  test("backup adds what came since, and is restored into an empty database, after a kill on the way, and into a data folder", async () => {
    expect(JSON.parse((await run(["backup", at("backup"), "--json"])).output)).toMatchObject({ size: kept.size, added: kept.size });
    expect((await run(["erase", erased, "--reason", "misfiled", "--by", "A. Smith"])).code).toBe(0);
    await put(40);
    expect(JSON.parse((await run(["backup", at("backup"), "--json"])).output)).toMatchObject({ size: kept.size + 1, added: 41 });
    expect(readdirSync(at("backup")).sort()).toEqual([
      "audit-keys.tar",
      "audit-spool.tar",
      "audit-trail.tar",
      "cosigned.tar",
      "document-keys.tar",
      "events.tar",
      "record.tar",
    ]);
    expect(readFileSync(join(at("backup"), "record.tar"), "latin1")).not.toContain("Brandt");

    const target = await newReady();
    const environment = { ...process.env, ...settings(), MONGODB_URL: target };
    const child = spawn(process.execPath, [join(PROJECT_ROOT, "bin", "chartulary.js"), "restore", at("backup")], {
      env: environment,
      stdio: "ignore",
    });
    const ended = new Promise((resolve) => child.once("exit", resolve));
    const commits = (): Promise<number> => asStranger(target, (client) => client.db().collection("commits").countDocuments());
    while (child.exitCode === null && (await commits()) < 3) await sleep(5);
    child.kill("SIGKILL");
    await ended;
    expect(await run(["audit"], { MONGODB_URL: target })).toMatchObject({ code: 2, errors: expect.stringContaining("being filled") });
    const restored = await run(["restore", at("backup"), "--against", at("checkpoint"), "--json"], { MONGODB_URL: target });
    expect(restored.errors).not.toContain("chartulary restore:");
    expect([restored.code, JSON.parse(restored.output)]).toEqual([0, expect.objectContaining({ size: kept.size + 1 })]);
    expect(await run(["restore", at("backup")], { MONGODB_URL: target })).toMatchObject({ code: 1, errors: expect.stringContaining("already") });
    expect((await run(["audit"], { MONGODB_URL: target })).code).toBe(0);
    await expectServed({ MONGODB_URL: target });

    const onFiles = { DATA_DIR: at("folder"), KEYS_DIR: at("keys") };
    expect(await chartulary(["restore", at("backup")], onFiles)).toMatchObject({ code: 0 });
    await expectServed({ DATA_DIR: at("folder"), WATERMARK_FILE: at("folder-mark") });
  });

  test("a database that holds something else is not restored into", async () => {
    expect(await run(["restore", at("backup")])).toMatchObject({ code: 1, errors: expect.stringContaining("repository already") });
  });

  test("retention names what is due, and erases it", async () => {
    const policy = at("policy.json");
    writeFileSync(policy, JSON.stringify({ version: "records/1", rules: [{ keep: { days: 1 }, from: "written" }] }));
    const named = await run(["retention", "--json"], { RETENTION_POLICY: policy });
    expect([named.code, named.output.trim().split("\n").length]).toEqual([0, kept.size - 1]);
    const carried = await run(["retention", "--carry-out", "--by", "A. Smith"], { RETENTION_POLICY: policy });
    expect([carried.code, carried.errors]).toEqual([0, expect.stringContaining(`${kept.size - 1} erased`)]);
    for (const id of kept.keys()) expect((await get(`${services[1].url}/fhir/Bundle/${id}`, JSON_TYPE)).status).toBe(410);
    expect((await run(["audit"])).code).toBe(0);
  });
});
