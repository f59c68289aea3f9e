/** Another seal key on MongoDB, by the real command line: two instances whose folders of keys are their own, as on two machines. */
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { copyFileSync, cpSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { initialise } from "../../src/adapters/mongo/init.ts";
import { describeOnMongo, newDatabase } from "../adapters/mongo/server.ts";
import { documentJson } from "./documents.ts";
import { until } from "./program.ts";
import { get, idOf, submit } from "./support/requests.ts";
import { chartulary, startService, temporaryFolder, type Service } from "./support/service.ts";

const JSON_TYPE = "application/fhir+json";

describeOnMongo("another seal key", (server) => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let url: string;
  let services: readonly [Service, Service];
  const at = (name: string): string => join(folder.path, name);
  const settings = (keys: string): Record<string, string> => ({
    KEYS_DIR: at(keys),
    WATERMARK_FILE: at(`${keys}-mark`),
    MONGODB_URL: url,
    MAX_CLOCK_SKEW_SECONDS: "1",
  });
  const run = (...args: string[]) => chartulary(args, { DATA_DIR: at("data"), ...settings("keys") });
  const put = async (service: Service): Promise<string> => {
    const answer = await submit(service.url, documentJson(), JSON_TYPE);
    expect([answer.status, answer.status === 201 ? "" : answer.text]).toEqual([201, ""]);
    const { text } = await get(`${service.url}/documents/${idOf(answer)}/receipt`, "*/*");
    const [{ jws }] = (JSON.parse(text) as { seals: [{ jws: string }] }).seals;
    return (JSON.parse(Buffer.from(jws.split(".")[0] ?? "", "base64url").toString()) as { kid: string }).kid;
  };

  beforeAll(async () => {
    folder = await temporaryFolder();
    url = newDatabase(server);
    await initialise(url, undefined);
    const start = (keys: string): Promise<Service> => startService({ dataFolder: at("data"), environment: settings(keys) });
    const first = await start("keys");
    cpSync(at("keys"), at("others"), { recursive: true });
    services = [first, await start("others")];
  });

  afterAll(async () => {
    await Promise.all(services.map((service) => service.stop()));
    await folder.remove();
  });

  test("the instance that lacks it is named; once it has it both seal by it from its time on, and each destroys the old one", async () => {
    const before = await put(services[0]);
    expect(await put(services[1])).toBe(before);
    const refused = await run("keys", "rotate");
    expect([refused.code, refused.errors]).toEqual([1, expect.stringMatching(/do not have the seal key 2 .*process \d+.*seal-0002\.pem/)]);
    expect(await put(services[1])).toBe(before);
    copyFileSync(at("keys/seal-0002.pem"), at("others/seal-0002.pem"));
    const begun = await run("keys", "rotate", "--json");
    expect([begun.code, begun.errors]).toEqual([0, expect.any(String)]);
    const { from } = JSON.parse(begun.output) as { from: string };
    expect(await put(services[1])).toBe(before);
    await sleep(Math.max(0, Date.parse(from) - Date.now()) + 1_000);
    const after = await put(services[0]);
    expect(after).not.toBe(before);
    expect(await put(services[1])).toBe(after);
    for (const keys of ["keys", "others"]) await until(() => Promise.resolve(!readFileSync(at(`${keys}/seal-0001.pem`), "utf8").includes("PRIVATE")));
    expect((await run("audit")).code).toBe(0);
  });

  test("an instance that loses the key takes no document and says which file; it goes on once that is back", async () => {
    copyFileSync(at("others/seal-0002.pem"), at("seal-0002.pem"));
    rmSync(at("others/seal-0002.pem"));
    // It looks into its folder now and then.
    const sent = () => submit(services[1].url, documentJson(), JSON_TYPE);
    await until(async () => (await sent()).status === 503);
    const refused = await sent();
    expect([refused.status, refused.text]).toEqual([503, expect.stringContaining("seal-0002.pem")]);
    await put(services[0]);
    copyFileSync(at("seal-0002.pem"), at("others/seal-0002.pem"));
    await put(services[1]);
  });
});
