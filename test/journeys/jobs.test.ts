/** Requests that are answered later, on both engines: a service that is killed in the middle leaves what another one finishes, and one that ends in good order gives it back at once. */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { join } from "node:path";
import { initialise } from "../../src/adapters/mongo/init.ts";
import { describeOnMongo, newDatabase } from "../adapters/mongo/server.ts";
import { documentJson } from "./documents.ts";
import { until } from "./program.ts";
import { chartulary, startService, temporaryFolder, type Service } from "./support/service.ts";

const FHIR = { "Content-Type": "application/fhir+json", Accept: "application/fhir+json" };
const DOCUMENTS = 80;

interface Answered {
  readonly type: string;
  readonly entry: readonly [{ readonly resource: { readonly entry: readonly { readonly response: { readonly status: string } }[] }; readonly response: { readonly status: string } }]; // prettier-ignore
}

const batch = (count: number): string =>
  JSON.stringify({
    ...{ resourceType: "Bundle", type: "batch" },
    entry: Array.from({ length: count }, () => ({ resource: JSON.parse(documentJson()) as object, request: { method: "POST", url: "Bundle" } })),
  });

/** Has a batch answered later; gives the path at which it is told how it stands. */
async function begin({ url }: Service, body: string): Promise<string> {
  const answer = await fetch(`${url}/fhir`, { method: "POST", headers: { ...FHIR, Prefer: "respond-async" }, body });
  expect(answer.status).toBe(202);
  return new URL(answer.headers.get("content-location") ?? "").pathname;
}

const sizeAt = async ({ url }: Service): Promise<number> => Number((await (await fetch(`${url}/log/checkpoint`)).text()).split("\n")[1]);

async function answerAt({ url }: Service, path: string): Promise<{ readonly status: number; readonly body: Answered }> {
  let answer: Response | undefined;
  await until(async () => {
    answer = await fetch(`${url}${path}`, { headers: FHIR });
    return ![202, 429].includes(answer.status);
  }, 1_000);
  return { status: answer?.status ?? 0, body: (await answer?.json()) as Answered };
}

/** Each document is there by now, whoever entered it. */
function expectAllIn({ entry }: Answered): void {
  const statuses = entry[0].resource.entry.map(({ response }) => response.status.slice(0, 3));
  expect([statuses.length, [...new Set(statuses)].filter((one) => !["200", "201"].includes(one))]).toEqual([DOCUMENTS, []]);
}

function holds(environmentOf: (folder: string) => Promise<Readonly<Record<string, string>>>): void {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let environment: Readonly<Record<string, string>>;
  let service: Service;
  const start = (): Promise<Service> => startService({ dataFolder: join(folder.path, "data"), environment });
  beforeAll(async () => {
    folder = await temporaryFolder();
    environment = await environmentOf(folder.path);
    service = await start();
  });
  afterAll(async () => {
    await service.stop();
    await folder.remove();
  });

  test("killed in the middle, it is finished by another, and nothing is there twice", async () => {
    const before = Math.max(0, (await sizeAt(service)) || 0);
    const path = await begin(service, batch(DOCUMENTS));
    await until(async () => (await sizeAt(service)) > before);
    await service.kill();
    service = await start();
    const { status, body } = await answerAt(service, path);
    expect([status, body.type, body.entry[0].response.status]).toEqual([200, "batch-response", "200 OK"]);
    expectAllIn(body);
    expect(await sizeAt(service)).toBe(before + DOCUMENTS);
  });

  test("stopped in the middle, the next one goes on with it; operators see how it stands, and end one", async () => {
    const before = await sizeAt(service);
    const path = await begin(service, batch(DOCUMENTS));
    await service.stop();
    service = await start();
    const { status, body } = await answerAt(service, path);
    expect(status).toBe(200);
    expectAllIn(body);
    expect(await sizeAt(service)).toBe(before + DOCUMENTS);
    const command = (...args: string[]) => chartulary(args, { DATA_DIR: join(folder.path, "data"), ...environment });
    const lines = (await command("jobs", "list", "--json")).output.trim().split("\n");
    const listed = lines.map((line) => JSON.parse(line) as { readonly name: string; readonly state: string; readonly kind: string });
    expect(listed[0]).toMatchObject({ state: "done", kind: "request" });
    const again = await begin(service, batch(DOCUMENTS));
    const [newest = ""] = (await command("jobs", "list", "--json")).output.split("\n");
    const ended = await command("jobs", "cancel", (JSON.parse(newest) as { readonly name: string }).name.slice(0, 12));
    const end = await answerAt(service, again);
    // It may have been done before anybody could end it.
    expect([ended.code, end.status]).toEqual(end.status === 200 ? [1, 200] : [0, 410]);
  });
}

describe("in a file", () => {
  holds(() => Promise.resolve({}));
});

describeOnMongo("on MongoDB", (server) => {
  holds(async (folder) => {
    const url = newDatabase(server);
    await initialise(url, undefined);
    return { KEYS_DIR: join(folder, "keys"), MONGODB_URL: url };
  });
});
