/** A bulk export on both engines: a service that is killed in the middle leaves what the next one finishes; what comes of it is proved offline by the command line. */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { initialise } from "../../src/adapters/mongo/init.ts";
import { describeOnMongo, newDatabase } from "../adapters/mongo/server.ts";
import { documentJson } from "./documents.ts";
import { until } from "./program.ts";
import { chartulary, startService, temporaryFolder, type Service } from "./support/service.ts";

const FHIR = { "Content-Type": "application/fhir+json", Accept: "application/fhir+json" };
const DOCUMENTS = 60;

interface Manifest {
  readonly output: readonly { readonly type: string; readonly url: string; readonly count: number }[];
  readonly extension: { readonly chartulary: { readonly log: { readonly leaves: { readonly url: string } } } };
}

function holds(environmentOf: (folder: string) => Promise<Readonly<Record<string, string>>>): void {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let environment: Readonly<Record<string, string>>;
  let service: Service;
  const ids: string[] = [];
  // The manifest has absolute addresses: the service that goes on is another one at the same.
  const start = (): Promise<Service> => startService({ dataFolder: join(folder.path, "data"), environment });
  beforeAll(async () => {
    folder = await temporaryFolder();
    environment = await environmentOf(folder.path);
    service = await start();
    for (let number = 0; number < DOCUMENTS; number++) {
      const answer = await fetch(`${service.url}/fhir/Bundle`, { method: "POST", headers: FHIR, body: documentJson({ title: `Letter ${number}` }) });
      expect(answer.status).toBe(201);
      ids.push(answer.headers.get("location")?.split("/").at(-3) ?? "");
    }
  });
  afterAll(async () => {
    await service.stop();
    await folder.remove();
  });

  test("killed in the middle, it is finished by another, and proves that it is whole", async () => {
    const begun = await fetch(`${service.url}/fhir/$export?_type=Bundle,DocumentReference,Patient,Observation`, {
      headers: { ...FHIR, Prefer: "respond-async" },
    });
    expect(begun.status).toBe(202);
    const path = new URL(begun.headers.get("content-location") ?? "").pathname;
    await service.kill();
    service = await start();
    let text = "";
    await until(async () => {
      const answer = await fetch(`${service.url}${path}`);
      if (answer.status !== 200) return false;
      text = await answer.text();
      return true;
    }, 1_000);
    const { output, extension } = JSON.parse(text) as Manifest;
    const files = join(folder.path, "files");
    await mkdir(files);
    const lines: string[] = [];
    for (const { url, type } of [...output, { url: extension.chartulary.log.leaves.url, type: "" }]) {
      const { pathname } = new URL(url);
      const answer = await fetch(`${service.url}${pathname}`);
      const bytes = Buffer.from(await answer.arrayBuffer());
      await writeFile(join(files, pathname.split("/").at(-1) ?? ""), bytes);
      if (type === "Bundle") lines.push(...bytes.toString("utf8").trimEnd().split("\n"));
    }
    // Each document once.
    expect(lines.map((line) => (JSON.parse(line) as { readonly id: string }).id).sort()).toEqual([...ids].sort());
    await writeFile(join(folder.path, "manifest.json"), text);
    await writeFile(join(folder.path, "trust.json"), await (await fetch(`${service.url}/trust.json`)).text());
    const verify = (): ReturnType<typeof chartulary> =>
      chartulary(["verify", "--export", join(folder.path, "manifest.json"), "--trust", join(folder.path, "trust.json"), files]);
    const proven = await verify();
    expect([proven.code, proven.output]).toEqual([0, expect.stringContaining(`all ${DOCUMENTS} that the log holds`)]);
    // What is erased is gone from it, and the proof of what was exported stays with whoever has it.
    const erasing = { DATA_DIR: join(folder.path, "data"), ...environment };
    expect((await chartulary(["erase", ids[0] ?? "", "--reason", "misfiled", "--by", "a test"], erasing)).code).toBe(0);
    const bundles = new URL(output.find(({ type }) => type === "Bundle")?.url ?? "").pathname;
    await until(async () => (await fetch(`${service.url}${bundles}`)).status === 410);
    expect((await verify()).code).toBe(0);
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
