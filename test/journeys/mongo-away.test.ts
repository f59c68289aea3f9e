/** The service while its MongoDB is away: it says so, takes nothing, loses nothing, and goes on by itself. */
import { afterAll, expect, test } from "@jest/globals";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { initialise } from "../../src/adapters/mongo/init.ts";
import { describeOnMongo, newDatabase, ownServer } from "../adapters/mongo/server.ts";
import { fixture } from "./support/fixtures.ts";
import { runCommand } from "./program.ts";
import { get, idOf, submit } from "./support/requests.ts";
import { startService, temporaryFolder } from "./support/service.ts";

const JSON_TYPE = "application/fhir+json";
const template = fixture("prescription-without-narrative.json").text;
const ownIdentifier = /"value": "(urn:uuid:[0-9a-f-]+)"/.exec(template)?.[1] ?? "";

describeOnMongo("a service whose database is away", () => {
  const undo: (() => unknown)[] = [];
  afterAll(async () => {
    for (const one of undo.reverse()) await one();
  });

  test("answers 503 with Retry-After, is not ready, and goes on by itself; another with other keys is refused", async () => {
    const folder = await temporaryFolder();
    undo.push(() => folder.remove());
    const server = ownServer(join(folder.path, "server"));
    undo.push(() => server.stop("--wipe"));
    const url = `${newDatabase(server.url)}&serverSelectionTimeoutMS=500`;
    await initialise(url, undefined);
    const service = await startService({ dataFolder: join(folder.path, "data"), environment: { MONGODB_URL: url } });
    undo.push(() => service.stop());
    const text = template.replace(ownIdentifier, `urn:uuid:${randomUUID()}`);
    const first = await submit(service.url, text, JSON_TYPE);
    expect(first.status).toBe(201);

    server.stop("--kill");
    const refused = await submit(service.url, template.replace(ownIdentifier, `urn:uuid:${randomUUID()}`), JSON_TYPE);
    expect([refused.status, Number(refused.headers.get("retry-after")) > 0]).toEqual([503, true]);
    expect(refused.text).toMatch(/database/);
    expect(refused.text).not.toMatch(/127\.0\.0\.1|ECONNREFUSED/);
    const read = await get(`${service.url}/fhir/Bundle/${idOf(first)}`, JSON_TYPE);
    expect([read.status, read.headers.get("retry-after")]).toEqual([503, expect.stringMatching(/^\d+$/)]);
    expect((await get(`${service.url}/`, "text/html")).status).toBe(503);
    expect(JSON.parse((await get(`${service.url}/readyz`, "*/*")).text)).toMatchObject({
      status: "not-ready",
      reason: expect.stringMatching(/database/),
    });
    expect((await get(`${service.url}/healthz`, "*/*")).status).toBe(200);

    server.start();
    while ((await get(`${service.url}/readyz`, "*/*")).status !== 200) await sleep(50);
    const again = await submit(service.url, text, JSON_TYPE);
    expect([again.status, idOf(again)]).toEqual([200, idOf(first)]);
    expect((await submit(service.url, template.replace(ownIdentifier, `urn:uuid:${randomUUID()}`), JSON_TYPE)).status).toBe(201);
    expect((await get(`${service.url}/fhir/Bundle/${idOf(first)}`, JSON_TYPE)).status).toBe(200);

    // Keys that another repository made.
    const elsewhere = await startService({ dataFolder: join(folder.path, "elsewhere") });
    await elsewhere.stop();
    await expect(startService({ dataFolder: join(folder.path, "elsewhere"), environment: { MONGODB_URL: url } })).rejects.toThrow(
      /ended with 2[^]*repository with other keys/,
    );
    // Nor do the operator's commands go on with them: each would wait for ever, or make an index in which nothing is found.
    const withOtherKeys = { DATA_DIR: join(folder.path, "elsewhere"), MONGODB_URL: url };
    for (const command of [
      ["rebuild"],
      ["hold", idOf(first), "--by", "A", "--reason", "B"],
      ["erase", idOf(first), "--by", "A", "--reason", "other"],
    ]) {
      const { code, stderr } = runCommand(command, undefined, withOtherKeys);
      expect([command[0], code, stderr]).toEqual([command[0], 2, expect.stringMatching(/repository with other keys/)]);
    }
    expect(JSON.parse((await get(`${service.url}/fhir/Bundle?_summary=count`, JSON_TYPE)).text)).toMatchObject({ total: 2 });
    await expect(startService({ dataFolder: join(folder.path, "new"), environment: { MONGODB_URL: url } })).rejects.toThrow(
      /ended with 2[^]*no keys/,
    );
  });
});
