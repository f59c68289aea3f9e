/** Two instances on one MongoDB: glass that is broken at one is open at the other for the next request, ended at either it is ended at both, also when one dies; and of one person there is no more of it than is said. */
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { initialise } from "../../src/adapters/mongo/init.ts";
import { describeOnMongo, newDatabase } from "../adapters/mongo/server.ts";
import { documentJson } from "./documents.ts";
import { freePort } from "./support/free-port.ts";
import { beginWithPeople, invite, PASSWORD, SYSTEMS, Visitor, type People } from "./support/people.ts";
import { startService, temporaryFolder, type Service } from "./support/service.ts";

const POLICY = {
  version: "glass/1",
  breakGlass: { clearance: ["R"] },
  clearance: { "privacy-officer": ["V", "*"] },
  rules: [
    { name: "clinicians read", permit: ["read"], to: { roles: ["clinician"] } },
    { name: "clinicians break the glass", permit: ["break-glass"], to: { kinds: ["person"], roles: ["clinician"] } },
    { name: "depositors deposit", permit: ["deposit"], to: { roles: ["depositor"] } },
    { name: "privacy officers see who saw what", permit: ["audit"], to: { roles: ["privacy-officer"] } },
  ],
};
const RESTRICTED = [{ system: "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", code: "R" }];
const FHIR = "application/fhir+json";

describeOnMongo("two instances on one database", (server) => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let people: People;
  let instances: Service[];
  /** Where each is reached; both are known by the address of the first. */
  let doors: readonly string[];
  let anna: Visitor;
  let secret: string;

  beforeAll(async () => {
    folder = await temporaryFolder();
    const url = newDatabase(server);
    await initialise(url, undefined);
    const ports = [await freePort(), await freePort()];
    doors = ports.map((port) => `http://localhost:${port}`);
    const policy = join(folder.path, "policy.json");
    await writeFile(policy, JSON.stringify(POLICY));
    const shared = { MONGODB_URL: url, KEYS_DIR: join(folder.path, "keys"), ACCESS_POLICY: policy, BASE_URL: doors[0] ?? "" };
    people = await beginWithPeople({ ...shared, PORT: String(ports[0]) });
    instances = [people.service, await startAt(1)];
    await invite(people, "dora", "depositor");
    await invite(people, "paul", "privacy-officer");
    const dora = await signedIn("dora");
    dora.via = doors[1];
    const body = JSON.stringify({ ...(JSON.parse(documentJson()) as object), meta: { security: RESTRICTED } });
    const taken = await dora.send(`${people.url}/fhir/Bundle`, { method: "POST", body, headers: { "Content-Type": FHIR, Accept: FHIR } });
    secret = /Bundle\/([0-9a-f-]{36})/.exec(taken.headers.get("Location") ?? "")?.[1] ?? (await taken.text());
    anna = await signedIn("anna");
  });
  afterAll(async () => {
    await Promise.all(instances.slice(1).map((service) => service.stop()));
    await instances[0]?.stop();
    await people.end();
    await folder.remove();
  });

  const startAt = (at: number): Promise<Service> =>
    startService({
      dataFolder: join(folder.path, `data-${at}`),
      environment: { ...people.environment, DATA_DIR: join(folder.path, `data-${at}`), PORT: new URL(doors[at] ?? "").port },
    });
  const signedIn = async (name: string): Promise<Visitor> => {
    const visitor = new Visitor(people.url);
    await visitor.go(`${people.url}/sign-in`);
    await visitor.submit({ name, password: PASSWORD });
    return visitor;
  };
  /** The status of the document's page, and how much glass it says is open. */
  const seenAt = async (at: number): Promise<readonly [number, number]> => {
    anna.via = doors[at];
    const answer = await anna.send(`${people.url}/documents/${secret}`, { headers: { Accept: "text/html" } });
    return [answer.status, (await answer.text()).split('class="glass-banner"').length - 1];
  };
  const post = async (at: number, path: string, fields: Readonly<Record<string, string>>): Promise<number> => {
    anna.via = doors[at];
    return (await anna.send(`${people.url}${path}`, { method: "POST", body: new URLSearchParams(fields) })).status;
  };
  const breakAt = (at: number, text: string): Promise<number> =>
    post(at, "/glass", { system: SYSTEMS, value: "J-4711", document: "", reason: "ETREAT", text });
  const endAllAt = async (at: number): Promise<void> => {
    anna.via = doors[at];
    const page = await anna.go(`${people.url}/`);
    for (const [, path = ""] of page.matchAll(/action="(\/glass\/[^"]+\/end)"/g)) expect(await post(at, path, {})).toBe(303);
  };
  const both = async (): Promise<unknown> => [await seenAt(0), await seenAt(1)];
  const CLOSED = [404, 0];
  const OPEN = [200, 1];

  test("it is open at both, and whole again at both, for the next request", async () => {
    expect(await both()).toEqual([CLOSED, CLOSED]);
    expect([await breakAt(0, "Found unconscious at home"), await seenAt(1), await seenAt(0)]).toEqual([303, OPEN, OPEN]);
    await endAllAt(1);
    expect(await both()).toEqual([CLOSED, CLOSED]);
  });

  test("an instance that dies takes neither with it", async () => {
    expect(await breakAt(0, "Bleeding, brought by the police")).toBe(303);
    await instances[0]?.kill();
    expect(await seenAt(1)).toEqual(OPEN);
    instances[0] = await startAt(0);
    expect(await both()).toEqual([OPEN, OPEN]);
    await endAllAt(0);
    await instances[0].kill();
    expect(await seenAt(1)).toEqual(CLOSED);
    instances[0] = await startAt(0);
    expect(await both()).toEqual([CLOSED, CLOSED]);
  });

  test("pressed at both at once it is broken once, and ten are open at most", async () => {
    const pressed = async (textAt: (at: number) => string): Promise<number[]> =>
      Promise.all(Array.from({ length: 16 }, (_, at) => breakAt(at % 2, textAt(at))));
    expect([new Set(await pressed(() => "Pressed in a hurry")), await both()]).toEqual([new Set([303]), [OPEN, OPEN]]);
    const statuses = await pressed((at) => `For another reason, ${at}`);
    expect([statuses.filter((status) => status === 303).length, statuses.filter((status) => status === 422).length]).toEqual([9, 7]);
    expect(await both()).toEqual([
      [200, 10],
      [200, 10],
    ]);
    await endAllAt(1);
    expect(await both()).toEqual([CLOSED, CLOSED]);
  });

  test("whichever is asked tells of all of it, and of the end of all of it", async () => {
    const paul = await signedIn("paul");
    for (const via of doors) {
      paul.via = via;
      const counts = [];
      for (const subtype of ["110127", "110138"]) {
        const answer = await paul.send(`${people.url}/fhir/AuditEvent?subtype=${subtype}&_count=100`, { headers: { Accept: FHIR } });
        const { entry = [] } = (await answer.json()) as { readonly entry?: readonly unknown[] };
        counts.push(entry.length);
      }
      const list = await (await paul.send(`${people.url}/audit/glass`, { headers: { Accept: "text/html" } })).text();
      // What lost a race was told before it opened anything, and its end with it.
      expect([counts[0], counts[0] === counts[1], list.split("ended by the person").length - 1]).toEqual([expect.any(Number), true, 12]);
      expect(counts[0]).toBeGreaterThanOrEqual(12);
    }
  });
});
