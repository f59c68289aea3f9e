/** XML seals of the real program beside a time-stamp authority (OpenSSL's), and of two instances on one MongoDB. */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { initialise } from "../../src/adapters/mongo/init.ts";
import { describeOnMongo, newDatabase } from "../adapters/mongo/server.ts";
import { HAS_OPENSSL, openAuthority, POLICY, type Authority } from "../adapters/tsa/authority.ts";
import { until } from "./program.ts";
import { fixture, allFixtures } from "./support/fixtures.ts";
import { get, idOf, submit } from "./support/requests.ts";
import { chartulary, startService, temporaryFolder, type Service } from "./support/service.ts";

const isSealed = async (url: string, id: string): Promise<boolean> => (await get(`${url}/documents/${id}/receipt`, "*/*")).text.includes('"xades"');

(HAS_OPENSSL ? describe : describe.skip)(
  `an XML seal beside a time-stamp authority${HAS_OPENSSL ? "" : " (not judged: there is no OpenSSL)"}`,
  () => {
    let folder: Awaited<ReturnType<typeof temporaryFolder>>;
    let authority: Authority;
    let service: Service;

    beforeAll(async () => {
      folder = await temporaryFolder();
      authority = await openAuthority();
      const environment = { XML_SEALS: "1", TSA_URL: authority.url, TSA_TRUST_FILE: join(authority.folder, "ca.pem"), TSA_POLICY: POLICY };
      service = await startService({ dataFolder: join(folder.path, "data"), environment });
    });

    afterAll(async () => {
      await service.stop();
      await authority.close();
      await folder.remove();
    });

    test("is of level T, and the verifier tells by when it was there, offline", async () => {
      const { bytes, mediaType } = fixture("prescription-without-narrative.json");
      const id = idOf(await submit(service.url, bytes, mediaType));
      await until(() => isSealed(service.url, id));
      const at = (name: string): string => join(folder.path, name);
      await writeFile(at("document"), bytes);
      await writeFile(at("trust.json"), (await get(`${service.url}/trust.json`, "*/*")).bytes);
      const receipt = (await get(`${service.url}/documents/${id}/receipt`, "*/*")).text;
      const verify = async (text: string): ReturnType<typeof chartulary> => {
        await writeFile(at("receipt.json"), text);
        return chartulary(["verify", at("document"), "--receipt", at("receipt.json"), "--trust", at("trust.json")]);
      };
      expect(await verify(receipt)).toMatchObject({ code: 0, output: expect.stringMatching(/pass +seal +The XML seal was there by .*Clock 1/) });
      const altered = receipt.replace(/(EncapsulatedTimeStamp>.{200})(.)/, (_, before: string, one: string) => before + (one === "A" ? "B" : "A"));
      expect(await verify(altered)).toMatchObject({ code: 0, output: expect.stringMatching(/DAMAGED +seal/) });
      const page = (await get(`${service.url}/documents/${id}`, "text/html")).text;
      expect(page).toMatch(/<span class="label">Time-stamp<\/span> \S+ \S+ UTC, <bdi>Clock 1<\/bdi>/);
    });
  },
);

describeOnMongo("two instances on one database", (server) => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let services: readonly Service[] = [];
  let environment: Record<string, string> = {};

  beforeAll(async () => {
    folder = await temporaryFolder();
    const url = newDatabase(server);
    await initialise(url, undefined);
    environment = { KEYS_DIR: join(folder.path, "keys"), MONGODB_URL: url };
    const start = (): Promise<Service> => startService({ dataFolder: join(folder.path, "data"), environment: { ...environment, XML_SEALS: "1" } });
    services = [await start(), await start()];
  });

  afterAll(async () => {
    for (const service of services) await service.stop();
    await folder.remove();
  });

  test("make one XML seal for each document, also when one of them dies", async () => {
    const [first, second] = services as [Service, Service];
    const documents = allFixtures();
    const ids: string[] = [];
    for (const [at, { bytes, mediaType }] of documents.entries()) ids.push(idOf(await submit((at % 2 === 0 ? first : second).url, bytes, mediaType)));
    await first.kill();
    // Its lease runs out, which takes half a minute, before the other goes on.
    const sealed = (id: string): Promise<void> => until(() => isSealed(second.url, id));
    for (const id of ids) await sealed(id).catch(() => sealed(id));
    await second.stop();
    const { code, output } = await chartulary(["audit", "--json"], environment);
    expect([code, JSON.parse(output)]).toEqual([0, expect.objectContaining({ documents: ids.length, size: 2 * ids.length, findings: [] })]);
  });
});
