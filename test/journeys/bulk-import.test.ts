/** Imports, on both engines: a service that is killed in the middle leaves what the next one finishes, with every line told once and no document twice. */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { join } from "node:path";
import { initialise } from "../../src/adapters/mongo/init.ts";
import { describeOnMongo, newDatabase } from "../adapters/mongo/server.ts";
import { documentJson } from "./documents.ts";
import { until } from "./program.ts";
import { startService, temporaryFolder, type Service } from "./support/service.ts";

const LINES = 240;
/** One in so many is damaged. */
const DAMAGED = 8;

interface Manifest {
  readonly output: readonly { readonly url: string; readonly count: number }[];
  readonly error: Manifest["output"];
  readonly extension: { readonly inputs: readonly { readonly deposited: number; readonly repeated: number; readonly refused: number }[] };
}

const sizeAt = async ({ url }: Service): Promise<number> => Number((await (await fetch(`${url}/log/checkpoint`)).text()).split("\n")[1]);

async function begin({ url }: Service, lines: readonly string[]): Promise<string> {
  const headers = { "Content-Type": "application/fhir+ndjson", Prefer: "respond-async" };
  const answer = await fetch(`${url}/fhir/$import`, { method: "POST", headers, body: lines.join("\n") });
  expect(answer.status).toBe(202);
  return new URL(answer.headers.get("content-location") ?? "").pathname;
}

async function manifestAt({ url }: Service, path: string): Promise<Manifest> {
  let answer: Response | undefined;
  await until(async () => {
    answer = await fetch(`${url}${path}`);
    return ![202, 429].includes(answer.status);
  }, 1_000);
  expect(answer?.status).toBe(200);
  return (await answer?.json()) as Manifest;
}

async function linesTold({ url }: Service, files: Manifest["output"]): Promise<number[]> {
  const numbers: number[] = [];
  for (const file of files)
    for (const line of (await (await fetch(`${url}${new URL(file.url).pathname}`)).text()).split("\n").filter(Boolean))
      numbers.push(Number(/^line-(\d+)$/.exec((JSON.parse(line) as { id: string }).id)?.[1]));
  return numbers;
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

  test("killed in the middle, again and again, an import comes to its end with an outcome for each line", async () => {
    const isDamaged = (number: number): boolean => number % DAMAGED === 0;
    const lines = Array.from({ length: LINES }, (_, at) => (isDamaged(at + 1) ? `{"damaged": ${at}` : documentJson().replace(/\n\s*/g, "")));
    const sound = lines.length - lines.filter((_, at) => isDamaged(at + 1)).length;
    const path = await begin(service, lines);
    for (const share of [0.1, 0.5]) {
      await until(async () => (await sizeAt(service)) >= sound * share);
      await service.kill();
      service = await start();
    }
    const { output, error, extension } = await manifestAt(service, path);
    const { deposited = 0, repeated = 0, refused } = extension.inputs[0] ?? {};
    expect([deposited + repeated, refused, await sizeAt(service)]).toEqual([sound, LINES - sound, sound]);
    const numbers = lines.map((_, at) => at + 1);
    expect(await linesTold(service, output)).toEqual(numbers.filter((number) => !isDamaged(number)));
    expect(await linesTold(service, error)).toEqual(numbers.filter(isDamaged));
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
