/** A repository is copied to the other engine and back by the real command line, while it takes documents, and killed on the way: whatever was acknowledged is in the copy once, and the source is closed. */
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { initialise } from "../../src/adapters/mongo/init.ts";
import { asStranger, describeOnMongo, newDatabase } from "../adapters/mongo/server.ts";
import { documentJson } from "./documents.ts";
import { expectAllServed, get, idOf, submit } from "./support/requests.ts";
import { chartulary, PROJECT_ROOT, startService, temporaryFolder, type Service } from "./support/service.ts";

const JSON_TYPE = "application/fhir+json";
/** Documents after which the senders take their time. */
const MANY = 200;
/** Large enough to lie in chunks: nothing in it becomes smaller. */
const large = (): string => documentJson({ words: Array.from({ length: 250_000 }, () => Math.random().toString(36)).join(" ") });

describeOnMongo("copy", (server) => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let url: string;
  const running: Service[] = [];
  /** What was acknowledged, by the id that was answered. */
  const kept = new Map<string, string>();
  let [held, erased] = ["", ""];
  const at = (name: string): string => join(folder.path, name);
  const settings = (name: string): Record<string, string> => ({ DATA_DIR: at(name), KEYS_DIR: at("keys") });
  const run = (args: readonly string[], more: Record<string, string> = {}) => chartulary(args, { ...settings("data"), ...more });
  const start = async (name: string, more: Record<string, string> = {}): Promise<Service> => {
    const service = await startService({ dataFolder: at(name), environment: { KEYS_DIR: at("keys"), ...more } });
    running.push(service);
    return service;
  };
  const put = async (service: Service, body = documentJson()): Promise<string> => {
    const id = idOf(await submit(service.url, body, JSON_TYPE));
    kept.set(id, body);
    return id;
  };
  /** Deposits by several senders until the services refuse; gives the last answers, each a refusal. */
  const depositUntilClosed = (services: readonly Service[]): Promise<string[]> =>
    Promise.all(
      Array.from({ length: 4 }, async (_, sender) => {
        while (running.length > 0) {
          const body = documentJson();
          const answer = await submit(services[sender % services.length]?.url ?? "", body, JSON_TYPE);
          if (answer.status === 201) kept.set(idOf(answer), body);
          else if (answer.status === 503 && answer.text.includes("closed here for ever")) return answer.text;
          else if (answer.status !== 503) throw new Error(`answered ${answer.status}: ${answer.text}`);
          // They keep coming; how many there are in the end must not be a matter of how fast the machine copies.
          await sleep(kept.size < MANY ? 50 : 1_000);
        }
        return "";
      }),
    );
  const expectAllThere = (service: Service): Promise<void> => expectAllServed(service.url, kept, erased);
  const audited = async (more: Record<string, string> = {}): Promise<object> => {
    const { code, output } = await run(["audit", "--json"], more);
    return { code, ...(JSON.parse(output) as object) };
  };

  beforeAll(async () => {
    folder = await temporaryFolder();
    url = newDatabase(server);
    await initialise(url, undefined);
    const service = await start("data");
    for (let n = 0; n < 30; n++) await put(service);
    await put(service, large());
    [held = "", erased = ""] = kept.keys();
    expect((await run(["hold", held, "--reason", "case 1", "--by", "A. Smith"])).code).toBe(0);
    expect((await run(["erase", erased, "--reason", "misfiled", "--by", "A. Smith"])).code).toBe(0);
  });

  afterAll(async () => {
    await Promise.all(running.splice(0).map((service) => service.kill()));
    await folder.remove();
  });

  test("to MongoDB, while documents come, killed on the way and gone on with", async () => {
    const [service] = running as [Service];
    const sending = depositUntilClosed([service]);
    const child = spawn(process.execPath, [join(PROJECT_ROOT, "bin", "chartulary.js"), "copy", "--to", url], {
      env: { ...process.env, MONGODB_URL: "", ...settings("data") },
      stdio: "ignore",
    });
    const ended = new Promise((resolve) => child.once("exit", resolve));
    while (child.exitCode === null && (await asStranger(url, (client) => client.db().collection("commits").countDocuments())) < 20) await sleep(10);
    child.kill("SIGKILL");
    await ended;
    // Nobody opens what is half there.
    await expect(start("half", { MONGODB_URL: url })).rejects.toThrow(/being filled/);
    const copied = await run(["copy", "--to", "MONGODB_URL", "--from", `sqlite:${at("data")}`, "--json"], { MONGODB_URL: url });
    expect([copied.code, copied.errors]).toEqual([0, expect.stringContaining("audited")]);
    const refusals = await sending;
    expect(refusals).toEqual(refusals.map(() => expect.stringContaining("goes on in mongodb://")));
    const told = JSON.parse(copied.output) as { readonly trail: { readonly events: number } };
    expect(told).toMatchObject({ size: kept.size + 2, wasCopied: false, spooled: 0 });
    expect(told.trail.events).toBeGreaterThan(kept.size);

    expect((await get(`${service.url}/readyz`, "*/*")).status).toBe(503);
    await expectAllThere(service);
    const [last = ""] = [...kept.keys()].slice(-1);
    expect(await run(["erase", last, "--reason", "other", "--by", "A. Smith"])).toMatchObject({
      code: 2,
      errors: expect.stringContaining("closed here for ever"),
    });
    expect(await run(["log", "new-origin", "--reason", "to go on here"])).toMatchObject({
      code: 2,
      errors: expect.stringContaining("goes on in mongodb://"),
    });
    expect(readdirSync(at("keys")).filter((name) => name.startsWith("log"))).toEqual(["log.key"]);
    expect(await audited()).toMatchObject({ code: 0 });
  });

  test("the copy serves all of it, is audited, and its log goes on; holds hold, what was erased is gone", async () => {
    const services = [await start("instance-1", { MONGODB_URL: url }), await start("instance-2", { MONGODB_URL: url })] as const;
    await expectAllThere(services[0]);
    for (const service of services) await put(service);
    expect(await run(["erase", held, "--reason", "other", "--by", "A. Smith"], { MONGODB_URL: url })).toMatchObject({ code: 1 });
    expect(await audited({ MONGODB_URL: url })).toMatchObject({ code: 0, size: kept.size + 2, erased: 1, findings: [] });
    expect(JSON.parse((await run(["copy", "--from", at("data"), "--to", url, "--json"])).output)).toMatchObject({ wasCopied: true });
    // What was read in the closed source meanwhile is there now, and nothing is missing by the mark that both have.
    const trail = await run(["audit", "--trail", "--json"], { MONGODB_URL: url });
    expect([trail.code, JSON.parse(trail.output)]).toEqual([0, expect.objectContaining({ verdict: "intact" })]);
    const elsewhere = newDatabase(server);
    await initialise(elsewhere, undefined);
    expect(await run(["copy", "--from", at("data"), "--to", elsewhere])).toMatchObject({ code: 1, errors: expect.stringContaining("another copy") });
    expect(await run(["copy", "--from", url, "--to", at("data")])).toMatchObject({ code: 1, errors: expect.stringContaining("database already") });
  });

  test("and back to SQLite, from two instances that take documents", async () => {
    const services = running.slice(-2);
    const sending = depositUntilClosed(services);
    const child = spawn(process.execPath, [join(PROJECT_ROOT, "bin", "chartulary.js"), "copy", "--from", url, "--to", at("back")], {
      env: { ...process.env, MONGODB_URL: "", ...settings("data") },
      stdio: "ignore",
    });
    const ended = new Promise((resolve) => child.once("exit", resolve));
    while (child.exitCode === null && !existsSync(join(at("back"), ".arriving", "chartulary.db"))) await sleep(10);
    await sleep(50);
    child.kill("SIGKILL");
    await ended;
    expect(existsSync(join(at("back"), "chartulary.db"))).toBe(false);
    const copied = await run(["copy", "--from", url, "--to", at("back"), "--json"]);
    expect([copied.code, copied.errors]).toEqual([0, expect.stringContaining("audited")]);
    await sending;
    for (const service of services) expect((await get(`${service.url}/readyz`, "*/*")).status).toBe(503);
    expect(JSON.parse(copied.output)).toMatchObject({ size: kept.size + 2, to: `sqlite:${join(at("back"), "chartulary.db")}` });
    const service = await start("back");
    await expectAllThere(service);
    await put(service);
    expect(await audited({ DATA_DIR: at("back") })).toMatchObject({ code: 0, size: kept.size + 2, erased: 1, findings: [] });
    // An instance that starts now finds the closed log.
    const late = await start("instance-3", { MONGODB_URL: url });
    expect((await submit(late.url, documentJson(), JSON_TYPE)).status).toBe(503);
  });

  test.each([
    ["a target that is missing", ["copy"]],
    ["one that is no place", ["copy", "--to", "postgres://x/y"]],
    ["a database of another name", ["copy", "--to", "/tmp/other.db"]],
    ["itself", ["copy", "--to", "DATA_DIR"]],
    ["a database that is not ready", ["copy", "--to", "mongodb://127.0.0.1:1/x?serverSelectionTimeoutMS=100"]],
  ])("%s is refused", async (_, args) => {
    expect(await run(args, { DATA_DIR: at("back") })).toMatchObject({
      code: 2,
      output: "",
      errors: expect.stringMatching(/^chartulary copy: /),
    });
  });
});
