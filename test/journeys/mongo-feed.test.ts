/** An identity feed into two instances on one MongoDB at once (IHE ITI-104): each message is entered once, chains of replacements stay without circles, and both instances say the same of everybody. */
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { join } from "node:path";
import { initialise } from "../../src/adapters/mongo/init.ts";
import { describeOnMongo, newDatabase } from "../adapters/mongo/server.ts";
import { allSearchable, get } from "./support/requests.ts";
import { chartulary, startService, temporaryFolder, type Service } from "./support/service.ts";

const SYSTEM = "urn:oid:2.16.756.5.32.99";
const JSON_TYPE = "application/fhir+json";
const PEOPLE = 8;

const patient = (value: string, more: object = {}): object => ({
  ...{ resourceType: "Patient", identifier: [{ system: SYSTEM, value }], name: [{ family: `Mohr-${value}` }] },
  ...more,
});
const replaced = (value: string, by: string): object =>
  patient(value, { active: false, link: [{ type: "replaced-by", other: { identifier: { system: SYSTEM, value: by } } }] });

describeOnMongo("an identity feed into two instances on one database", (server) => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let services: readonly Service[] = [];
  let environment: Readonly<Record<string, string>> = {};
  beforeAll(async () => {
    folder = await temporaryFolder();
    const url = newDatabase(server);
    await initialise(url, undefined);
    environment = { KEYS_DIR: join(folder.path, "keys"), MONGODB_URL: url, PATIENT_SYSTEMS: SYSTEM, IDENTITY_FEED: "1" };
    const start = (): Promise<Service> => startService({ dataFolder: join(folder.path, "data"), environment });
    services = [await start(), await start()];
  });
  afterAll(async () => {
    await Promise.all(services.map((service) => service.stop()));
    await folder.remove();
  });

  const feed = async (service: Service | undefined, value: string, body: object): Promise<number> => {
    const address = `${service?.url ?? ""}/fhir/Patient?identifier=${encodeURIComponent(`${SYSTEM}|${value}`)}`;
    return (await fetch(address, { method: "PUT", headers: { "content-type": JSON_TYPE }, body: JSON.stringify(body) })).status;
  };
  const idsOf = async (service: Service, value: string): Promise<string[]> => {
    await allSearchable(service.url);
    const { status, text } = await get(`${service.url}/fhir/Patient?identifier=${encodeURIComponent(`${SYSTEM}|${value}`)}`, JSON_TYPE);
    expect([value, status]).toEqual([value, 200]);
    const { entry = [] } = JSON.parse(text) as { entry?: { resource: { resourceType: string; id: string } }[] };
    // While the index is behind, an answer says so besides, in an entry of its own.
    return entry.flatMap(({ resource: { resourceType, id } }) => (resourceType === "OperationOutcome" ? [] : [id]));
  };
  const messages = async (): Promise<number> => {
    const { code, output, errors } = await chartulary(["stats", "--json"], { DATA_DIR: join(folder.path, "data"), ...environment });
    expect([code, errors]).toEqual([0, expect.anything()]);
    return (JSON.parse(output) as { kinds: Record<string, number> }).kinds["identity-feed"] ?? 0;
  };
  const names = Array.from({ length: PEOPLE }, (_, at) => `f${at}`);

  test("takes each message once, and gives everybody one Patient on both", async () => {
    const sent = names.flatMap((value) => services.map((service) => feed(service, value, patient(value))));
    const statuses = await Promise.all(sent);
    expect(statuses.filter((status) => status === 201)).toHaveLength(PEOPLE);
    expect(statuses.filter((status) => status === 200)).toHaveLength(PEOPLE);
    expect(await messages()).toBe(PEOPLE);
    for (const value of names) {
      const [one, other] = await Promise.all(services.map((service) => idsOf(service, value)));
      expect([value, one]).toEqual([value, [expect.stringMatching(/^p-/)]]);
      expect(other).toEqual(one);
    }
  });

  test("of two that would replace each other one is refused, whichever instance is asked", async () => {
    for (let at = 0; at < PEOPLE; at += 2) {
      const [one = "", other = ""] = [names[at], names[at + 1]];
      const statuses = await Promise.all([feed(services[0], one, replaced(one, other)), feed(services[1], other, replaced(other, one))]);
      expect(statuses.sort()).toEqual([200, 422]);
      const found = await Promise.all(services.flatMap((service) => [one, other].map((value) => idsOf(service, value))));
      // Both identifiers lead to the one that is left, on both instances.
      expect(new Set(found.map((ids) => JSON.stringify(ids))).size).toBe(1);
    }
    expect(await messages()).toBe(PEOPLE + PEOPLE / 2);
    const { code, errors } = await chartulary(["audit", "--index"], { DATA_DIR: join(folder.path, "data"), ...environment });
    expect([code, errors.slice(-1_500)]).toEqual([0, expect.anything()]);
  });
});
