/** Two instances on one MongoDB: persons who are made of several documents (docs/design/search.md), and creates upon a condition that race each other. */
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { initialise } from "../../src/adapters/mongo/init.ts";
import { describeOnMongo, newDatabase } from "../adapters/mongo/server.ts";
import { documentJson } from "./documents.ts";
import { allSearchable, get, idOf, submit } from "./support/requests.ts";
import { startService, temporaryFolder, type Service } from "./support/service.ts";

const JSON_TYPE = "application/fhir+json";
const SYSTEM = "urn:oid:2.16.756.5.32.99";
/** Rounds of the race, and senders at each instance in each. */
const ROUNDS = 4;
const SENDERS = 2;

interface Found {
  readonly total?: number;
  readonly entry?: readonly { readonly resource: { readonly resourceType: string; readonly id: string } }[];
}

/** A document of its own about the patient who is known by this value. */
function documentAbout(patient: string): string {
  return documentJson().replace('"J-4711"', JSON.stringify(patient));
}

describeOnMongo("two instances on one database", (server) => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let services: readonly Service[] = [];

  beforeAll(async () => {
    folder = await temporaryFolder();
    const url = newDatabase(server);
    await initialise(url, undefined);
    const environment = { KEYS_DIR: join(folder.path, "keys"), MONGODB_URL: url, PATIENT_SYSTEMS: SYSTEM };
    const start = (): Promise<Service> => startService({ dataFolder: join(folder.path, "data"), environment });
    services = [await start(), await start()];
  });

  afterAll(async () => {
    await Promise.all(services.map((service) => service.stop()));
    await folder.remove();
  });

  const search = async (service: Service | undefined, query: string): Promise<Found> => {
    const { status, text } = await get(`${service?.url ?? ""}/fhir/${query}`, JSON_TYPE);
    expect([query, status]).toEqual([query, 200]);
    return JSON.parse(text) as Found;
  };
  const idsOf = ({ entry = [] }: Found, type: string): string[] =>
    entry.flatMap(({ resource }) => (resource.resourceType === type ? [resource.id] : [])).sort();

  test("find all that their documents say of a person, whichever took them", async () => {
    const ids = [];
    for (const at of [0, 1]) ids.push(idOf(await submit(services[at]?.url ?? "", documentAbout("P-1"), JSON_TYPE)));
    const other = idOf(await submit(services[0]?.url ?? "", documentAbout("P-2"), JSON_TYPE));
    const about = (some: readonly string[], place: number): string[] => some.map((id) => `${id}.${place}`).sort();
    for (const service of services) {
      await allSearchable(service.url);
      const [person = ""] = idsOf(await search(service, `Patient?identifier=${SYSTEM}|P-1`), "Patient").filter((id) => id.startsWith("p-"));
      const observations = async (query: string): Promise<string[]> => idsOf(await search(service, query), "Observation");
      const everywhere = [
        "Observation",
        `Observation?patient=Patient/${ids[0] ?? ""}.1`,
        `Observation?patient=Patient/${person}`,
        `Observation?subject=${person}&code=2823-3`,
        `Observation?patient.identifier=${SYSTEM}|P-1`,
        `Patient/${person}/Observation`,
        `Patient/${person}/$everything`,
        `Patient?_id=${person}&_revinclude=Observation:patient`,
      ];
      const both = about(ids, 4);
      expect(await Promise.all(everywhere.map(observations))).toEqual([
        about([...ids, other], 4),
        about(ids.slice(0, 1), 4),
        ...Array.from({ length: everywhere.length - 2 }, () => both),
      ]);
      expect(idsOf(await search(service, `DocumentReference?patient=Patient/${person}`), "DocumentReference")).toEqual([...ids].sort());
      expect(await search(service, "Composition?_content=recovering&_count=0")).toMatchObject({ total: 3 });
    }
  });

  test("make one document of several that are made unless there is one", async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const patient = `R-${randomUUID()}`;
      const condition = `composition.patient.identifier=${SYSTEM}|${patient}`;
      const send = (service: Service) => submit(service.url, documentAbout(patient), JSON_TYPE, { "If-None-Exist": condition });
      const answers = await Promise.all(services.flatMap((service) => Array.from({ length: SENDERS }, () => send(service))));
      expect(answers.map(({ status }) => status).sort()).toEqual([...Array.from({ length: answers.length - 1 }, () => 200), 201]);
      expect(new Set(answers.map(idOf)).size).toBe(1);
      for (const service of services) expect(await search(service, `Bundle?${condition}&_count=0`)).toMatchObject({ total: 1 });
    }
  });
});
